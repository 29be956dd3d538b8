import { USER_ARN } from '../rotation/user-arn.ts';
import { addCredentials } from './add-spare-keys.ts';
import { attempt } from './attempt.ts';
import { type Hand, handsOf } from './hands.ts';
import { newestUser, roleOfSession } from './identity.ts';
import { type PanicRecord, type PanicStepRecord, sameStep } from './record.ts';
import { journal, type PanicRun, recordOf } from './run.ts';

/** Whose the keys are: their users get a step of their own. */
export async function identify(run: PanicRun, account: string, known: ReadonlySet<string>): Promise<Hand[]> {
  const hands = handsOf(run, account).map((hand) => ({ ...hand, off: known.has(hand.accessKeyId) }));
  const { keys, sessions } = recordOf(run);
  // Side by side: each may take as long as an AWS that does not answer.
  await Promise.all([
    ...keys.filter((one) => one.account === account).map((one) => identifyKey(run, hands, one)),
    ...sessions.filter((one) => one.account === account).map((one) => identifySession(run, hands, one)),
  ]);
  await addCredentials(run, account);
  // Whose they are is known now, and which AWS does not take.
  const off = new Set(hands.flatMap((hand) => (hand.off ? [hand.accessKeyId] : [])));
  return handsOf(run, account).map((hand) => ({ ...hand, off: off.has(hand.accessKeyId) }));
}

async function identifyKey(
  run: PanicRun,
  hands: readonly Hand[],
  { key, user }: PanicRecord['keys'][number],
): Promise<void> {
  const known = user ?? newestUser(run.session.things, key);
  if (known !== undefined) return learn(run, key, known);
  const arn = await whoIs(
    run,
    hands.filter((hand) => hand.key === key),
  );
  const name = USER_ARN.exec(arn ?? '')?.[1];
  if (arn !== undefined && name !== undefined) await learn(run, key, { name, arn });
  const role = roleOfSession(arn);
  if (role !== undefined) await addStep(run, { ...stepOf(run, key), act: 'denyRole', target: role });
}

/** Of a sign-in elsewhere, or of a program: neither has said whose it is. */
async function identifySession(
  run: PanicRun,
  hands: readonly Hand[],
  { accessKeyId, account, key, role: known }: PanicRecord['sessions'][number],
): Promise<void> {
  if (known !== undefined || key !== undefined) return;
  const arn = await whoIs(
    run,
    hands.filter((hand) => hand.accessKeyId === accessKeyId),
  );
  const role = roleOfSession(arn);
  const accountName = run.session.things.get('account', account)?.name;
  if (arn === undefined || accountName === undefined) return;
  const of = { account, accountName, state: 'todo' } as const;
  if (role === undefined) {
    if (USER_ARN.test(arn)) await addStep(run, { ...of, act: 'denyUser', target: arn });
    return;
  }
  await journal(run, (record) => ({
    ...record,
    sessions: record.sessions.map((one) => (one.accessKeyId === accessKeyId ? { ...one, role } : one)),
  }));
  await addStep(run, { ...of, act: 'denyRole', target: role });
}

async function whoIs(run: PanicRun, hands: readonly Hand[]): Promise<string | undefined> {
  let arn: string | undefined;
  await attempt(run, hands, async (signer) => {
    arn = (await run.call.core.shell.awsIam.whoAmI(signer)).arn;
  });
  return arn;
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
