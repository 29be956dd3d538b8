import type { PanicAct } from '../../contract/panic.ts';
import type { Found, Things } from '../things.ts';
import type { PanicRecord, PanicStepRecord } from './record.ts';

const ACTS = {
  service: 'deactivatePassword',
  sshKey: 'deactivateSshKey',
} as const satisfies Record<string, PanicAct>;

type KeyAim = Pick<PanicRecord['keys'][number], 'key' | 'name' | 'account' | 'user'>;
type Aim = Pick<PanicStepRecord, 'act' | 'target'> & { credential: NonNullable<PanicStepRecord['credential']> };
export type CredentialAim = Aim & { account: string; key: string; keyName: string };

/**
 * What IAM is to switch off besides the access keys: the passwords and SSH public keys of their users, and both of a rotation that is under way. An SMTP password ends with its key.
 * `until`: made by then.
 */
export function credentialAims(
  things: Things,
  keys: readonly KeyAim[],
  until = Number.POSITIVE_INFINITY,
): CredentialAim[] {
  const aims = new Map<string, CredentialAim>();
  for (const one of keys) {
    const { account } = one;
    for (const found of credentialsOfKey(things, one)) {
      if (found.value.createdAt > until) continue;
      const { key, name: keyName } = keys.find((other) => other.key === found.value.key) ?? one;
      for (const aim of aimsAt(things, found))
        aims.set(`${account} ${aim.target}`, { ...aim, ...{ account, key, keyName } });
    }
  }
  return [...aims.values()];
}

/** By the ids that IAM knows it by. */
export function aimsAt(things: Things, { id, value }: Found<'credential'>): Aim[] {
  if (value.type === 'smtp') return [];
  const { name, type, credentialId } = value;
  const service = value.type === 'service' ? { service: value.service } : {};
  const ids = new Set([...(credentialId === undefined ? [] : [credentialId]), ...idsOfRotation(things, id)]);
  return [...ids].map((target) => ({ act: ACTS[type], target, credential: { id, name, ...service } }));
}

/** Those that are kept with it, and then those with another key of the same user, as far as the vault or AWS has told whose that is. */
export function credentialsOfKey(
  things: Things,
  { key, account, user }: Pick<KeyAim, 'key' | 'account' | 'user'>,
): Found<'credential'>[] {
  const names = userNames(things);
  const name = user?.name ?? names.get(key);
  const all = things.all('credential');
  const others = all.filter(({ value }) => {
    if (name === undefined || value.key === key || things.get('accessKey', value.key)?.account !== account)
      return false;
    return name === names.get(value.key);
  });
  return [...all.filter(({ value }) => value.key === key), ...others];
}

/** Names of the IAM users by access key, as rotations and panics have found out. What is kept of a password is the service’s name of the user. */
export function userNames(things: Things): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  const add = (key: string, name: string | undefined): void => {
    if (name !== undefined) names.set(key, name);
  };
  for (const { value } of things.all('rotation')) add(value.key, value.user?.name);
  for (const { value } of things.all('panic')) for (const { key, user } of value.keys) add(key, user?.name);
  return names;
}

function idsOfRotation(things: Things, credential: string): string[] {
  return things.all('rotation').flatMap(({ value }) => {
    if (value.credential?.id !== credential || value.outcome !== undefined) return [];
    return value.fresh === undefined ? [value.old.accessKeyId] : [value.old.accessKeyId, value.fresh.accessKeyId];
  });
}
