import { KeyholdError } from '../../contract/errors.ts';
import type { Found, Thing, ThingKind, Things } from '../things.ts';

/** The kinds of records that an account's file can hold, in its order. What a record refers to comes before it. */
export const ACCOUNT_KINDS = [
  'account',
  'profile',
  'client',
  'kmsKeyStore',
  'kmsKey',
  'kmsAlias',
  'kmsGrant',
  'iamUser',
  'iamMfaDevice',
] as const satisfies readonly ThingKind[];
export type AccountKind = (typeof ACCOUNT_KINDS)[number];

/** A record and the HSM objects that are its own. */
export type AccountRecord = {
  [K in AccountKind]: { kind: K; id: string; value: Thing<K>; objects: string[] };
}[AccountKind];

/**
 * All that belongs to a local account. Left out: keys for one run (exec, env, credential-process), which end with a program on this machine. A key store goes along
 * disconnected and without its credential: its token or proxy stays where it is, and what opens that is no key of the account.
 */
export function* accountRecords(things: Things, account: Found<'account'>): Generator<AccountRecord> {
  yield { kind: 'account', ...account, objects: account.value.naming === undefined ? [] : [account.value.naming.id] };
  const profiles = things.all('profile').filter(({ value }) => value.account === account.id);
  for (const one of profiles) yield { kind: 'profile', ...one, objects: [] };
  const profileIds = new Set(profiles.map(({ id }) => id));
  for (const one of things.all('client')) {
    if (one.value.purpose !== 'tool' || !profileIds.has(one.value.profile)) continue;
    yield { kind: 'client', ...one, objects: [one.value.secret.id] };
  }
  for (const { id, value } of ofAccount(things.all('kmsKeyStore'), account.id)) {
    const { connectionError: _, ...store } = value;
    yield { kind: 'kmsKeyStore', id, value: { ...store, connected: false }, objects: [] };
  }
  // The keys of a multi-Region key share their material.
  const taken = new Set<string>();
  for (const one of ofAccount(things.all('kmsKey'), account.id)) {
    const objects = objectsOfKey(one.value).filter((id) => !taken.has(id));
    for (const id of objects) taken.add(id);
    yield { kind: 'kmsKey', ...one, objects };
  }
  for (const one of ofAccount(things.all('kmsAlias'), account.id)) yield { kind: 'kmsAlias', ...one, objects: [] };
  for (const one of ofAccount(things.all('kmsGrant'), account.id)) yield { kind: 'kmsGrant', ...one, objects: [] };
  for (const one of ofAccount(things.all('iamUser'), account.id)) yield { kind: 'iamUser', ...one, objects: [] };
  for (const one of ofAccount(things.all('iamMfaDevice'), account.id)) {
    yield { kind: 'iamMfaDevice', ...one, objects: [one.value.seed.id] };
  }
}

export function objectsOfKey({ materials }: Thing<'kmsKey'>): string[] {
  return materials.flatMap(({ object }) => (object === undefined ? [] : [object.id]));
}

function ofAccount<T extends { value: { account: string } }>(records: readonly T[], account: string): T[] {
  return records.filter(({ value }) => value.account === account);
}

/** Throws `Unsupported` for a remote account, of which this vault holds no more than the way there. */
export function requireLocal({ value }: Found<'account'>): void {
  if (value.kind === 'local') return;
  throw new KeyholdError(
    'Unsupported',
    `The account ${value.name} is a remote account, which lives at AWS. Only local accounts can be exported.`,
  );
}
