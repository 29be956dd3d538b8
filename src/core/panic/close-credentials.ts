import type { IamAccessKey, IamSigner } from '../rotation/aws-iam.ts';
import { attempt, type Outcome } from './attempt.ts';
import { userNames } from './credential-aims.ts';
import type { Hand } from './hands.ts';
import { isDeactivation, type PanicRecord, type PanicStepRecord, wasNeverDone } from './record.ts';
import { now, type PanicRun, recordOf, setStep } from './run.ts';
import { attemptStep, fail, isOpen, leave, ownFirst, settle, WANTS_TOUCH, withMfa } from './step.ts';

const NO_ANSWER = 'AWS did not answer, so it was left for another try.';

/** Of `network`, the rest waits for another try. */
type Heard = 'network' | 'settled';
type User = NonNullable<PanicRecord['keys'][number]['user']>;

/** Service passwords and SSH public keys of one account, which work without the access keys of their users. Answers whether AWS does. */
export async function closeCredentials(
  run: PanicRun,
  hands: Hand[],
  { account, only, answers = true }: { account: string; only?: ReadonlySet<string>; answers?: boolean },
): Promise<boolean> {
  const open = (): PanicStepRecord[] =>
    recordOf(run).steps.filter(
      (step) => step.account === account && isOfCredential(step) && isOpen(step) && (only?.has(step.target) ?? true),
    );
  // The keys do not wait for an AWS that does not answer.
  if (answers && (await answersAll(open, (step) => lookAt(run, hands, step)))) {
    if (await answersAll(open, (step) => deactivate(run, hands, step))) return true;
  }
  for (const step of open()) if (step.state !== 'failed') await fail(run, step, NO_ANSWER);
  return false;
}

async function answersAll(
  open: () => readonly PanicStepRecord[],
  ask: (step: PanicStepRecord) => Promise<Heard>,
): Promise<boolean> {
  for (const step of open()) if ((await ask(step)) === 'network') return false;
  return true;
}

export function isOfCredential(step: PanicStepRecord): boolean {
  return isDeactivation(step) && step.credential !== undefined;
}

/** Whose it is: the user of the access key that it is kept with, once AWS has told, of that one or of another that is known to be the same user's. */
export function userOfStep(run: PanicRun, { key, account }: PanicStepRecord): User | undefined {
  const { keys } = recordOf(run);
  const own = keys.find((one) => one.key === key)?.user;
  if (own !== undefined || key === undefined) return own;
  const name = userNames(run.session.things).get(key);
  return keys.find(({ user, account: of }) => of === account && user !== undefined && user.name === name)?.user;
}

/** Makes it inactive in IAM, or active again. */
export function setCredential(
  { call }: PanicRun,
  { act, target: id }: PanicStepRecord,
  { userName, active }: { userName: string; active: boolean },
): (signer: IamSigner) => Promise<void> {
  const iam = call.core.shell.awsIam;
  const which = { userName, id, active };
  return (signer) =>
    act === 'deactivateSshKey' ? iam.setSshKeyActive(signer, which) : iam.setCredentialActive(signer, which);
}

/** As IAM lists it; without `found` where it is not listed, or nobody may look. */
export async function listed(
  run: PanicRun,
  hands: readonly Hand[],
  { step, userName }: { step: PanicStepRecord; userName: string },
): Promise<{ outcome: Outcome; found?: IamAccessKey | undefined }> {
  const iam = run.call.core.shell.awsIam;
  const service = step.credential?.service;
  let seen: IamAccessKey[] = [];
  const outcome = await attempt(run, hands, async (signer) => {
    seen =
      service === undefined
        ? await iam.listSshKeys(signer, userName)
        : await iam.listCredentials(signer, { userName, service });
  });
  return { outcome, found: seen.find(({ accessKeyId }) => accessKeyId === step.target) };
}

/** What is inactive already stays so when the panic is taken back; one that was asked for is this panic’s, though its answer is not known. */
async function lookAt(run: PanicRun, hands: readonly Hand[], step: PanicStepRecord): Promise<Heard> {
  const user = userOfStep(run, step);
  if (user === undefined || !wasNeverDone(step)) return 'settled';
  const { outcome, found } = await listed(run, ownFirst(hands, user.arn), { step, userName: user.name });
  if (found?.active === false)
    await setStep(run, step, { state: 'done', message: 'It was inactive in IAM already.', already: true });
  return !outcome.ok && outcome.why === 'network' ? 'network' : 'settled';
}

async function deactivate(run: PanicRun, hands: Hand[], step: PanicStepRecord): Promise<Heard> {
  const user = userOfStep(run, step);
  if (user === undefined) {
    await (run.quiet === true ? leave(run, step, WANTS_TOUCH) : fail(run, step, 'AWS could not be asked whose it is.'));
    return 'settled';
  }
  const work = setCredential(run, step, { userName: user.name, active: false });
  const usable = ownFirst(hands, user.arn).filter((hand) => hand.user === user.arn || !hand.ownOnly);
  const tried = (more: readonly Hand[]) => attemptStep(run, [...usable, ...more], step, work);
  const outcome = isOfUse(run, user) ? await withMfa(run, hands, user.arn, tried) : await tried([]);
  if (!outcome.ok && outcome.why === 'gone')
    await setStep(run, step, { state: 'done', message: 'It is not in IAM any more.', already: true });
  else await settle(run, step, outcome, { done: 'It is inactive in IAM.' });
  return !outcome.ok && outcome.why === 'network' ? 'network' : 'settled';
}

/**
 * Whether a code of the user's device would lead anywhere: a session of before the cutoff is refused once the denial is attached, and where it could not be attached, a session was asked for already.
 */
function isOfUse(run: PanicRun, { arn }: User): boolean {
  const { cutoff, steps } = recordOf(run);
  const denied = steps.some(({ act, target, state }) => act === 'denyUser' && target === arn && state === 'done');
  return denied && now(run) >= cutoff;
}
