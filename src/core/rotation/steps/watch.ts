import { requireUnused } from '../last-use.ts';
import { withEvidence } from '../record.ts';
import { journal, now, type Run, recordOf } from '../run.ts';
import { LOOK_EVERY_MS } from './retire.ts';

/** Whether the time has come to look at the old key. */
export function isWatchDue(run: Run): boolean {
  return now(run) >= (recordOf(run).lookAt ?? 0);
}

/** While it is switched off: AWS tells of uses late, and those that it refuses show that somebody misses it. */
export async function watch(run: Run): Promise<void> {
  await requireUnused(run, 'delete');
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
