import type { IamSigner } from '../rotation/aws-iam.ts';
import { instant } from '../views.ts';
import { attempt, type Outcome } from './attempt.ts';
import type { Hand } from './hands.ts';
import type { PanicStepRecord } from './record.ts';
import { type PanicRun, recordOf, setStep } from './run.ts';
import { signIn } from './sign-in.ts';

export const WANTS_TOUCH = 'What could do it wants a touch of a security key.';

export function isOpen({ state }: PanicStepRecord): boolean {
  return state === 'todo' || state === 'asked' || state === 'failed';
}

export function fail(run: PanicRun, step: PanicStepRecord, message: string): Promise<void> {
  return setStep(run, step, { state: 'failed', message, ...(step.state === 'asked' ? { unsure: true as const } : {}) });
}

/** Once more with MFA where nobody may, and the vault has a device of the user. */
export async function withMfa(
  run: PanicRun,
  hands: Hand[],
  user: string,
  work: (more: Hand[]) => Promise<Outcome>,
): Promise<Outcome> {
  const outcome = await work([]);
  if (outcome.ok || outcome.why !== 'denied') return outcome;
  const signed = await addSession(run, hands, user);
  return signed === undefined ? outcome : work([signed]);
}

export async function addSession(run: PanicRun, hands: Hand[], user: string): Promise<Hand | undefined> {
  const key = hands.find((hand) => hand.user === user && hand.key !== undefined && !hand.off);
  const signed = key === undefined ? undefined : await signIn(run, key);
  if (signed !== undefined) hands.push(signed);
  return signed;
}

export function ownFirst(hands: readonly Hand[], user: string): Hand[] {
  return [...hands.filter((hand) => hand.user === user), ...hands.filter((hand) => hand.user !== user)];
}

/** That it is asked is written before, so that a report is true whatever happens in between. */
export async function attemptStep(
  run: PanicRun,
  hands: readonly Hand[],
  step: PanicStepRecord,
  work: (signer: IamSigner) => Promise<void>,
): Promise<Outcome> {
  if (hands.some(({ off }) => !off)) await setStep(run, step, { state: 'asked' });
  const outcome = await attempt(run, hands, work);
  // What is said of it last does not tell: the call that had no answer may have done it.
  if (!outcome.ok && outcome.unsure === true) await setStep(run, step, { state: 'asked', unsure: true });
  return outcome;
}

/** As it was before it was tried: nothing was done, and another try follows. */
export function leave(run: PanicRun, step: PanicStepRecord, message: string | undefined): Promise<void> {
  return setStep(run, step, { state: step.state, message });
}

/** `cutoff`: of what was asked for. */
export async function settle(
  run: PanicRun,
  step: PanicStepRecord,
  outcome: Outcome,
  { done, cutoff }: { done: string; cutoff?: number },
): Promise<void> {
  if (run.quiet === true && !outcome.ok && (outcome.why === 'denied' || outcome.why === 'nobody'))
    return leave(run, step, outcome.why === 'denied' ? outcome.message : WANTS_TOUCH);
  if (outcome.ok) {
    // A panic on top of this one wants more than was asked for.
    const state = cutoff !== undefined && cutoff < recordOf(run).cutoff ? 'todo' : 'done';
    await setStep(run, step, { state, message: done, ...(cutoff === undefined ? {} : { upTo: cutoff }) });
    return;
  }
  const before = step.upTo === undefined ? '' : ` Those from before ${instant(step.upTo)} are refused.`;
  const unsure = outcome.why === 'network' || step.state === 'asked';
  await setStep(run, step, {
    ...{ state: 'failed', message: `${outcome.message}${before}` },
    ...(unsure ? { unsure: true as const } : {}),
  });
}
