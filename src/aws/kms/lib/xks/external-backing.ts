import { KeyholdError } from '../../../../contract/errors.ts';
import { sha256 } from '../../../../core/crypto/sha256.ts';
import { KmsError } from '../../../../core/kms/kms-error.ts';
import type { ResolvedKey } from '../../../../core/kms/resolve-key.ts';
import type { OperationContext } from '../../../local/operation-context.ts';
import type { Backing } from '../backing.ts';
import { current, inHsm, materialRef } from '../use-key.ts';
import { decodeProxyCiphertext, encodeProxyCiphertext, proxyDecrypt, proxyEncrypt } from './proxy-api.ts';
import { asProxyError, ProxyFailure } from './proxy-failure.ts';
import { proxyOfKey } from './proxy-of-store.ts';

/**
 * A key in an external key store: encrypted with our own material first, and what that gives by the proxy once more, so that neither side can read
 * anything alone (KMS Developer Guide, "Double encryption"). The proxy gets the hash of the AAD: it binds as well, is short enough for every proxy, and
 * tells nobody the encryption context.
 */
export function externalBacking(ctx: OperationContext, found: ResolvedKey): Backing {
  const { hsm } = ctx.session;
  const ref = () => current(ctx, found).ref;

  async function seal(aad: Uint8Array, inner: Uint8Array): Promise<Uint8Array> {
    const { proxy, key } = proxyOfKey(ctx, found);
    const made = await asUse(ctx, proxyEncrypt(ctx, proxy, key, { aad: sha256(aad), plaintext: inner }));
    return encodeProxyCiphertext(made);
  }

  return {
    async encrypt(input) {
      const { ciphertext } = await inHsm(found, hsm.call('kmsEncrypt', { key: ref(), ...input }));
      return { ciphertext: await seal(input.aad, ciphertext) };
    },
    async decrypt({ material, aad, ciphertext }) {
      const parts = decodeProxyCiphertext(ciphertext);
      if (parts === null) throw new KmsError('InvalidCiphertextException', '');
      const { proxy, key } = proxyOfKey(ctx, found);
      await hsm.call('admitKeyUse', {});
      const inner = await asUse(ctx, proxyDecrypt(ctx, proxy, key, { aad: sha256(aad), ...parts }));
      try {
        return await hsm.call('kmsDecrypt', { key: materialRef(ctx, found, material), aad, ciphertext: inner });
      } catch (error) {
        if (!(error instanceof KeyholdError) || error.code !== 'InvalidCiphertext') throw error;
        throw asProxyError(
          new ProxyFailure('foreign', 'the proxy answered what our own material did not encrypt'),
          'use',
        );
      }
    },
    async generateDataKey(input) {
      const made = await inHsm(found, hsm.call('kmsGenerateDataKey', { key: ref(), ...input }));
      return { ...made, ciphertext: await seal(input.aad, made.ciphertext) };
    },
    generateDataKeyPair: () => refuse(found, 'GenerateDataKeyPair'),
    asymEncrypt: () => refuse(found, 'Encrypt'),
    asymDecrypt: () => refuse(found, 'Decrypt'),
    sign: () => refuse(found, 'Sign'),
    verify: () => refuse(found, 'Verify'),
    mac: () => refuse(found, 'GenerateMac'),
    verifyMac: () => refuse(found, 'VerifyMac'),
  };
}

/** Only symmetric keys are in external key stores, and AWS makes no data key pairs with those. */
function refuse({ arn, key }: ResolvedKey, operation: string): Promise<never> {
  const message = `${arn} origin is ${key.value.origin} which is not valid for ${operation}.`;
  return Promise.reject(new KmsError('UnsupportedOperationException', message));
}

async function asUse<T>(ctx: OperationContext, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof ProxyFailure) {
      const { trouble, message } = error;
      ctx.log.warn('an external key store proxy gave no result', { trouble, message, requestId: ctx.requestId });
    }
    throw asProxyError(error, 'use');
  }
}
