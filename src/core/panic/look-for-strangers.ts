import type { IamSigner } from '../rotation/aws-iam.ts';
import { addListed } from './add-spare-keys.ts';
import { attempt, type Outcome } from './attempt.ts';
import type { Hand } from './hands.ts';
import { type PanicRecord, type StrangerKind, wasNeverDone } from './record.ts';
import { journal, type PanicRun, recordOf, setStep } from './run.ts';
import { isOpen, ownFirst } from './step.ts';
import { NO_ANSWER } from './stranger-words.ts';

interface User {
  account: string;
  name: string;
  arn: string;
}

interface Listed {
  accessKeyId: string;
  active: boolean;
  service?: string;
}

/** What came of a listing; `failure` is the end of a sentence. */
interface Looked {
  kind: StrangerKind;
  seen: Listed[];
  failure?: string;
}

/** Which keys the users have: some may be off already, and some are not in this vault. Answers whether AWS does. */
export async function lookAtKeys(run: PanicRun, hands: readonly Hand[], account: string): Promise<boolean> {
  let answers = true;
  for (const user of usersOf(run, account)) {
    const looked = await lookAt(run, hands, user, 'accessKey');
    answers &&= looked.failure !== NO_ANSWER;
    await learn(run, user, [looked]);
    for (const step of recordOf(run).steps.filter((one) => one.act === 'deactivate' && isOpen(one))) {
      const off = looked.seen.some(({ accessKeyId, active }) => accessKeyId === step.target && !active);
      // One that was asked for is this panic’s, though its answer is not known.
      if (off && wasNeverDone(step))
        await setStep(run, step, { state: 'done', message: 'It was inactive in IAM already.', already: true });
    }
  }
  return answers;
}

/** Which passwords and SSH public keys they have besides. Answers those of the vault that no step was for, and whether AWS does. The keys do not wait for an AWS that does not answer, so nothing more is asked of one. */
export async function lookAtCredentials(
  run: PanicRun,
  hands: readonly Hand[],
  { account, answers }: { account: string; answers: boolean },
): Promise<{ added: ReadonlySet<string>; answers: boolean }> {
  let silent = !answers;
  const added = new Set<string>();
  // What a step makes of a key that AWS does not take is not decided here.
  const asking = hands.map((hand) => ({ ...hand }));
  for (const user of usersOf(run, account)) {
    const looked: Looked[] = [];
    for (const kind of ['password', 'sshKey'] as const) {
      const one = silent ? { kind, seen: [], failure: NO_ANSWER } : await lookAt(run, asking, user, kind);
      silent ||= one.failure === NO_ANSWER;
      looked.push(one);
    }
    const active = looked.flatMap(({ seen }) => seen.filter((one) => one.active));
    // First, so that whatever comes in between, a step that is not done is left.
    for (const id of await addListed(run, user, new Set(active.map(({ accessKeyId }) => accessKeyId)))) added.add(id);
    await learn(run, user, looked);
  }
  return { added, answers: !silent };
}

function usersOf(run: PanicRun, account: string): User[] {
  const users = new Map<string, User>();
  for (const { account: of, user } of recordOf(run).keys) {
    if (of === account && user !== undefined) users.set(user.arn, { account, ...user });
  }
  return [...users.values()];
}

async function lookAt(run: PanicRun, hands: readonly Hand[], user: User, kind: StrangerKind): Promise<Looked> {
  const iam = run.call.core.shell.awsIam;
  const list = {
    accessKey: (signer: IamSigner) => iam.listAccessKeys(signer, user.name),
    password: (signer: IamSigner) => iam.listAllCredentials(signer, user.name),
    sshKey: (signer: IamSigner) => iam.listSshKeys(signer, user.name),
  }[kind];
  let seen: Listed[] = [];
  const outcome = await attempt(run, ownFirst(hands, user.arn), async (signer) => {
    seen = await list(signer);
  });
  const failure = failureOf(outcome);
  return { kind, seen, ...(failure === undefined ? {} : { failure }) };
}

function failureOf(outcome: Outcome): string | undefined {
  if (outcome.ok) return undefined;
  switch (outcome.why) {
    case 'gone':
      // The user is, and with it everything of theirs.
      return undefined;
    case 'denied':
      return 'nobody here may list them';
    case 'network':
      return NO_ANSWER;
    case 'touch':
      return 'listing them wants a touch of a security key';
    case 'nobody':
      return 'no credentials of this vault work in the account any more';
    case 'refused':
      return `AWS does not list them (${outcome.message.replace(/\.$/, '')})`;
  }
}

/** Writes who has what that this vault does not have. That AWS has told once counts: afterwards the keys may be off that could ask again. */
async function learn(run: PanicRun, { account, name: user }: User, looked: readonly Looked[]): Promise<void> {
  const ours = idsOf(run);
  await journal(run, (record) => {
    let { strangers, lookups = [] } = record;
    for (const { kind, seen, failure } of looked) {
      const isSame = (one: { account?: string | undefined; user: string; kind?: StrangerKind | undefined }): boolean =>
        one.account === account && one.user === user && one.kind === kind;
      if (failure !== undefined) {
        // Another try follows, with the keys that want a touch.
        if (run.quiet === true || lookups.some((one) => isSame(one) && one.failure === undefined)) continue;
        lookups = [...lookups.filter((one) => !isSame(one)), { account, user, kind, failure }];
        continue;
      }
      const active = seen.filter((one) => one.active && !ours.has(one.accessKeyId));
      const known = strangers.filter(
        (one) => !isSame(one) && !active.some(({ accessKeyId }) => accessKeyId === one.accessKeyId),
      );
      strangers = [
        ...known,
        ...active.map(({ accessKeyId, service }) => ({
          ...{ account, user, kind, accessKeyId },
          ...(service === undefined ? {} : { service }),
        })),
      ];
      lookups = [...lookups.filter((one) => !isSame(one)), { account, user, kind }];
    }
    return { ...record, strangers, lookups };
  });
}

/** By which IAM knows what is in this vault, or is being made for it. */
function idsOf(run: PanicRun): ReadonlySet<string> {
  const { things } = run.session;
  const steps: PanicRecord['steps'] = recordOf(run).steps;
  return new Set([
    ...things.all('accessKey').map(({ value }) => value.accessKeyId),
    ...things.all('credential').flatMap(({ value }) => (value.type === 'smtp' ? [] : (value.credentialId ?? []))),
    ...things
      .all('rotation')
      .flatMap(({ value: { old, fresh } }) => [old.accessKeyId, fresh?.accessKeyId ?? []].flat()),
    ...steps.map(({ target }) => target),
  ]);
}
