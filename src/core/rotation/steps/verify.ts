import { isFault } from '../faults.ts';
import { Halt } from '../halt.ts';
import { listedKey } from '../listed-key.ts';
import { patiently } from '../patience.ts';
import { withEvidence } from '../record.ts';
import { freshSigner, journal, now, type Run, recordOf, rest, userOf } from '../run.ts';
import { worksAs } from '../works-as.ts';

/** Nothing is switched to a key that AWS has not been seen to take, for the same user. */
export async function verify(run: Run): Promise<void> {
  const { fresh } = recordOf(run);
  if (fresh === undefined) throw new Error('there is no new key to verify');
  const { clock } = run.call.core.ports;
  if (await worksAs(run, () => freshSigner(run))) {
    // Once more: one of AWS's servers knows it, and the next one may not.
    await rest(run, 1000);
    const again = await patiently(clock, () => run.iam.whoAmI(freshSigner(run))).catch((error: unknown) => {
      if (isFault(error, 'badKey')) return null;
      throw error;
    });
    if (again !== null) {
      await journal(run, (record) => ({
        ...withEvidence(record, now(run), `${fresh.accessKeyId} works, for the same user.`),
        step: 'switch',
        fresh: { ...fresh, verifiedAt: now(run) },
      }));
      return;
    }
  }
  await requireListed(run, fresh.accessKeyId);
  throw new Halt(
    'unverified',
    `AWS does not take the new key ${fresh.accessKeyId} yet; the old one stays in use until it does.`,
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
    `The new key ${accessKeyId} of ${name} ${what}. If it stays so, somebody has changed that: make it active there and resume, or roll back.`,
  );
}
