import { listed, setCredential, userOfStep } from './close-credentials.ts';
import type { Hand } from './hands.ts';
import type { PanicStepRecord } from './record.ts';
import { type PanicRun, setStep } from './run.ts';
import { ownFirst } from './step.ts';
import { undoStep, withMfaOf } from './undo-step.ts';

/**
 * A password or SSH public key that the panic has made inactive is active again, by whichever key may do that. Whether a person did it in the console is what IAM says. `silent`: of some keys AWS said
 * nothing.
 */
export async function activateCredential(
  run: PanicRun,
  hands: Hand[],
  step: PanicStepRecord,
  silent: boolean,
): Promise<void> {
  const user = userOfStep(run, step);
  const usable = hands.filter(({ off }) => !off);
  if (user === undefined || usable.length === 0) {
    const message = silent
      ? 'It could not be taken back: undo once more, and touch the security key if the access key wants one.'
      : `No key of this vault can make ${step.target} active again: make an access key of its user active in the IAM console, then undo once more.`;
    await setStep(run, step, { state: step.state, message });
    return;
  }
  const order = ownFirst(usable, user.arn);
  const work = setCredential(run, step, { userName: user.name, active: true });
  const outcome = await undoStep(run, order, step, work);
  if (outcome.ok || outcome.why !== 'denied') return;
  const { found } = await listed(run, order, { step, userName: user.name });
  if (found?.active === true) {
    await setStep(run, step, { state: 'undone', message: 'It is active in IAM.' });
    return;
  }
  const signed = await withMfaOf(run, usable, user.arn);
  if (signed === undefined) return;
  hands.push(signed);
  await undoStep(run, [signed], step, work);
}
