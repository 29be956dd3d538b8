import { rotationUnderWay } from '../rotation/rotations-of-key.ts';
import type { Things } from '../things.ts';
import { userOfStep } from './close-credentials.ts';
import { aimsAt, type CredentialAim, credentialAims } from './credential-aims.ts';
import { MARGIN_MS, type PanicRecord, type PanicStepRecord, sameStep } from './record.ts';
import { journal, type PanicRun, recordOf } from './run.ts';
import { isOpen } from './step.ts';

/** Keys, passwords and SSH keys that were being made while the panic began. Answers whether there are any. */
export function addSpareKeys(run: PanicRun): Promise<boolean> {
  const { things } = run.session;
  return addSteps(run, (record) => [
    ...record.keys.flatMap(({ key, name: keyName, account }) =>
      keysOfRotation(things, key).map((target) => ({ act: 'deactivate' as const, target, account, key, keyName })),
    ),
    ...credentialsOf(run, record),
  ]);
}

/** Passwords and SSH keys that are kept with other keys of the users, once AWS has told who they are. */
export async function addCredentials(run: PanicRun, account: string): Promise<void> {
  await addSteps(run, (record) => credentialsOf(run, record).filter((aim) => aim.account === account));
}

/**
 * Of what IAM lists as active for a user, passwords and SSH keys that the vault has: it may not know that the key that they are kept with is one of the same user. Answers the ids that have a step
 * since.
 */
export async function addListed(
  run: PanicRun,
  user: { account: string; arn: string },
  active: ReadonlySet<string>,
): Promise<ReadonlySet<string>> {
  const { things } = run.session;
  const { account } = user;
  const own = recordOf(run).keys.find((one) => one.account === account && one.user?.arn === user.arn);
  if (own === undefined) return new Set();
  const of = { account, key: own.key, keyName: own.name };
  const isLost = (step: PanicStepRecord): boolean =>
    isOpen(step) && step.account === account && active.has(step.target) && userOfStep(run, step) === undefined;
  // Whose they are is known by their listing, where AWS does not take the key that they are kept with.
  const lost = recordOf(run).steps.filter((step) => step.credential !== undefined && isLost(step));
  if (lost.length > 0) {
    await journal(run, (record) => ({
      ...record,
      steps: record.steps.map((step) => (lost.some((one) => sameStep(one, step)) ? { ...step, ...of } : step)),
    }));
  }
  const listed = (record: PanicRecord) =>
    things
      .all('credential')
      .filter(({ value }) => value.createdAt <= record.cutoff - MARGIN_MS)
      .flatMap((found) => aimsAt(things, found))
      .filter(({ target }) => active.has(target))
      .map((aim) => ({ ...aim, ...of }));
  const before = recordOf(run).steps;
  await addSteps(run, listed);
  const added = recordOf(run).steps.filter((step) => !before.some((one) => sameStep(one, step)));
  return new Set([...lost, ...added].map(({ target }) => target));
}

function credentialsOf({ session }: PanicRun, { keys, cutoff }: PanicRecord): CredentialAim[] {
  // What a person has made since, with a key that was put to use again or left out, is none of this panic’s.
  return credentialAims(session.things, keys, cutoff - MARGIN_MS);
}

async function addSteps(
  run: PanicRun,
  wanted: (record: PanicRecord) => Omit<PanicStepRecord, 'accountName' | 'state'>[],
): Promise<boolean> {
  const missing = (record: PanicRecord): PanicStepRecord[] =>
    wanted(record)
      .filter((step) => !record.steps.some((one) => sameStep(one, step)))
      .map((step) => ({ ...step, accountName: accountNameOf(run, step), state: 'todo' }));
  if (missing(recordOf(run)).length === 0) return false;
  await journal(run, (record) => ({ ...record, steps: [...record.steps, ...missing(record)] }));
  return true;
}

/** Of an account that was removed since, the key's. */
function accountNameOf(
  { session }: PanicRun,
  { account, keyName }: Pick<PanicStepRecord, 'account' | 'keyName'>,
): string {
  return session.things.get('account', account)?.name ?? keyName ?? account;
}

/** Both keys of a rotation that is under way. */
export function keysOfRotation(things: Things, key: string): string[] {
  const rotation = rotationUnderWay(things, key)?.value;
  if (rotation === undefined) return [];
  const { old, fresh } = rotation;
  return [old.accessKeyId, ...(fresh === undefined ? [] : [fresh.accessKeyId])];
}
