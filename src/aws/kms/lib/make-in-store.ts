import { type ErrorCode, KeyholdError } from '../../../contract/errors.ts';
import { toBase64 } from '../../../core/crypto/bytes.ts';
import type { SealedBlob } from '../../../core/hsm/protocol.ts';
import { KmsError } from '../../../core/kms/kms-error.ts';
import { makeMaterial } from '../../../core/kms/make-material.ts';
import type { FoundKeyStore, KmsKey } from '../../../core/kms/records.ts';
import { forsakeTokenKey, tokenKeyId, tokenKeyKind } from '../../../core/kms/token-keys.ts';
import type { Things } from '../../../core/things.ts';
import type { OperationContext } from '../../local/operation-context.ts';
import { kmsThings } from './authorize-key.ts';
import { keyStore, keyStoreNow, requireConnection, tokenBackendOf } from './key-stores.ts';
import { firstMaterial } from './new-key.ts';
import { inToken } from './token-error.ts';
import { isFitExternalKey } from './xks/proxy-api.ts';
import { asProxyError } from './xks/proxy-failure.ts';
import { proxyOfStore } from './xks/proxy-of-store.ts';

/** A new key that only has to be written. */
export interface MadeKey {
  value: KmsKey;
  /** The HSM object of its material. */
  object?: { id: string; blob: SealedBlob };
  /** Whether what was true when it was made still is. Throws KmsError. */
  check?: (things: Things) => void;
  /** Takes back what was made elsewhere, when it could not be written. */
  undo?: () => Promise<void>;
}

function unsupported(message: string): KmsError {
  return new KmsError('UnsupportedOperationException', message);
}

/** Makes a key in a custom key store. Throws KmsError in AWS's words. */
export async function makeInStore(
  ctx: OperationContext,
  bare: KmsKey,
  storeId: string,
  externalKeyId: string | undefined,
): Promise<MadeKey> {
  const store = keyStore(ctx, await kmsThings(ctx), storeId);
  const { type } = store.value.backing;
  if (type !== bare.origin) {
    const message = `Origin ${bare.origin} is not valid for the custom key store ${storeId} of type ${type}.`;
    throw new KmsError('ValidationException', message);
  }
  if (bare.multiRegion !== undefined) throw unsupported('Multi-Region keys cannot be created in a custom key store.');
  requireConnection(ctx, store, ['CONNECTED'], 'CreateKey');
  const key: KmsKey = { ...bare, keyStore: store.id };
  const made =
    externalKeyId === undefined ? await onToken(ctx, key, store) : await external(ctx, key, store, externalKeyId);
  return {
    ...made,
    check(things) {
      requireConnection(ctx, keyStoreNow(things, store), ['CONNECTED'], 'CreateKey');
      made.check?.(things);
    },
  };
}

/** AWS has symmetric keys only in a CloudHSM key store; what else a token can do is offered here too (docs/adr/0022-key-stores.md). */
async function onToken(ctx: OperationContext, key: KmsKey, store: FoundKeyStore): Promise<MadeKey> {
  const kind = tokenKeyKind(key.spec, key.usage);
  if (kind === null)
    throw unsupported(`KeySpec ${key.spec} with KeyUsage ${key.usage} cannot be in a custom key store.`);
  const id = ctx.session.newId() + ctx.session.newId();
  const keyId = tokenKeyId({ id });
  const token = await tokenBackendOf(ctx, store.value);
  const forsake = (): Promise<void> => forsakeTokenKey(ctx.session, token.id, keyId);
  const wasThere = token.connection().state === 'ready';
  const { publicKey } = await inToken(store.value.storeId, async () => {
    try {
      return await token.generateKey({ keyId, ...kind, label: `keyhold kms ${key.keyId}` });
    } catch (error) {
      // Nobody knows whether it was made.
      if (isCode(error, 'Timeout') || (wasThere && isCode(error, 'TokenUnavailable'))) await forsake();
      throw refusedKey(error);
    }
  });
  return {
    value: {
      ...key,
      materials: [{ id, state: 'CURRENT' }],
      ...(publicKey === undefined ? {} : { publicKey: toBase64(publicKey) }),
    },
    undo: forsake,
  };
}

function isCode(error: unknown, ...codes: readonly ErrorCode[]): boolean {
  return error instanceof KeyholdError && codes.includes(error.code);
}

/** A token that will not make such a key, or lets nobody in, is in AWS's words one that is not set up for it. */
function refusedKey(error: unknown): unknown {
  if (!(error instanceof KeyholdError) || !isCode(error, 'HsmRefused', 'TokenPinRefused')) return error;
  return new KmsError('CloudHsmClusterInvalidConfigurationException', error.message, { cause: error });
}

async function external(
  ctx: OperationContext,
  key: KmsKey,
  store: FoundKeyStore,
  externalKeyId: string,
): Promise<MadeKey> {
  if (key.spec !== 'SYMMETRIC_DEFAULT') {
    throw unsupported(
      `KeySpec ${key.spec} cannot be in an external key store: its keys are symmetric encryption keys.`,
    );
  }
  const check = (things: Things): void => requireFreeExternalKey(things, key, externalKeyId);
  check(await kmsThings(ctx));
  let fit: boolean;
  try {
    fit = await isFitExternalKey(ctx, proxyOfStore(ctx, store.value), { id: externalKeyId });
  } catch (error) {
    throw asProxyError(error, 'key');
  }
  if (!fit) {
    const message = `The external key ${externalKeyId} is not an enabled AES-256 key that encrypts and decrypts.`;
    throw new KmsError('XksKeyInvalidConfigurationException', message);
  }
  const material = await makeMaterial(ctx.session, key, ctx.account.accountId, ctx.now());
  const { object, blob } = material;
  return {
    value: { ...key, externalKeyId, ...firstMaterial(material) },
    object: { id: object.id, blob },
    check,
  };
}

function requireFreeExternalKey(things: Things, { account, region, keyStore: store }: KmsKey, id: string): void {
  const taken = things.kms
    .keysIn(account, region)
    .some(({ value }) => value.keyStore === store && value.externalKeyId === id);
  if (!taken) return;
  const message = `The external key ${id} is already associated with another KMS key in this external key store.`;
  throw new KmsError('XksKeyAlreadyInUseException', message);
}
