import type { IamSigner } from '../rotation/aws-iam.ts';
import { isHomeless } from '../rotation/region-of.ts';
import type { Outcome } from './attempt.ts';
import { closeCredentials } from './close-credentials.ts';
import { DENY_POLICY, denyOlderThan } from './deny-older.ts';
import type { Hand } from './hands.ts';
import { nameOf } from './identity.ts';
import { lookAtCredentials, lookAtKeys } from './look-for-strangers.ts';
import { type PanicStepRecord, wasNeverDone } from './record.ts';
import { type PanicRun, recordOf, setStep } from './run.ts';
import { addSession, attemptStep, fail, isOpen, leave, ownFirst, settle, WANTS_TOUCH, withMfa } from './step.ts';

const REFUSED = 'Sessions from before the cutoff are refused.';

/** The AWS of one partition knows no key of another. */
export const HOMELESS =
  'AWS does not know it where it was asked: if its account is in AWS China or AWS GovCloud, give the account a profile with a region there.';

type Tried = 'settled' | 'denied';

/**
 * The steps of one account, in the order in which the credentials that do the work are of use longest: roles and users refuse their older sessions while the keys still work; then
 * each key is switched off by another one where one may, and last of all by itself.
 */
export async function closeAccount(run: PanicRun, account: string, hands: Hand[]): Promise<void> {
  const open = (act: PanicStepRecord['act']): PanicStepRecord[] =>
    recordOf(run).steps.filter((step) => step.account === account && step.act === act && isOpen(step));
  for (const step of open('denyRole')) await denyRole(run, hands, step);
  const postponed: PanicStepRecord[] = [];
  for (const step of open('denyUser')) {
    if ((await denyUser(run, hands, step, 'keys')) === 'denied') postponed.push(step);
  }
  // Before the keys: whoever may switch off a key may switch off these, and the other way round it would be late.
  const heard = await closeCredentials(run, hands, { account });
  const answers = (await lookAtKeys(run, hands, account)) && heard;
  for (const step of open('deactivate')) await deactivate(run, hands, step, 'others');
  // While there is still a key that can ask.
  const looked = await lookAtCredentials(run, hands, { account, answers });
  // Kept with another key of the same user, as only the listing could tell.
  if (looked.added.size > 0)
    await closeCredentials(run, hands, { account, only: looked.added, answers: looked.answers });
  for (const step of open('deactivate')) await deactivate(run, hands, step, 'own');
  // With sessions, which are of no use for anything once they are refused themselves.
  const own: PanicStepRecord[] = [];
  for (const step of postponed) if ((await denyUser(run, hands, step, 'others')) === 'denied') own.push(step);
  for (const step of own) await denyUser(run, hands, step, 'all');
}

async function denyRole(run: PanicRun, hands: readonly Hand[], step: PanicStepRecord): Promise<void> {
  // Its own session ends with it.
  const own = hands.filter(({ role }) => role === step.target);
  const order = [...hands.filter((hand) => !own.includes(hand)), ...own];
  const { cutoff } = recordOf(run);
  const outcome = await attemptStep(run, order, step, (signer) => deny(run, signer, { kind: 'role', step, cutoff }));
  if (outcome.ok) letGo(own);
  await settle(run, step, outcome, { done: REFUSED, cutoff });
}

/** Sessions are of no use once they are refused. */
function letGo(hands: readonly Hand[]): void {
  for (const hand of hands) if (hand.session) hand.off = true;
}

async function denyUser(
  run: PanicRun,
  hands: Hand[],
  step: PanicStepRecord,
  by: 'keys' | 'others' | 'all',
): Promise<Tried> {
  const usable = hands.filter(
    ({ session, user }) => by === 'all' || !session || (by === 'others' && user !== step.target),
  );
  const { cutoff } = recordOf(run);
  const outcome = await attemptStep(run, ownFirst(usable, step.target), step, (signer) =>
    deny(run, signer, { kind: 'user', step, cutoff }),
  );
  if (by !== 'all' && !outcome.ok && (outcome.why === 'denied' || outcome.why === 'nobody')) {
    // As long as its key is active: the session outlives that.
    if (by === 'keys') await addSession(run, hands, step.target);
    return 'denied';
  }
  if (outcome.ok) letGo(hands.filter(({ user }) => user === step.target));
  await settle(run, step, outcome, { done: REFUSED, cutoff });
  return 'settled';
}

