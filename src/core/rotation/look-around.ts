import type { Clock } from '../ports.ts';
import { instant } from '../views.ts';
import { accessKeyAdapter } from './adapters/access-key.ts';
import type { Adapter } from './adapters/adapter.ts';
import { ifAllowed } from './as-user.ts';
import type { AwsIam, IamAccessKey, IamSigner, LastUsed } from './aws-iam.ts';
import { isFault } from './faults.ts';
import { Halt } from './halt.ts';
import { missingPermission } from './halt-of.ts';
import { patiently, unlessDone } from './patience.ts';
import { USER_ARN } from './user-arn.ts';

/** What a preflight has to ask with. */
export interface Lookout {
  clock: Clock;
  iam: AwsIam;
  accountId: string;
  accessKeyId: string;
  /** Nothing here says which partition of AWS the account is in. */
  homeless: boolean;
  /** Signs with the key itself, anew for each call. */
  direct(): IamSigner;
  /** With MFA where AWS asks for that and it can be had. */
  asUser<T>(work: (signer: IamSigner) => Promise<T>): Promise<T>;
  /** The same, but nobody is signed in for this alone. */
  asBefore<T>(work: (signer: IamSigner) => Promise<T>): Promise<T>;
  /** Whether a use at that time may have been one by this vault. */
  isOwnUse(at: number): boolean;
  /** Once the user is known: whether what follows is asked with MFA. */
  withMfa(user: IamUserName): boolean;
}

export interface IamUserName {
  name: string;
  arn: string;
}

/** An access key of the user; `lastUsed` is null where AWS does not say. */
export interface SeenKey extends IamAccessKey {
  lastUsed: LastUsed | null;
}

export interface Sights {
  user: IamUserName;
  keys: SeenKey[];
  /** AWS saw the key used then, but not by this vault. */
  usedElsewhereAt?: number;
  notes: string[];
}

const COUNTS: Readonly<Record<number, string>> = { 2: 'two', 5: 'five' };

/** When AWS saw the key last, before this has signed anything with it. Undefined where that is not to be known. */
export async function firstGlance({ clock, iam, accessKeyId, direct }: Lookout): Promise<LastUsed | undefined> {
  try {
    return await patiently(clock, () => iam.lastUsed(direct(), accessKeyId));
  } catch (error) {
    // Whatever is wrong with the key or its user is told by what follows.
    if (isFault(error, 'denied', 'badKey', 'missing', 'other', 'expired')) return undefined;
    throw error;
  }
}

/** Who the key is. Throws `Halt` for one that is not a user's. */
export async function whoIs(
  lookout: Pick<Lookout, 'clock' | 'iam' | 'accountId' | 'accessKeyId' | 'direct' | 'homeless'>,
): Promise<IamUserName> {
  const { clock, iam, accessKeyId, accountId } = lookout;
  const { arn, accountId: account } = await patiently(clock, () => iam.whoAmI(lookout.direct())).catch(
    (error: unknown) => {
      if (!isFault(error, 'badKey')) throw error;
      const elsewhere = lookout.homeless
        ? ' If its account is in AWS China or AWS GovCloud, give it a profile with a region there, and begin again.'
        : '';
      throw new Halt(
        'badKey',
        `AWS does not take ${accessKeyId}: it is inactive or deleted. Import a key that works.${elsewhere}`,
      );
    },
  );
  const name = USER_ARN.exec(arn)?.[1];
  if (account !== accountId) {
    throw new Halt(
      'refused',
      `${accessKeyId} belongs to the account ${account}, not to ${accountId}. Import it for that account.`,
    );
  }
  if (name !== undefined) return { name, arn };
  throw new Halt('refused', `${accessKeyId} belongs to ${arn}, which is no IAM user. Only keys of users are rotated.`);
}

