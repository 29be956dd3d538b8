import type { IamSigner } from '../rotation/aws-iam.ts';
import { attempt, type Outcome } from './attempt.ts';
import type { Hand } from './hands.ts';
import type { PanicStepRecord } from './record.ts';
import { type PanicRun, setStep } from './run.ts';
import { signIn } from './sign-in.ts';

/** That it is asked is written before. What does not come about is as it was, with why; what may have come about stays under way, so that a panic on top of this one asks for it anew. */
export async function undoStep(
  run: PanicRun,
  hands: readonly Hand[],
  step: PanicStepRecord,
  work: (signer: IamSigner) => Promise<void>,
): Promise<Outcome> {
  if (hands.length > 0) await setStep(run, step, { state: 'undoing' });
  const outcome = await attempt(run, hands, work);
  if (outcome.ok || outcome.why === 'gone') await setStep(run, step, { state: 'undone', message: 'It is taken back.' });
  else {
    const mayBe = outcome.unsure === true || outcome.why === 'network';
    const message = `It could not be taken back. ${outcome.message}`;
    await setStep(run, step, { state: mayBe ? 'undoing' : step.state, message });
  }
  return outcome;
}

/** A session of the user with a code of the vault’s device, where a usable key of that user and a device are there. */
export async function withMfaOf(run: PanicRun, hands: readonly Hand[], user: string): Promise<Hand | undefined> {
  const key = hands.find((hand) => hand.user === user && hand.key !== undefined);
  return key === undefined ? undefined : signIn(run, key);
}
