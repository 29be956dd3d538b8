import { aeskwp } from '@noble/ciphers/aes.js';
import { wipe } from '../../crypto/wipe.ts';
import type { RsaEncryptionAlgorithm, WrappingAlgorithm } from '../protocol.ts';
import type { PrivateKey } from './key-pair.ts';

const AES_KEY_BYTES = 32;
/** Of the AES key in RSA_AES_KEY_WRAP (PKCS#11, CKM_RSA_AES_KEY_WRAP). */
const OAEP: Record<'RSA_AES_KEY_WRAP_SHA_1' | 'RSA_AES_KEY_WRAP_SHA_256', RsaEncryptionAlgorithm> = {
  RSA_AES_KEY_WRAP_SHA_1: 'RSAES_OAEP_SHA_1',
  RSA_AES_KEY_WRAP_SHA_256: 'RSAES_OAEP_SHA_256',
};

/** What was encrypted to a key for import, with an algorithm that this key has; the caller's to wipe. Null when it does not unwrap. */
export function unwrapMaterial(key: PrivateKey, algorithm: WrappingAlgorithm, wrapped: Uint8Array): Uint8Array | null {
  switch (algorithm) {
    case 'RSAES_OAEP_SHA_1':
    case 'RSAES_OAEP_SHA_256':
    case 'SM2PKE':
      return key.decrypt?.(algorithm, wrapped) ?? null;
    case 'RSAES_PKCS1_V1_5':
      return key.decryptPkcs1?.(wrapped) ?? null;
    case 'RSA_AES_KEY_WRAP_SHA_1':
    case 'RSA_AES_KEY_WRAP_SHA_256': {
      const { ciphertextBytes } = key;
      const kek = key.decrypt?.(OAEP[algorithm], wrapped.subarray(0, ciphertextBytes)) ?? null;
      const material = kek?.length === AES_KEY_BYTES ? unwrapAesKwp(kek, wrapped.subarray(ciphertextBytes)) : null;
      wipe(kek);
      return material;
    }
  }
}

/** AES-KWP (RFC 5649, SP 800-38F section 6.3); null when the integrity check fails. */
export function unwrapAesKwp(kek: Uint8Array, wrapped: Uint8Array): Uint8Array | null {
  try {
    return aeskwp(kek).decrypt(wrapped);
  } catch {
    return null;
  }
}
