import { onNobodysBehalf } from '../gates/touch-call.ts';
import { attempt, Over } from './attempt.ts';
import { closeAccount } from './close-account.ts';
import { type Hand, handsOf, wantsTouch } from './hands.ts';
import { newestUser, roleOfSession, USER_ARN } from './identity.ts';
import type { PanicRecord, PanicStepRecord } from './record.ts';
import { sameStep } from './record.ts';
import { journal, type PanicRun, quietly, recordOf } from './run.ts';

/** Everything that is still to be done at AWS, accounts side by side. What fails stays in the record, with why; so does what was not reached when the time is over. */
export async function tellAws(run: PanicRun): Promise<void> {
  const accounts = new Set([
    ...recordOf(run).steps.map(({ account }) => account),
    ...recordOf(run).keys.map(({ account }) => account),
  ]);
  await Promise.all(
    [...accounts].map(async (account) => {
      try {
        await tellAccount(run, account);
      } catch (error) {
        if (error instanceof Over || run.over || run.session.closed) return;
        run.call.core.ports.log.error('a panic could not be carried out', { error });
        await giveUp(run, account);
      }
    }),
  );
}

/** First with what wants no touch: one that nobody gives would use up the time for all other keys of the account. */
async function tellAccount(run: PanicRun, account: string): Promise<void> {
  const off = new Set<string>();
  if (handsOf(run, account).some((hand) => wantsTouch(run, hand))) {
    const quiet = quietly(run);
    await onNobodysBehalf(async () => {
      const hands = await identify(quiet, account, off);
      await closeAccount(quiet, account, hands);
      for (const hand of hands) if (hand.off) off.add(hand.accessKeyId);
    });
  }
  await closeAccount(run, account, await identify(run, account, off));
}

/** A defect of ours is none of the steps that are left undone for it: they say so. */
async function giveUp(run: PanicRun, account: string): Promise<void> {
  const message = 'Something went wrong inside Keyhold; the daemon log has the details. Do it in the IAM console.';
  await journal(run, (record) => ({
    ...record,
    steps: record.steps.map((step) =>
      step.account === account && (step.state === 'todo' || step.state === 'asked')
        ? { ...step, state: 'failed', message }
        : step,
    ),
  }));
}

/** Whose the keys are: their users get a step of their own. */
async function identify(run: PanicRun, account: string, known: ReadonlySet<string>): Promise<Hand[]> {
  const hands = handsOf(run, account).map((hand) => ({ ...hand, off: known.has(hand.accessKeyId) }));
  const keys = recordOf(run).keys.filter((one) => one.account === account);
  // Side by side: each may take as long as an AWS that does not answer.
  await Promise.all(
    keys.map(async ({ key, user }) => {
      const known = user ?? newestUser(run.session.things, key);
      if (known !== undefined) return learn(run, key, known);
      const own = hands.filter((hand) => hand.key === key);
      let arn: string | undefined;
      await attempt(run, own, async (signer) => {
        arn = (await run.call.core.shell.awsIam.whoAmI(signer)).arn;
      });
      const name = USER_ARN.exec(arn ?? '')?.[1];
      if (arn !== undefined && name !== undefined) await learn(run, key, { name, arn });
      const role = roleOfSession(arn);
      if (role !== undefined) await addStep(run, { ...stepOf(run, key), act: 'denyRole', target: role });
    }),
  );
  // Whose they are is known now, and which AWS does not take.
  const off = new Set(hands.flatMap((hand) => (hand.off ? [hand.accessKeyId] : [])));
  return handsOf(run, account).map((hand) => ({ ...hand, off: off.has(hand.accessKeyId) }));
}

async function learn(
  run: PanicRun,
  key: string,
  user: NonNullable<PanicRecord['keys'][number]['user']>,
): Promise<void> {
  if (recordOf(run).keys.some((one) => one.key === key && one.user === undefined)) {
    await journal(run, (record) => ({
      ...record,
      keys: record.keys.map((one) => (one.key === key ? { ...one, user } : one)),
    }));
  }
  await addStep(run, { ...stepOf(run, key), act: 'denyUser', target: user.arn });
}

function stepOf(run: PanicRun, key: string): Omit<PanicStepRecord, 'act' | 'target'> {
  const aim = recordOf(run).keys.find((one) => one.key === key);
  if (aim === undefined) throw new Error('the key is none of the panic’s');
  const accountName = run.session.things.get('account', aim.account)?.name ?? aim.name;
  return { account: aim.account, accountName, key, keyName: aim.name, state: 'todo' };
}

async function addStep(run: PanicRun, step: PanicStepRecord): Promise<void> {
  if (recordOf(run).steps.some((one) => sameStep(one, step))) return;
  await journal(run, (record) =>
    // Two keys of one user may be found out about at the same time.
    record.steps.some((one) => sameStep(one, step)) ? record : { ...record, steps: [...record.steps, step] },
  );
}