function deny(
  run: PanicRun,
  signer: IamSigner,
  { kind, step, cutoff }: { kind: 'user' | 'role'; step: PanicStepRecord; cutoff: number },
): Promise<void> {
  const policy = { kind, owner: nameOf(step.target), policyName: DENY_POLICY, document: denyOlderThan(cutoff) };
  return run.call.core.shell.awsRevoke.putPolicy(signer, policy);
}

/** By others: what they may not do is left for the key itself. */
async function deactivate(run: PanicRun, hands: Hand[], step: PanicStepRecord, by: 'others' | 'own'): Promise<void> {
  const user = recordOf(run).keys.find(({ key }) => key === step.key)?.user;
  if (user === undefined) {
    if (by === 'own') await settleUnknown(run, hands, step);
    return;
  }
  const key = { userName: user.name, accessKeyId: step.target, active: false };
  const work = (signer: IamSigner): Promise<void> => run.call.core.shell.awsIam.setActive(signer, key);
  const others = ownFirst(hands, user.arn).filter(
    (hand) => hand.accessKeyId !== step.target && !hand.off && (hand.user === user.arn || !hand.ownOnly),
  );
  if (by === 'others') {
    if (others.length === 0) return;
    const outcome = await attemptStep(run, others, step, work);
    if (!outcome.ok && outcome.why === 'denied') {
      for (const hand of others) if (hand.user !== user.arn) hand.ownOnly = true;
      await leave(run, step, step.message);
      return;
    }
    await settleKey(run, hands, step, outcome);
    return;
  }
  const own = hands.filter((hand) => hand.accessKeyId === step.target || hand.user === user.arn);
  const outcome = await withMfa(run, hands, user.arn, (more) => attemptStep(run, [...own, ...more], step, work));
  await settleKey(run, hands, step, outcome);
}

async function settleKey(
  run: PanicRun,
  hands: readonly Hand[],
  step: PanicStepRecord,
  outcome: Outcome,
): Promise<void> {
  if (!outcome.ok && outcome.why === 'nobody') return settleUnknown(run, hands, step, outcome.unsure);
  const gone = !outcome.ok && outcome.why === 'gone';
  if (outcome.ok || gone) {
    for (const hand of hands) if (hand.accessKeyId === step.target) hand.off = true;
  }
  if (gone) await setStep(run, step, { state: 'done', message: 'It is not in IAM any more.', already: true });
  else await settle(run, step, outcome, { done: 'It is inactive in IAM.' });
}

/** A key that AWS does not take is off, whoever did that. */
async function settleUnknown(
  run: PanicRun,
  hands: readonly Hand[],
  step: PanicStepRecord,
  unsure = false,
): Promise<void> {
  const own = hands.find(({ accessKeyId }) => accessKeyId === step.target);
  if (run.quiet === true && own?.off !== true) return leave(run, step, WANTS_TOUCH);
  if (own?.off === true && isHomeless(run.session, step.account)) {
    await fail(run, step, HOMELESS);
    return;
  }
  if (own?.off === true) {
    await setStep(run, step, {
      state: 'done',
      message: 'AWS takes it no more: it is inactive or deleted.',
      // Once it was asked for, it may have been this panic that did it.
      ...(!unsure && wasNeverDone(step) ? { already: true as const } : {}),
    });
    return;
  }
  const message =
    own === undefined
      ? 'It was disabled in the vault before, so nothing was signed with it, and nobody else here may switch it off.'
      : 'AWS could not be asked whose key it is.';
  await fail(run, step, message);
}
