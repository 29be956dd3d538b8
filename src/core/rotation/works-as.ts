import type { IamSigner } from './aws-iam.ts';
import { isFault } from './faults.ts';
import { Halt } from './halt.ts';
import { patiently } from './patience.ts';
import { type Run, rest, userOf } from './run.ts';

/** IAM tells its servers of a change within seconds, as a rule. In ms; about two minutes in all. */
const WAITS: readonly number[] = [1000, 2000, 4000, 8000, 15_000, 30_000, 45_000];

/** Whether AWS takes a key for the rotation's user, given time to hear of it. Throws `Halt` when it is another user's. */
export async function worksAs(run: Run, signer: () => IamSigner): Promise<boolean> {
  const { clock } = run.call.core.ports;
  const user = userOf(run);
  for (const wait of [...WAITS, null]) {
    try {
      const { arn } = await patiently(clock, () => run.iam.whoAmI(signer()));
      if (arn === user.arn) return true;
      throw new Halt('refused', `AWS takes the key for ${arn}, not for ${user.arn}. Roll back, and look at it in IAM.`);
    } catch (error) {
      if (!isFault(error, 'badKey')) throw error;
    }
    if (wait !== null) await rest(run, wait);
  }
  return false;
}
