import { Halt } from '../halt.ts';
import { requireUnused } from '../last-use.ts';
import { listKeys } from '../listed-key.ts';
import { confirmedAt, withEvidence } from '../record.ts';
import { journal, now, type Run, recordOf } from '../run.ts';
import { LOOK_EVERY_MS } from './retire.ts';

/** Whether the time has come to look at the old key. */
export function isWatchDue(run: Run): boolean {
  return now(run) >= (recordOf(run).lookAt ?? 0);
}

/** While it is switched off: AWS tells of uses late, and those that it refuses show that somebody misses it. */
export async function watch(run: Run): Promise<void> {
  await requireUnused(run, 'delete');
  await requireSwitchedOff(run);
  await journal(run, (record) => {
    const at = now(run);
    const until = record.quarantineUntil ?? at;
    if (at < until) return { ...record, lookAt: Math.min(until, at + LOOK_EVERY_MS) };
    return {
      ...withEvidence(record, at, 'The quarantine is over, and nobody else has used the old key.'),
      step: 'delete',
    };
  });
}

/** IAM’s lists are behind for seconds; after that, an old key that is active has been made so by somebody. */
const SETTLED_MS = 60_000;

async function requireSwitchedOff(run: Run): Promise<void> {
  const { old, quarantineUntil = 0, quarantineSeconds } = recordOf(run);
  const offSince = quarantineUntil - quarantineSeconds * 1000;
  const agreedAt = confirmedAt(recordOf(run), 'usedElsewhere');
  if (now(run) < offSince + SETTLED_MS || (agreedAt !== undefined && agreedAt > offSince)) return;
  const listed = (await listKeys(run)).find(({ accessKeyId }) => accessKeyId === old.accessKeyId);
  if (listed?.active !== true) return;
  throw new Halt(
    'usedElsewhere',
    `${old.accessKeyId} was made active again in IAM, not by this vault: somebody needs it. Ask who, then confirm to delete it all the same, or roll back.`,
  );
}
