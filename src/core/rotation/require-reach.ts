import type { Thing } from '../things.ts';
import { Halt } from './halt.ts';
import { type Run, recordOf } from './run.ts';

/** Whoever plans ahead does not wait for several tries of each call: one tells. Throws `Halt`. */
export async function requireReach(run: Run, key: Thing<'accessKey'>): Promise<void> {
  const { core, actor } = run.call;
  const { planned, key: id } = recordOf(run);
  if (planned !== true) return;
  const found = { id, value: key };
  if (await core.rotations.reach.isThere(core, run.session, found, actor !== 'daemon')) return;
  throw new Halt('network', 'AWS cannot be reached.');
}
