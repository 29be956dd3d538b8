import { askAdapter } from '../ask-adapter.ts';
import { isFault } from '../faults.ts';
import { Halt } from '../halt.ts';
import { requireUnused } from '../last-use.ts';
import { listedKey } from '../listed-key.ts';
import { withEvidence } from '../record.ts';
import { journal, now, type Run, recordOf } from '../run.ts';

export const LOOK_EVERY_MS = 3_600_000;

/** The old key is switched off, which can be undone, unless somebody else has been seen to use it. */
export async function retire(run: Run): Promise<void> {
  const { old } = recordOf(run);
  await requireFresh(run);
  await requireUnused(run, 'switch off');
  const gone = await askAdapter(run, (adapter, at) => adapter.setActive(at, old.accessKeyId, false)).then(
    () => false,
    (error: unknown) => {
      if (isFault(error, 'missing')) return true;
      throw error;
    },
  );
  await journal(run, (record) => {
    const at = now(run);
    const until = at + record.quarantineSeconds * 1000;
    const text = gone
      ? `${old.accessKeyId} was deleted by somebody else meanwhile.`
      : run.adapter.lastUsed === null
        ? `${old.accessKeyId} is switched off until it is deleted.`
        : `${old.accessKeyId} is switched off, and watched until it is deleted.`;
    const next = withEvidence(record, at, text);
    if (gone) return { ...next, step: 'delete' };
    return { ...next, step: 'watch', quarantineUntil: until, lookAt: Math.min(until, at + LOOK_EVERY_MS) };
  });
}

/** The last look before anything is taken away: the vault's key has to be one that IAM has, and active. */
export async function requireFresh(run: Run): Promise<void> {
  const { fresh } = recordOf(run);
  if (fresh?.verifiedAt === undefined) throw new Error('a key was not verified');
  const listed = await listedKey(run, fresh.accessKeyId);
  if (listed?.active !== true) {
    const what = listed === undefined ? 'is gone from' : 'was switched off in';
    throw new Halt(
      'changed',
      `The ${run.adapter.noun} ${fresh.accessKeyId}, which the vault uses now, ${what} IAM. The old one is not touched: put that right and resume, or roll back.`,
    );
  }
}
