import { keepPolicy, showToHsm } from '../keep-policy.ts';
import { withEvidence } from '../record.ts';
import { requireCurrent } from '../require-current.ts';
import { journal, now, type Run } from '../run.ts';

/** From one transaction on, everything that used the old key uses the new one; profiles and clients are the same as before. The old secret stays, for the way back. */
export async function switchOver(run: Run): Promise<void> {
  const { session } = run;
  const next = await journal(run, async (record, draft) => {
    const { fresh, old } = record;
    if (fresh?.verifiedAt === undefined) throw new Error('nothing is switched to a key that was not verified');
    const { issuedAt: _of, lastUsedAt, ...value } = requireCurrent(run, record, old.accessKeyId);
    await keepPolicy(session, draft, old.secret.id, fresh.secret.id);
    draft.put('accessKey', record.key, {
      ...value,
      accessKeyId: fresh.accessKeyId,
      secret: fresh.secret,
      issuedAt: fresh.createdAt,
      ...(lastUsedAt === undefined ? {} : { lastUsedAt }),
    });
    draft.record('rotation.switch', value.name, {
      account: record.accountName,
      reason: `${old.accessKeyId} to ${fresh.accessKeyId}`,
    });
    return {
      ...withEvidence(record, now(run), `${value.name} is ${fresh.accessKeyId} now; its profiles sign with it.`),
      step: 'retire',
      switchedAt: now(run),
    };
  });
  if (next.fresh !== undefined) await showToHsm(session, next.fresh.secret.id);
}
