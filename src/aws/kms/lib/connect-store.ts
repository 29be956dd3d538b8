import { KeyholdError } from '../../../contract/errors.ts';
import { KmsError } from '../../../core/kms/kms-error.ts';
import type { ConnectionError, FoundKeyStore, KmsKeyStore } from '../../../core/kms/records.ts';
import type { OperationContext } from '../../local/operation-context.ts';
import { change } from './change-key.ts';
import { tokenBackendOf } from './key-stores.ts';
import { checkProxyHealth } from './xks/proxy-api.ts';
import { connectionErrorOf, ProxyFailure } from './xks/proxy-failure.ts';
import { proxyOfStore } from './xks/proxy-of-store.ts';

/** Begins to connect a key store. What comes of it is written into its record, unless it was disconnected meanwhile. */
export function connectStore(ctx: OperationContext, store: FoundKeyStore): void {
  const work = ctx.session.keyStoreWork;
  const attempt = work.begin(store.id);
  const connecting = tryToConnect(ctx, store.value).then((failure) =>
    change(ctx, (draft, things) => {
      const value = things.get('kmsKeyStore', store.id);
      if (!work.isUnderWay(store.id, attempt) || value === undefined) return;
      const { connectionError: _past, ...rest } = value;
      const next = failure === undefined ? { connected: true } : { connected: false, connectionError: failure };
      draft.put('kmsKeyStore', store.id, { ...rest, ...next });
      draft.record('kms:CustomKeyStoreConnection', value.storeId, {
        account: things.must('account', value.account).name,
        service: 'kms',
        region: value.region,
        ...(failure === undefined ? {} : { decision: 'denied', reason: failure }),
      });
    }),
  );
  connecting
    .catch((error: unknown) => {
      // Once the vault is locked, there is nothing left to connect.
      if (ctx.session.closed) return;
      ctx.log.error('a custom key store could not be connected', { store: store.value.storeId, error });
    })
    .finally(() => work.end(store.id, attempt));
}

async function tryToConnect(ctx: OperationContext, store: KmsKeyStore): Promise<ConnectionError | undefined> {
  try {
    if (store.backing.type === 'EXTERNAL_KEY_STORE') await checkProxyHealth(ctx, proxyOfStore(ctx, store));
    else await (await tokenBackendOf(ctx, store)).look();
    return undefined;
  } catch (error) {
    ctx.log.warn('a custom key store could not be connected', { store: store.storeId, error });
    return connectionErrorFor(error);
  }
}

const PIN_ERRORS: Readonly<Record<string, ConnectionError>> = {
  CKR_PIN_LOCKED: 'USER_LOCKED_OUT',
  CKR_USER_PIN_NOT_INITIALIZED: 'USER_NOT_FOUND',
};

function connectionErrorFor(error: unknown): ConnectionError {
  if (error instanceof ProxyFailure) return connectionErrorOf(error);
  if (error instanceof KmsError)
    return error.code === 'CloudHsmClusterNotFoundException' ? 'CLUSTER_NOT_FOUND' : 'INTERNAL_ERROR';
  if (!(error instanceof KeyholdError)) return 'INTERNAL_ERROR';
  if (error.code === 'TokenUnavailable' || error.code === 'Timeout') return 'NETWORK_ERRORS';
  if (error.code !== 'TokenPinRefused') return 'INTERNAL_ERROR';
  return PIN_ERRORS[String(error.details?.['ckr'])] ?? 'INVALID_CREDENTIALS';
}
