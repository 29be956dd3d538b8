import type { Draft } from '../draft.ts';
import type { Session } from '../session.ts';

/** What was said of one secret's use, its gate above all, holds for the other that takes its place: it may have been changed since that was made. */
export async function keepPolicy(session: Session, draft: Draft, from: string, to: string): Promise<void> {
  const before = await session.hsm.call('objectInfo', { key: session.objectRef(from) });
  const after = await session.hsm.call('objectInfo', { key: session.objectRef(to) });
  const { policy } = before.attributes;
  if (JSON.stringify(policy) === JSON.stringify(after.attributes.policy)) return;
  const { version, blob } = await session.hsm.call('updateObject', { key: session.objectRef(to), policy });
  draft.putObject(to, version, blob);
}

/** From then on the HSM takes no older version of it. */
export async function showToHsm(session: Session, object: string): Promise<void> {
  await session.hsm.call('objectInfo', { key: session.objectRef(object) });
}
