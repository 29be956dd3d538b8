import { Halt } from '../halt.ts';
import { listedKey } from '../listed-key.ts';
import { withEvidence } from '../record.ts';
import { journal, now, type Run, recordOf, userOf } from '../run.ts';

/** Nothing is switched to a key that AWS has not been seen to take, for the same user. */
export async function verify(run: Run): Promise<void> {
  const { fresh } = recordOf(run);
  if (fresh === undefined) throw new Error('there is no new key to verify');
  if (await run.adapter.verify(run)) {
    await journal(run, (record) => ({
      ...withEvidence(record, now(run), `${fresh.accessKeyId} ${run.adapter.verified}.`),
      step: 'switch',
      fresh: { ...fresh, verifiedAt: now(run) },
    }));
    return;
  }
  await requireListed(run, fresh.accessKeyId);
  throw new Halt(
    'unverified',
    `AWS does not take the new ${run.adapter.noun} ${fresh.accessKeyId} yet; the old one stays in use until it does.`,
  );
}

/** It does not work because somebody has taken it away, or switched it off. */
async function requireListed(run: Run, accessKeyId: string): Promise<void> {
  const { name } = userOf(run);
  const listed = await listedKey(run, accessKeyId);
  if (listed?.active === true) return;
  const what = listed === undefined ? 'is not in IAM' : 'is inactive in IAM';
  throw new Halt(
    'changed',
    `The new ${run.adapter.noun} ${accessKeyId} of ${name} ${what}. If it stays so, somebody has changed that: make it active there and resume, or roll back.`,
  );
}
