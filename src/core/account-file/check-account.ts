import { KeyholdError } from '../../contract/errors.ts';
import { quotedName } from '../../contract/quoted-name.ts';
import { tokenKeysOf } from '../kms/account-token-keys.ts';
import { MATERIAL_PREFIX_DIGITS } from '../kms/kms-index.ts';
import type { Session } from '../session.ts';
import type { Found, Things } from '../things.ts';
import { damaged } from './account-file-reader.ts';
import { objectsOfKey } from './account-records.ts';
import type { ReadAccount } from './read-account-file.ts';

/** What only a profile of a remote account has. */
const PROFILE_OF_AWS = ['key', 'source', 'role', 'mfaSerial', 'sessionSeconds'] as const;

/**
 * The one account that a file is about. Its records refer to each other and to nothing else: whoever knows the passphrase can write a file, and a grant in it must not
 * be one on another account's key. Throws `AccountFileDamaged`.
 */
export function onlyAccount({ records, objects }: ReadAccount): Found<'account'> {
  const [account, ...more] = records.account;
  if (account === undefined || more.length > 0 || account.value.kind !== 'local') {
    throw damaged('does not hold exactly one local account');
  }
  const profiles = idsOf(records.profile);
  const stores = idsOf(records.kmsKeyStore);
  const users = idsOf(records.iamUser);
  const keys = new Map(records.kmsKey.map((key) => [key.id, key.value]));
  const used = new Set<string>();
  const uses = (object: string): boolean => {
    used.add(object);
    return objects.has(object);
  };
  const ofAccount = (value: { account: string }): boolean => value.account === account.id;
  const ofKey = (value: { account: string; region: string; key: string }): boolean =>
    ofAccount(value) && keys.get(value.key)?.region === value.region;
  const sound =
    (account.value.naming === undefined || uses(account.value.naming.id)) &&
    records.profile.every(
      ({ value }) => ofAccount(value) && PROFILE_OF_AWS.every((field) => value[field] === undefined),
    ) &&
    records.client.every(
      ({ value }) => profiles.has(value.profile) && value.purpose === 'tool' && uses(value.secret.id),
    ) &&
    records.kmsKeyStore.every(({ value }) => ofAccount(value)) &&
    records.kmsKey.every(
      ({ value }) =>
        ofAccount(value) &&
        (value.keyStore === undefined || stores.has(value.keyStore)) &&
        objectsOfKey(value).every(uses),
    ) &&
    // An export holds no gates; one that names an object of this vault would take it along when it is removed.
    [...records.profile, ...records.client, ...records.kmsKey].every(({ value }) => value.gate === undefined) &&
    records.kmsAlias.every(({ value }) => ofKey(value)) &&
    records.kmsGrant.every(({ value }) => ofKey(value)) &&
    records.iamUser.every(({ value }) => ofAccount(value)) &&
    records.iamMfaDevice.every(
      ({ value }) => ofAccount(value) && (value.user === undefined || users.has(value.user.id)) && uses(value.seed.id),
    );
  if (!sound || used.size !== objects.size) throw damaged('holds records that do not belong together');
  return account;
}

function idsOf(records: readonly { id: string }[]): Set<string> {
  return new Set(records.map(({ id }) => id));
}

/** Throws `AlreadyExists` when the account cannot be in this vault, saying what is in its way. */
export function assertAccountFits({ things, vault }: Session, name: string, { records, objects }: ReadAccount): void {
  const [account] = records.account;
  if (account !== undefined) refuseSameAccountId(things, account.value.accountId);
  if (things.findByName('account', name) !== undefined) {
    throw new KeyholdError(
      'AlreadyExists',
      `There is already an account called ${name}. Import it under another name (--name).`,
      { kind: 'account', name },
    );
  }
  const taken = [
    ...records.profile
      .filter(({ value }) => things.findByName('profile', value.name) !== undefined)
      .map(({ value }) => `profile ${value.name}`),
    ...records.client
      .filter(({ value }) => things.findByName('client', value.name) !== undefined)
      .map(({ value }) => `client ${value.name}`),
  ];
  if (taken.length > 0) {
    throw new KeyholdError(
      'AlreadyExists',
      `This vault already has the ${taken.slice(0, 5).join(', the ')}${taken.length > 5 ? ` and ${taken.length - 5} more` : ''}. Rename or remove ${taken.length === 1 ? 'it' : 'them'} first.`,
      { taken },
    );
  }
  const key = records.client.find(({ value }) => things.clientByKeyId(value.accessKeyId) !== undefined);
  if (key !== undefined) {
    throw new KeyholdError(
      'AlreadyExists',
      `A client of this vault already has the client key ${key.value.accessKeyId} of the client ${key.value.name}. Remove that client first.`,
      { clientKeyId: key.value.accessKeyId },
    );
  }
  refuseSharedTokenKeys(things, records.kmsKey);
  for (const id of [...objects.keys(), ...Object.values(records).flatMap((list) => list.map((one) => one.id))]) {
    if (vault.header(id) === undefined) continue;
    throw new KeyholdError(
      'AlreadyExists',
      'This vault already holds a part of this account. Remove the account that has it first.',
    );
  }
}

/** A token's objects are found by their ids alone: a file must not lay hands on those that another account's keys have there. */
function refuseSharedTokenKeys(things: Things, keys: readonly Found<'kmsKey'>[]): void {
  for (const { value } of keys) {
    if (value.origin !== 'AWS_CLOUDHSM') continue;
    for (const { id } of value.materials) {
      if (things.kms.byMaterial(id.slice(0, MATERIAL_PREFIX_DIGITS)).length === 0) continue;
      throw new KeyholdError(
        'AlreadyExists',
        `The key ${value.keyId} of the file is in a token where another account of this vault has the same one. Remove that account first, and leave its keys in the token (--keep-token-keys).`,
        { keyId: value.keyId },
      );
    }
  }
}

/** ARNs name an account by its id alone, and the ids of its keys do not change. */
function refuseSameAccountId(things: Things, accountId: string): void {
  const same = things.all('account').find(({ value }) => value.kind === 'local' && value.accountId === accountId);
  if (same === undefined) return;
  // What its keys have in a token is in no file: removed with it, they would not come back.
  const leaving = tokenKeysOf(things, same.id).keys > 0 ? ' --keep-token-keys' : '';
  throw new KeyholdError(
    'AlreadyExists',
    `The local account ${same.value.name} has the id ${accountId} already, and two with one id cannot be told apart. Remove it first (keyhold account remove ${quotedName(same.value.name)} --cascade${leaving}), or import into another vault.`,
    { kind: 'account', name: same.value.name },
  );
}
