import type { Draft } from '../draft.ts';
import type { Session } from '../session.ts';
import { sealSession } from '../sessions/seal-session.ts';
import type { AwsIam } from './aws-iam.ts';

export type OpenedSession = Awaited<ReturnType<AwsIam['sessionWithMfa']>>;

/** Drafts the objects of a session that a key has opened: what that key may be used for, and with whose touch, holds for the session too. The bytes stay the caller's to wipe. */
export async function importSession(
  session: Session,
  draft: Draft,
  opened: OpenedSession,
  { like, at }: { like: string; at: number },
): Promise<{ secret: { id: string }; token: { id: string } }> {
  const { policy } = (await session.hsm.call('objectInfo', { key: session.objectRef(like) })).attributes;
  const { secret, token } = await sealSession(session, { ...opened, obtainedAt: at }, 'sign', policy);
  if (token === undefined) throw new Error('what MFA has opened is a session');
  draft.putObject(secret.attributes.id, 1, secret.blob);
  draft.putObject(token.attributes.id, 1, token.blob);
  return { secret: { id: secret.attributes.id }, token: { id: token.attributes.id } };
}
