import type { PlannedKey, PlannedProfile } from '../client/import/plan.ts';
import { fold } from '../client/import/vault-name.ts';
import type { Account } from '../contract/schemas.ts';
import { accountId } from './arguments.ts';
import type { Cli } from './cli.ts';
import { usageError } from './errors.ts';

export interface AccountOptions {
  account?: string;
  accountId?: string;
  yes?: boolean;
}

/** An account that has to be made first. */
export interface NewAccount {
  name: string;
  accountId: string;
  endpointUrl?: string | undefined;
}

export interface Chosen {
  /** Account name by planned key's name. */
  byKey: Map<string, string>;
  /** Account name by planned profile's name, of profiles with a role. */
  byProfile: Map<string, string>;
  create: NewAccount[];
}

/** Finds or asks which account each key belongs to. Nothing is asked of AWS. Throws `InvalidInput` when nobody can be asked. */
export async function chooseAccounts(
  cli: Cli,
  keys: readonly PlannedKey[],
  accounts: readonly Account[],
  options: AccountOptions,
): Promise<Chosen> {
  const chosen: Chosen = { byKey: new Map(), byProfile: new Map(), create: [] };
  for (const key of keys) {
    chosen.byKey.set(key.name, await accountFor(cli, key, accounts, chosen.create, options));
  }
  return chosen;
}

/** The accounts of roles, whose ids their ARNs say: one that is there or is made anyway, and else one called after the profile. */
export function chooseRoleAccounts(
  chosen: Chosen,
  profiles: readonly PlannedProfile[],
  accounts: readonly Account[],
): void {
  for (const { name, accountId, endpointUrl } of profiles) {
    if (accountId === undefined) continue;
    const remote: readonly NewAccount[] = [...accounts.filter(({ kind }) => kind === 'remote'), ...chosen.create];
    const there = remote.find((one) => one.accountId === accountId && one.endpointUrl === endpointUrl);
    const account = there?.name ?? freeName(name, accountId, [...accounts, ...chosen.create]);
    chosen.byProfile.set(name, account);
    if (there !== undefined) continue;
    chosen.create.push({ name: account, accountId, ...(endpointUrl === undefined ? {} : { endpointUrl }) });
  }
}

/** The first of these that no account has: the profile's name, one with the id, one with a number. */
function freeName(profile: string, id: string, known: readonly { name: string }[]): string {
  const taken = new Set(known.map(({ name }) => fold(name)));
  const numbered = Array.from({ length: known.length }, (_, index) => `aws-${id}-${index + 2}`);
  return [profile, `aws-${id}`, ...numbered].find((name) => !taken.has(fold(name))) ?? profile;
}

async function accountFor(
  cli: Cli,
  key: PlannedKey,
  accounts: readonly Account[],
  create: NewAccount[],
  options: AccountOptions,
): Promise<string> {
  const known: readonly NewAccount[] = [...accounts, ...create];
  const named = options.account === undefined ? undefined : known.find((one) => one.name === options.account);
  if (named !== undefined) {
    if (options.accountId !== undefined && options.accountId !== named.accountId) {
      throw usageError(`The account "${named.name}" has the id ${named.accountId}, not ${options.accountId}.`);
    }
    return named.name;
  }
  const id = options.accountId ?? (await askId(cli, key, options));
  const remote: readonly NewAccount[] = [...accounts.filter(({ kind }) => kind === 'remote'), ...create];
  const there = remote.find((one) => one.accountId === id && one.endpointUrl === key.endpointUrl);
  if (there !== undefined && options.account === undefined) return there.name;
  const name = options.account ?? (await askName(cli, key, id, known, options));
  const made: NewAccount = {
    name,
    accountId: id,
    ...(key.endpointUrl === undefined ? {} : { endpointUrl: key.endpointUrl }),
  };
  create.push(made);
  return made.name;
}

async function askId(cli: Cli, key: PlannedKey, options: AccountOptions): Promise<string> {
  if (options.yes === true && key.accountId !== undefined) return key.accountId;
  const person = options.yes === true ? null : cli.terminal();
  if (person === null) {
    throw usageError(
      `The account of ${key.key.accessKeyId} (profile ${key.name}) is not known. Give --account or --account-id.`,
    );
  }
  for (;;) {
    const preset = key.accountId === undefined ? '' : ` [${key.accountId}]`;
    const typed = await person.ask(`Account id of ${key.key.accessKeyId} (profile ${key.name})${preset}: `);
    try {
      return accountId(typed === '' && key.accountId !== undefined ? key.accountId : typed);
    } catch (error) {
      person.say(`${error instanceof Error ? error.message : ''}\n`);
    }
  }
}

async function askName(
  cli: Cli,
  key: PlannedKey,
  id: string,
  known: readonly NewAccount[],
  options: AccountOptions,
): Promise<string> {
  const taken = (name: string): boolean => known.some((one) => one.name.toLowerCase() === name.toLowerCase());
  const preset = taken(key.name) ? `aws-${id}` : key.name;
  const person = options.yes === true ? null : cli.terminal();
  if (person === null) return preset;
  for (;;) {
    const typed = (await person.ask(`Name for the account ${id} [${preset}]: `)) || preset;
    if (!taken(typed)) return typed;
    person.say(`There is an account called ${typed} already.\n`);
  }
}
