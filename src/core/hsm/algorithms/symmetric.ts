import { NONCE_BYTES, openAead, sealAfter, TAG_BYTES } from '../../crypto/aead.ts';
import { concat, u32, utf8 } from '../../crypto/bytes.ts';
import { hmacSha256 } from '../../crypto/hmac.ts';
import { type SecretKey, secretKey } from '../../crypto/secret-key.ts';
import { wipe } from '../../crypto/wipe.ts';
import type { Random } from '../../ports.ts';

const DERIVATION_NONCE_BYTES = 16;
const HEADER_BYTES = DERIVATION_NONCE_BYTES + NONCE_BYTES;
/** What a ciphertext has more than its plaintext. */
export const SYMMETRIC_OVERHEAD = HEADER_BYTES + TAG_BYTES;
const KEY_BITS = 256;
const PREFIX = concat(u32(1), utf8('keyhold/v1/kms-message'), new Uint8Array(1));
const SUFFIX = u32(KEY_BITS);

/**
 * The key of one message: SP 800-108 rev. 1, counter mode, HMAC-SHA-256, one block, the nonce as context. A backing key that encrypted
 * everything itself would come to the birthday bound of GCM's random nonces; derived keys do not.
 */
function messageKey(backingKey: SecretKey, derivationNonce: Uint8Array): SecretKey {
  const bytes = hmacSha256(backingKey, concat(PREFIX, derivationNonce, SUFFIX));
  try {
    return secretKey(bytes);
  } finally {
    wipe(bytes);
  }
}

/** derivation nonce (16) || GCM nonce (12) || AES-256-GCM ciphertext || tag (16). */
export function encryptSymmetric(key: SecretKey, nonces: Random, aad: Uint8Array, plaintext: Uint8Array): Uint8Array {
  const header = nonces.bytes(HEADER_BYTES);
  return sealAfter(header, {
    key: messageKey(key, header.subarray(0, DERIVATION_NONCE_BYTES)),
    nonce: header.subarray(DERIVATION_NONCE_BYTES),
    aad,
    plaintext,
  });
}

/** The plaintext, owned by the caller; null when key, AAD or any byte is another. */
export function decryptSymmetric(key: SecretKey, aad: Uint8Array, ciphertext: Uint8Array): Uint8Array | null {
  if (ciphertext.length < SYMMETRIC_OVERHEAD) return null;
  return openAead(
    messageKey(key, ciphertext.subarray(0, DERIVATION_NONCE_BYTES)),
    ciphertext.subarray(DERIVATION_NONCE_BYTES, HEADER_BYTES),
    aad,
    ciphertext.subarray(HEADER_BYTES),
  );
}
