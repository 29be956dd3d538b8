import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { Random } from '../ports.ts';
import type { SecretKey } from './secret-key.ts';

export const NONCE_BYTES = 12;
export const TAG_BYTES = 16;
const ALGORITHM = 'aes-256-gcm';
const OPTIONS = { authTagLength: TAG_BYTES };

/** AES-256-GCM (NIST SP 800-38D), 12-byte nonce. Answers ciphertext || 16-byte tag. */
export function sealAead(key: SecretKey, nonce: Uint8Array, aad: Uint8Array, plaintext: Uint8Array): Uint8Array {
  return sealAfter(new Uint8Array(), { key, nonce, aad, plaintext });
}

export interface ToSeal {
  key: SecretKey;
  nonce: Uint8Array;
  aad: Uint8Array;
  plaintext: Uint8Array;
}

/** start || ciphertext || tag. */
export function sealAfter(start: Uint8Array, what: ToSeal): Uint8Array {
  const out = new Uint8Array(start.length + what.plaintext.length + TAG_BYTES);
  out.set(start);
  sealInto(out, start.length, what);
  return out;
}

/** Writes ciphertext || tag. */
function sealInto(out: Uint8Array, at: number, { key, nonce, aad, plaintext }: ToSeal): void {
  const cipher = createCipheriv(ALGORITHM, key, nonce, OPTIONS);
  cipher.setAAD(aad);
  out.set(cipher.update(plaintext), at);
  cipher.final();
  out.set(cipher.getAuthTag(), at + plaintext.length);
}

/** Opens what `sealAead` made; null when the tag does not fit the key, nonce, AAD and ciphertext. */
export function openAead(key: SecretKey, nonce: Uint8Array, aad: Uint8Array, sealed: Uint8Array): Uint8Array | null {
  const end = sealed.length - TAG_BYTES;
  if (end < 0 || nonce.length !== NONCE_BYTES) return null;
  const decipher = createDecipheriv(ALGORITHM, key, nonce, OPTIONS);
  decipher.setAAD(aad);
  decipher.setAuthTag(sealed.subarray(end));
  const plaintext = decipher.update(sealed.subarray(0, end));
  try {
    decipher.final();
  } catch {
    plaintext.fill(0);
    return null;
  }
  return new Uint8Array(plaintext.buffer, plaintext.byteOffset, plaintext.byteLength);
}

/** What `sealWithNonce` adds to a plaintext. */
export const WITH_NONCE_OVERHEAD = NONCE_BYTES + TAG_BYTES;

/** Writes what `sealWithNonce` answers, at the beginning of `out`. */
export function sealWithNonceInto(out: Uint8Array, nonces: Random, what: Omit<ToSeal, 'nonce'>): void {
  const nonce = nonces.bytes(NONCE_BYTES);
  out.set(nonce);
  sealInto(out, NONCE_BYTES, { ...what, nonce });
}

/** nonce (12 fresh random bytes) || ciphertext || tag. */
export function sealWithNonce(key: SecretKey, random: Random, aad: Uint8Array, plaintext: Uint8Array): Uint8Array {
  const nonce = random.bytes(NONCE_BYTES);
  return sealAfter(nonce, { key, nonce, aad, plaintext });
}

export function openWithNonce(key: SecretKey, aad: Uint8Array, sealed: Uint8Array): Uint8Array | null {
  if (sealed.length < NONCE_BYTES + TAG_BYTES) return null;
  return openAead(key, sealed.subarray(0, NONCE_BYTES), aad, sealed.subarray(NONCE_BYTES));
}