/** Everything that can be known before a rotation begins, without changing anything. Throws `Halt` for what is in its way. */
export async function lookAround(lookout: Lookout, user: IamUserName, glance?: LastUsed): Promise<Sights> {
  const { clock, iam, accessKeyId } = lookout;
  const ask = <T>(work: (signer: IamSigner) => Promise<T>): Promise<T> =>
    lookout.asUser((signer) => patiently(clock, () => work(signer)));
  const listed = await ask((signer) => iam.listAccessKeys(signer, user.name));
  const keys: SeenKey[] = [];
  for (const key of listed) {
    keys.push({ ...key, lastUsed: await ifAllowed(() => ask((signer) => iam.lastUsed(signer, key.accessKeyId))) });
  }
  const own = keys.find((key) => key.accessKeyId === accessKeyId);
  if (own === undefined) {
    throw new Halt('changed', `AWS lists no key ${accessKeyId} for ${user.name}. Look in IAM who has deleted it.`);
  }
  if (keys.length >= accessKeyAdapter.most) throw quotaFull(user, keys, accessKeyId, accessKeyAdapter);
  const notes: string[] = [];
  const last = own.lastUsed;
  if (last === null) {
    notes.push(
      'AWS does not say when the key was last used (iam:GetAccessKeyLastUsed is missing), so the rotation will ask before it switches the old key off.',
    );
  }
  const usedElsewhereAt = [glance?.at, last?.at].find((at) => at !== undefined && !lookout.isOwnUse(at));
  if (usedElsewhereAt !== undefined) {
    notes.push(
      `AWS saw the key used at ${instant(usedElsewhereAt)}, and not by this vault: another machine has it too. The rotation will ask before it switches the old key off.`,
    );
  }
  notes.push(...(await mayDoIt(lookout, user, accessKeyAdapter)));
  return { user, keys, notes, ...(usedElsewhereAt === undefined ? {} : { usedElsewhereAt }) };
}

/** By simulation, where the user may do that. Its refusal is a note; one of the operations that it says would be refused is in the way. */
export async function mayDoIt(
  lookout: Lookout,
  user: IamUserName,
  { noun, needed }: Pick<Adapter, 'noun' | 'needed'>,
): Promise<string[]> {
  const { clock, iam } = lookout;
  const asked = { userArn: user.arn, actions: needed, mfa: lookout.withMfa(user) };
  const simulated = await lookout
    .asBefore((signer) => unlessDone(clock, () => iam.simulate(signer, asked)))
    .catch((error: unknown) => {
      // Where it does not exist, as in other stores' IAM, it is no loss either.
      if (isFault(error, 'denied', 'other', 'missing', 'server', 'slow') || error instanceof Halt) return null;
      throw error;
    });
  if (simulated === null) {
    return [
      `Whether the user may create and delete its ${noun}s could not be simulated (iam:SimulatePrincipalPolicy).`,
    ];
  }
  const missing = simulated.filter(({ allowed, uncertain }) => !allowed && !uncertain).map(({ action }) => action);
  if (missing.length > 0) throw missingPermission(user.name, missing);
  const unclear = simulated.filter(({ allowed }) => !allowed).map(({ action }) => action);
  return unclear.length === 0 ? [] : [`AWS does not say for sure that the user may do ${unclear.join(', ')}.`];
}

export function quotaFull(
  user: IamUserName,
  keys: readonly SeenKey[],
  accessKeyId: string,
  { noun, most }: Pick<Adapter, 'noun' | 'most'>,
): Halt {
  const others = keys.filter((key) => key.accessKeyId !== accessKeyId);
  const words = keys.map(
    (key) =>
      `${key.accessKeyId} (${key.active ? 'active' : 'inactive'}, ${lastUsedWords(key.lastUsed)}${key.accessKeyId === accessKeyId ? ', the one of this vault' : ''})`,
  );
  const [idle] = others.filter((key) => !key.active || (key.lastUsed !== null && key.lastUsed.at === undefined));
  const advice =
    idle === undefined
      ? 'Find out who uses the other one'
      : `${idle.accessKeyId} looks unused; delete it in IAM if nobody needs it`;
  return new Halt(
    'quota',
    `${user.name} has ${COUNTS[most] ?? most} ${noun}s already: ${words.join(' and ')}. ${advice}, then begin again.`,
  );
}

function lastUsedWords(last: LastUsed | null): string {
  if (last === null) return 'last use unknown';
  return last.at === undefined ? 'never used' : `last used ${instant(last.at)}`;
}
