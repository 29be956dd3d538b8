import { keepPolicy, showToHsm } from '../keep-policy.ts';
import { withEvidence } from '../record.ts';
import { journal, now, type Run } from '../run.ts';

/** From one transaction on, everything that used the old key uses the new one; profiles and clients are the same as before. The old secret stays, for the way back. */
export async function switchOver(run: Run): Promise<void> {
  const { session } = run;
  const next = await journal(run, async (record, draft) => {
    const { fresh, old } = record;
    if (fresh?.verifiedAt === undefined) throw new Error('nothing is switched to a key that was not verified');
    run.adapter.requireCurrent(run, record, old.accessKeyId);
    await keepPolicy(session, draft, old.secret.id, fresh.secret.id);
    const to = { ...fresh, issuedAt: fresh.createdAt };
    const name = run.adapter.swap(run, draft, record, { from: old.accessKeyId, to });
    draft.record('rotation.switch', name, {
      account: record.accountName,
      reason: `${old.accessKeyId} to ${fresh.accessKeyId}`,
    });
    return {
      ...withEvidence(
        record,
        now(run),
        record.credential === undefined
          ? `${name} is ${fresh.accessKeyId} now; its profiles sign with it.`
          : `${name} is ${fresh.accessKeyId} now.`,
      ),
      step: 'retire',
      switchedAt: now(run),
    };
  });
  if (next.fresh !== undefined) await showToHsm(session, next.fresh.secret.id);
}
