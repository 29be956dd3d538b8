import { createCipheriv, createDecipheriv } from 'node:crypto';

export const AES_BLOCK_BYTES = 16;
const ALGORITHM = 'aes-256-cbc';

/** AES-256-CBC (NIST SP 800-38A) without padding: whole blocks only. It proves nothing; a MAC beside it has to. */
export function encryptCbc(key: Uint8Array, iv: Uint8Array, plaintext: Uint8Array): Uint8Array {
  const cipher = createCipheriv(ALGORITHM, key, iv).setAutoPadding(false);
  const out = new Uint8Array(cipher.update(plaintext));
  cipher.final();
  return out;
}

/** The plaintext, the caller's to wipe; null when the ciphertext is not whole blocks. */
export function decryptCbc(key: Uint8Array, iv: Uint8Array, ciphertext: Uint8Array): Uint8Array | null {
  if (ciphertext.length % AES_BLOCK_BYTES !== 0) return null;
  const decipher = createDecipheriv(ALGORITHM, key, iv).setAutoPadding(false);
  const plaintext = decipher.update(ciphertext);
  decipher.final();
  const out = new Uint8Array(plaintext);
  plaintext.fill(0);
  return out;
}
