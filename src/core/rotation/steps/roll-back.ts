import { askAsUser } from '../as-user.ts';
import { closeJournal } from '../close-journal.ts';
import { isFault } from '../faults.ts';
import { Halt } from '../halt.ts';
import { keepPolicy, showToHsm } from '../keep-policy.ts';
import { listedKey } from '../listed-key.ts';
import { withEvidence } from '../record.ts';
import { requireCurrent } from '../require-current.ts';
import { journal, now, oldSigner, type Run, recordOf, userOf } from '../run.ts';
import { settleLost } from '../settle-lost.ts';
import { worksAs } from '../works-as.ts';

/** The old key is active again, and seen to work, before anything goes back to it. */
export async function reactivate(run: Run): Promise<void> {
  const { old } = recordOf(run);
  const key = { userName: userOf(run).name, accessKeyId: old.accessKeyId, active: true };
  const gone = await askAsUser(run, (signer) => run.iam.setActive(signer, key)).then(
    () => false,
    async (error: unknown) => {
      if (isFault(error, 'missing')) return true;
      // The new key is gone; what it would have to do may not be necessary.
      if (isFault(error, 'badKey') && (await worksAs(run, () => oldSigner(run)))) return false;
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
  if (!(await worksAs(run, () => oldSigner(run)))) {
    throw new Halt(
      'unverified',
      `AWS does not take ${old.accessKeyId} again yet; the new key stays in use until it does.`,
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
      const { issuedAt: _of, ...value } = requireCurrent(run, record, fresh?.accessKeyId ?? old.accessKeyId);
      draft.put('accessKey', record.key, {
        ...value,
        accessKeyId: old.accessKeyId,
        secret: old.secret,
        ...(old.issuedAt === undefined ? {} : { issuedAt: old.issuedAt }),
      });
      draft.record('rotation.return', value.name, { account: record.accountName, reason: `to ${old.accessKeyId}` });
      return { ...withEvidence(record, now(run), `${value.name} is ${old.accessKeyId} again.`), step: 'discard' };
    },
  );
  await showToHsm(session, next.old.secret.id);
}

/** The new key goes, and one that was made without its secret having arrived. */
export async function discard(run: Run): Promise<void> {
  if (recordOf(run).creating !== undefined) await settleLost(run);
  const { fresh } = recordOf(run);
  if (fresh !== undefined) {
    const key = { userName: userOf(run).name, accessKeyId: fresh.accessKeyId };
    await askAsUser(run, (signer) => run.iam.deleteAccessKey(signer, key)).catch(async (error: unknown) => {
      // Of the user, or at an endpoint that knows neither: then it may well be there.
      if (!isFault(error, 'missing') || (await listedKey(run, fresh.accessKeyId)) !== undefined) throw error;
    });
  }
  await journal(run, (record, draft) => {
    if (fresh !== undefined) draft.removeObject(fresh.secret.id);
    draft.record('rotation.rollback', record.keyName, { account: record.accountName });
    const text =
      fresh === undefined ? 'Nothing had been made.' : `${fresh.accessKeyId} is deleted, and its secret here too.`;
    return closeJournal(withEvidence(record, now(run), text), draft, 'rolledBack', now(run));
  });
}
