import { askAdapter } from '../ask-adapter.ts';
import { closeJournal } from '../close-journal.ts';
import { isFault } from '../faults.ts';
import { withEvidence } from '../record.ts';
import { journal, now, type Run, recordOf } from '../run.ts';
import { requireFresh } from './retire.ts';

/** The old key goes for good. Never one whose successor was not verified, or is not the vault's, or is not active. */
export async function deleteOld(run: Run): Promise<void> {
  const { old, fresh } = recordOf(run);
  if (fresh === undefined) throw new Error('there is no successor');
  run.adapter.requireCurrent(run, recordOf(run), fresh.accessKeyId);
  await requireFresh(run);
  await askAdapter(run, (adapter, at) => adapter.remove(at, old.accessKeyId)).catch((error: unknown) => {
    // An earlier try did it, whose answer was lost.
    if (!isFault(error, 'missing')) throw error;
  });
  await journal(run, (record, draft) => {
    draft.removeObject(old.secret.id);
    draft.record('rotation.done', record.keyName, {
      account: record.accountName,
      reason: `${old.accessKeyId} deleted`,
    });
    const next = withEvidence(record, now(run), `${old.accessKeyId} is deleted, and its secret here too.`);
    return closeJournal(next, draft, 'done', now(run));
  });
}
