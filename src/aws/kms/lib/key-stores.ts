import { KmsError } from '../../../core/kms/kms-error.ts';
import type { FoundKeyStore, KmsKey, KmsKeyStore } from '../../../core/kms/records.ts';
import { tokenOfStore } from '../../../core/kms/token-keys.ts';
import type { Things } from '../../../core/things.ts';
import type { TokenBackend } from '../../../core/tokens/token-backend.ts';
import type { OperationContext } from '../../local/operation-context.ts';

/** What is said of a custom key store that is not there. */
function noSuchKeyStore(named: string): KmsError {
  return new KmsError('CustomKeyStoreNotFoundException', `Custom key store ${named} is not found.`);
}

/** The caller's custom key stores in this Region, in order of their ids. */
export function keyStoresIn(ctx: OperationContext, things: Things): FoundKeyStore[] {
  return things
    .all('kmsKeyStore')
    .filter(({ value }) => value.account === ctx.account.id && value.region === ctx.region)
    .sort((a, b) => (a.value.storeId < b.value.storeId ? -1 : 1));
}

/** By CustomKeyStoreId. Throws CustomKeyStoreNotFoundException. */
export function keyStore(ctx: OperationContext, things: Things, storeId: string): FoundKeyStore {
  const found = keyStoresIn(ctx, things).find(({ value }) => value.storeId === storeId);
  if (found === undefined) throw noSuchKeyStore(storeId);
  return found;
}

/** By CustomKeyStoreName. Throws CustomKeyStoreNotFoundException. */
export function keyStoreNamed(ctx: OperationContext, things: Things, name: string): FoundKeyStore {
  const found = keyStoresIn(ctx, things).find(({ value }) => value.name === name);
  if (found === undefined) throw noSuchKeyStore(name);
  return found;
}

/** The store of a key that is in one. */
export function storeOf(things: Things, key: KmsKey): FoundKeyStore {
  if (key.keyStore === undefined) throw new TypeError(`${key.keyId} is in no custom key store`);
  return { id: key.keyStore, value: things.must('kmsKeyStore', key.keyStore) };
}

/** The token of a CloudHSM key store. Throws CloudHsmClusterNotFoundException when it is no longer in the vault. */
export async function tokenBackendOf(ctx: OperationContext, store: KmsKeyStore): Promise<TokenBackend> {
  const token = tokenOfStore(await ctx.session.need('hsmToken'), store);
  if (token !== undefined) return ctx.session.tokens.backend(token.id);
  const cluster = store.backing.type === 'AWS_CLOUDHSM' ? store.backing.clusterId : store.storeId;
  throw new KmsError('CloudHsmClusterNotFoundException', `Cluster ${cluster} is not found.`);
}

export type ConnectionState = 'CONNECTED' | 'CONNECTING' | 'DISCONNECTED' | 'FAILED';

export function connectionState(ctx: OperationContext, { id, value }: FoundKeyStore): ConnectionState {
  if (value.connected) return 'CONNECTED';
  if (ctx.session.keyStoreWork.isConnecting(id)) return 'CONNECTING';
  return value.connectionError === undefined ? 'DISCONNECTED' : 'FAILED';
}

/** Throws CustomKeyStoreInvalidStateException unless the store is in one of these states. */
export function requireConnection(
  ctx: OperationContext,
  store: FoundKeyStore,
  states: readonly ConnectionState[],
  operation: string,
): void {
  const state = connectionState(ctx, store);
  if (states.includes(state)) return;
  const { storeId } = store.value;
  const message = `${operation} is not valid for the custom key store ${storeId}, whose connection state is ${state}.`;
  throw new KmsError('CustomKeyStoreInvalidStateException', message);
}

/** The store as it has now been found. */
export function keyStoreNow(things: Things, { id, value }: FoundKeyStore): FoundKeyStore {
  const now = things.get('kmsKeyStore', id);
  if (now === undefined) throw noSuchKeyStore(value.storeId);
  return { id, value: now };
}

/** Throws CustomKeyStoreNameInUseException when another store of the account and Region has this name. */
export function requireFreeName(ctx: OperationContext, things: Things, name: string, except?: string): void {
  const taken = keyStoresIn(ctx, things).some(({ id, value }) => value.name === name && id !== except);
  if (!taken) return;
  throw new KmsError('CustomKeyStoreNameInUseException', `The custom key store name ${name} is already in use.`);
}
