import { type ErrorCode, KeyholdError } from '../../contract/errors.ts';
import { assertAccountFits, onlyAccount } from '../account-file/check-account.ts';
import { type ReadAccount, readAccountFile } from '../account-file/read-account-file.ts';
import type { Core } from '../core.ts';
import { IAM_KINDS } from '../directory/remove-records.ts';
import { type Actor, type Draft, makeEvent } from '../draft.ts';
import { KMS_KINDS } from '../kms/remove-records.ts';
import { draftSparing } from '../kms/token-keys.ts';
import type { Session } from '../session.ts';
import type { Found } from '../things.ts';
import { viewAccount } from '../views.ts';
import type { Handler } from './handler.ts';
import { assertAbsolute } from './vault.ts';

const REFUSALS: { readonly [C in ErrorCode]?: string } = {
  WrongSecret: 'wrong passphrase',
  AccountFileDamaged: 'damaged or changed file',
};

/** One transaction, once all of the file has been verified. Ids stay what they were: ARNs, ciphertexts and grant tokens name them. */
export const accountImport: Handler<'account.import'> = ({ core, actor }, { path, name, passphrase }) => {
  const session = core.session();
  assertAbsolute(path);
  const written = session.write(
    actor,
    async (draft) => {
      const read = await readAccountFile(session, path, passphrase).catch((error: unknown) => {
        noteRefusal(core, actor, path, error);
        throw error;
      });
      const found = onlyAccount(read);
      const before = found.value.name;
      const account = withOwnNaming(read, { id: found.id, value: { ...found.value, name: name ?? before } });
      const profiles = read.records.profile.map(({ id, value }) => ({
        id,
        // The profile that was made with the account has its name.
        value: value.name === before ? { ...value, name: account.value.name } : value,
      }));
      const fitting = { ...read, records: { ...read.records, account: [account], profile: profiles } };
      assertAccountFits(session, account.value.name, fitting);
      draftAccount(draft, fitting, account);
      draftSparing(
        draft,
        session,
        read.records.kmsKey.map(({ value }) => value),
      );
      draft.record('account.import', account.value.name, {
        account: account.value.name,
        reason: before === account.value.name ? path : `${before} in ${path}`,
      });
      const { client, kmsKey, kmsKeyStore } = read.records;
      for (const store of kmsKeyStore) await draftStore(session, draft, store, core.ports.clock.now());
      for (const { value } of profiles) {
        draft.record('profile.add', value.name, {
          account: account.value.name,
          profile: value.name,
          reason: 'imported',
        });
      }
      for (const { value } of client) {
        draft.record('client.add', value.name, {
          client: value.name,
          clientKeyId: value.accessKeyId,
          reason: `imported with account ${account.value.name}`,
        });
      }
      return () => ({
        account: viewAccount(account),
        profiles: profiles.length,
        clients: client.length,
        kmsKeys: kmsKey.length,
        keyStores: kmsKeyStore.length,
      });
    },
    ['account', 'profile', 'client', 'hsmToken', ...KMS_KINDS, ...IAM_KINDS],
  );
  return written.finally(() => session.keyStoreWork.unwant());
};

/** Files that do not open or are not as they were written enter the log; slips of the keyboard in a path do not. */
function noteRefusal(core: Core, actor: Actor, path: string, error: unknown): void {
  if (!(error instanceof KeyholdError)) return;
  const reason = REFUSALS[error.code];
  if (reason === undefined) return;
  const event = makeEvent(core.ports, { action: 'account.import', actor, target: path, decision: 'denied', reason });
  core.lifecycle.audit()?.record(event);
  core.emit({ type: 'audit', event });
}

/** An account that comes home needs no naming key of its own. */
function withOwnNaming({ objects }: ReadAccount, { id, value }: Found<'account'>): Found<'account'> {
  const { naming, ...rest } = value;
  if (naming === undefined || objects.get(naming.id)?.isOwnNaming !== true) return { id, value };
  objects.delete(naming.id);
  return { id, value: rest };
}

function draftAccount(draft: Draft, { records, objects }: ReadAccount, account: Found<'account'>): void {
  draft.put('account', account.id, account.value);
  for (const [id, { blob }] of objects) draft.putObject(id, 1, blob);
  for (const { id, value } of records.profile) draft.put('profile', id, value);
  for (const { id, value } of records.client) draft.put('client', id, value);
  for (const { id, value } of records.kmsKey) draft.put('kmsKey', id, value);
  for (const { id, value } of records.kmsAlias) draft.put('kmsAlias', id, value);
  for (const { id, value } of records.kmsGrant) draft.put('kmsGrant', id, value);
  for (const { id, value } of records.iamUser) draft.put('iamUser', id, value);
  for (const { id, value } of records.iamMfaDevice) draft.put('iamMfaDevice', id, value);
}

/**
 * A store has no credential here until UpdateCustomKeyStore brings one: until then a secret that nobody knows stands in for it, and no proxy lets it in. The PIN of a
 * token is no part of a store.
 */
async function draftStore(
  session: Session,
  draft: Draft,
  { id, value }: Found<'kmsKeyStore'>,
  createdAt: number,
): Promise<void> {
  const { backing } = value;
  if (backing.type === 'AWS_CLOUDHSM') {
    draft.put('kmsKeyStore', id, value);
    return;
  }
  const secret = { id: session.newId() };
  const { blob } = await session.hsm.call('generateObject', {
    id: secret.id,
    attributes: {
      class: 'secret-key',
      spec: 'CLIENT_SECRET_KEY',
      usage: ['sigv4'],
      extractable: false,
      label: `key store ${value.storeId} without its credential`,
      createdAt,
      policy: {},
    },
  });
  draft.putObject(secret.id, 1, blob);
  draft.put('kmsKeyStore', id, { ...value, backing: { ...backing, secret } });
}
