import { askAdapter } from '../ask-adapter.ts';
import { closeJournal } from '../close-journal.ts';
import { isFault } from '../faults.ts';
import { Halt } from '../halt.ts';
import { keepPolicy, showToHsm } from '../keep-policy.ts';
import { listedKey } from '../listed-key.ts';
import { withEvidence } from '../record.ts';
import { journal, now, type Run, recordOf } from '../run.ts';
import { settleLost } from '../settle-lost.ts';

/** The old key is active again, and seen to work, before anything goes back to it. */
export async function reactivate(run: Run): Promise<void> {
  const { old } = recordOf(run);
  const gone = await askAdapter(run, (adapter, at) => adapter.setActive(at, old.accessKeyId, true)).then(
    () => false,
    async (error: unknown) => {
      if (isFault(error, 'missing')) return true;
      // The new key is gone; what it would have to do may not be necessary.
      if (isFault(error, 'badKey') && (await run.adapter.worksAgain(run))) return false;
      throw error;
    },
  );
  if (gone) {
    // There is nothing to go back to, and the new key works: that is where it ends.
    await journal(run, (record) => ({
      ...withEvidence(record, now(run), `${old.accessKeyId} is deleted already: it cannot be taken back any more.`),
      step: 'delete',
    }));
    return;
  }
  if (!(await run.adapter.worksAgain(run))) {
    throw new Halt(
      'unverified',
      `AWS does not take ${old.accessKeyId} again yet; the new ${run.adapter.noun} stays in use until it does.`,
    );
  }
  await journal(run, (record) => ({
    ...withEvidence(record, now(run), `${old.accessKeyId} is active again, and works.`),
    step: 'return',
  }));
}

/** From one transaction on, the vault uses the old key again. */
export async function goBack(run: Run): Promise<void> {
  const { session } = run;
  const next = await journal(
    run,
    async ({ switchedAt: _before, quarantineUntil: _none, lookAt: _never, ...record }, draft) => {
      const { old, fresh } = record;
      if (fresh !== undefined) await keepPolicy(session, draft, fresh.secret.id, old.secret.id);
      const from = fresh?.accessKeyId ?? old.accessKeyId;
      const name = run.adapter.swap(run, draft, record, { from, to: { ...old, issuedAt: old.issuedAt } });
      draft.record('rotation.return', name, { account: record.accountName, reason: `to ${old.accessKeyId}` });
      return { ...withEvidence(record, now(run), `${name} is ${old.accessKeyId} again.`), step: 'discard' };
    },
  );
  await showToHsm(session, next.old.secret.id);
}

/** The new key goes, and one that was made without its secret having arrived. */
export async function discard(run: Run): Promise<void> {
  if (recordOf(run).creating !== undefined) await discardLost(run);
  const { fresh, prepared } = recordOf(run);
  if (fresh !== undefined) await removeUpstream(run, fresh.accessKeyId);
  await journal(run, (record, draft) => {
    for (const made of [fresh, prepared]) if (made !== undefined) draft.removeObject(made.secret.id);
    draft.record('rotation.rollback', record.keyName, { account: record.accountName });
    const text =
      fresh === undefined ? 'Nothing had been made.' : `${fresh.accessKeyId} is deleted, and its secret here too.`;
    return closeJournal(withEvidence(record, now(run), text), draft, 'rolledBack', now(run));
  });
}

async function discardLost(run: Run): Promise<void> {
  const { adapter } = run;
  if (adapter.found === undefined) {
    await settleLost(run);
    return;
  }
  const found = await adapter.found(run);
  if (found !== null) await removeUpstream(run, found.id);
}

async function removeUpstream(run: Run, id: string): Promise<void> {
  await askAdapter(run, (adapter, at) => adapter.remove(at, id)).catch(async (error: unknown) => {
    // Of the user, or at an endpoint that knows neither: then it may well be there.
    if (!isFault(error, 'missing') || (await listedKey(run, id)) !== undefined) throw error;
  });
}
