import { KeyholdError } from '../../contract/errors.ts';
import type { IamSigner } from '../rotation/aws-iam.ts';
import { isHomeless, regionOfAccount } from '../rotation/region-of.ts';
import { activateCredential } from './activate-credential.ts';
import { attempt, type Outcome, Over } from './attempt.ts';
import { HOMELESS } from './close-account.ts';
import { isOfCredential } from './close-credentials.ts';
import { DENY_POLICY } from './deny-older.ts';
import { type Hand, handsOf, makeHand } from './hands.ts';
import { nameOf } from './identity.ts';
import { isDeactivation, type PanicStepRecord, wasNeverDone } from './record.ts';
import { type PanicRun, recordOf, setStep } from './run.ts';
import { enableAgain, isTakenBack } from './switch-on.ts';
import { undoStep, withMfaOf } from './undo-step.ts';

/**
 * Takes back what can be taken back with the credentials of this vault: a key that is inactive cannot make itself active, so that takes another one of the account, or the IAM console.
 * May be done again once somebody has done that.
 */
export async function undoPanic(run: PanicRun): Promise<void> {
  const accounts = new Set(recordOf(run).steps.map(({ account }) => account));
  await Promise.all(
    [...accounts].map(async (account) => {
      try {
        await openAccount(run, account);
      } catch (error) {
        if (!(error instanceof Over) && !run.over && !run.session.closed) throw error;
      }
    }),
  );
  await enableAgain(run);
}

async function openAccount(run: PanicRun, account: string): Promise<void> {
  const hands = handsOf(run, account).filter(({ session }) => !session);
  const all = (): PanicStepRecord[] =>
    recordOf(run).steps.filter((step) => step.account === account && !isTakenBack(step));
  const left = (act: PanicStepRecord['act']): PanicStepRecord[] => all().filter((step) => step.act === act);
  for (const step of all().filter(isDeactivation)) {
    // What it found switched off, never reached or was not allowed is not its to switch on: a person may have made it inactive since, as the report says.
    if (step.already === true) await setStep(run, step, { state: 'undone', message: 'It is as it was before.' });
    else if (wasNeverDone(step))
      await setStep(run, step, {
        state: 'undone',
        message: 'The panic did not make it inactive, so it stays as it is.',
      });
  }
  // Which of them work: somebody may have made one active in the console.
  const silent = await askWhoAnswers(run, hands);
  const answered = hands.filter(({ accessKeyId }) => !silent.has(accessKeyId));
  if ([...silent.values()].includes('network')) {
    const message = 'AWS could not be reached, so it was not taken back: undo once more.';
    for (const step of all()) await setStep(run, step, { state: step.state, message });
    return;
  }
  for (let before = -1; before !== left('deactivate').length; ) {
    before = left('deactivate').length;
    for (const step of left('deactivate')) await activate(run, { answered, silent }, step);
  }
  // With the keys that are active again.
  for (const step of all().filter(isOfCredential)) await activateCredential(run, answered, step, silent.size > 0);
  for (const act of ['denyUser', 'denyRole'] as const) {
    for (const step of left(act)) {
      if (wasNeverDone(step)) await setStep(run, step, { state: 'undone', message: 'It was not attached.' });
      else await lift(run, answered, step);
    }
  }
}

type Silent = ReadonlyMap<string, (Outcome & { ok: false })['why']>;

/** Which of them are active is what AWS says. Answers those of which it said nothing: no touch, or something on the way that spoke in its place. */
async function askWhoAnswers(run: PanicRun, hands: readonly Hand[]): Promise<Silent> {
  const silent = new Map<string, (Outcome & { ok: false })['why']>();
  for (const hand of hands) {
    const outcome = await attempt(run, [hand], async (signer) => {
      await run.call.core.shell.awsIam.whoAmI(signer);
    });
    if (!outcome.ok && !hand.off) silent.set(hand.accessKeyId, outcome.why);
    if (!outcome.ok && outcome.why === 'network') break;
  }
  return silent;
}

async function activate(
  run: PanicRun,
  { answered, silent }: { answered: readonly Hand[]; silent: Silent },
  step: PanicStepRecord,
): Promise<void> {
  const own = answered.filter(({ accessKeyId }) => accessKeyId === step.target);
  if (own.some(({ off }) => !off)) {
    await setStep(run, step, { state: 'undone', message: 'It is active in IAM.' });
    return;
  }
  const user = recordOf(run).keys.find(({ key }) => key === step.key)?.user;
  const others = answered.filter(({ off }) => !off);
  if (user === undefined || others.length === 0) {
    const message = silent.has(step.target) ? couldNotBeAsked(step) : byHand(run, step, own);
    await setStep(run, step, { state: step.state, message });
    return;
  }
  const key = { userName: user.name, accessKeyId: step.target, active: true };
  const outcome = await undoStep(run, others, step, (signer) => run.call.core.shell.awsIam.setActive(signer, key));
  for (const hand of own) if (outcome.ok) hand.off = false;
}

function couldNotBeAsked({ target }: PanicStepRecord): string {
  return `AWS could not be asked whether ${target} is active, so it stays off here: undo once more, and touch the security key if it wants one.`;
}

function byHand({ session }: PanicRun, { target, account }: PanicStepRecord, own: readonly Hand[]): string {
  if (own.length > 0 && isHomeless(session, account)) return HOMELESS;
  return `No key of this vault can make ${target} active again: do it in the IAM console, then undo once more.`;
}

async function lift(run: PanicRun, hands: Hand[], step: PanicStepRecord): Promise<void> {
  const kind = step.act === 'denyUser' ? 'user' : 'role';
  const policy = { kind, owner: nameOf(step.target), policyName: DENY_POLICY } as const;
  const work = (signer: IamSigner): Promise<void> => run.call.core.shell.awsRevoke.deletePolicy(signer, policy);
  const usable = hands.filter(({ off }) => !off);
  const first = await undoStep(run, usable, step, work);
  if (first.ok || first.why === 'gone' || (first.why !== 'denied' && first.why !== 'nobody')) return;
  const signed = kind === 'role' ? await asRole(run, step) : await withMfaOf(run, usable, step.target);
  if (signed === undefined) return;
  hands.push(signed);
  await undoStep(run, [signed], step, work);
}

/** A session of the role itself, from after the panic: its keys are in use again by then, or there is none. */
async function asRole(run: PanicRun, { account, target }: PanicStepRecord): Promise<Hand | undefined> {
  const { session } = run;
  await enableAgain(run);
  const profile = session.things.all('profile').find(({ value }) => value.role?.arn === target);
  if (profile === undefined) return undefined;
  try {
    await session.broker.credentials(profile.id);
  } catch (error) {
    // The step says what it lacks.
    if (error instanceof KeyholdError) return undefined;
    throw error;
  }
  const held = session.things.sessionOf(profile.id)?.value;
  if (held === undefined) return undefined;
  return { ...makeHand(session, account, regionOfAccount(session, account), held), role: target };
}
