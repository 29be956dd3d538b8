import { concat, lp, putU32, utf8 } from '../crypto/bytes.ts';
import { readBefore } from '../read-before.ts';
import { KmsError } from './kms-error.ts';

export type EncryptionContext = Readonly<Record<string, string>>;

/** The most that keys and values of an encryption context may add up to, in UTF-8 bytes. */
const MOST_BYTES = 8192;
const U32_BYTES = 4;

/** Byte order of UTF-8, which is that of code points and differs from JavaScript's own beyond the basic plane. */
function compare(a: Uint8Array, b: Uint8Array): number {
  return Buffer.compare(a, b);
}

/**
 * The additional authenticated data of a symmetric ciphertext (docs/format.md, "KMS ciphertexts"): u32(pairs) || lp(key) || lp(value) …
 * in order of the keys' UTF-8, then lp(account id) || lp(key id). The bare key id, so that the keys of one multi-Region key read each
 * other's. Throws ValidationException when the context is too long.
 */
export function ciphertextAad(context: EncryptionContext | undefined, accountId: string, keyId: string): Uint8Array {
  const pairs = Object.entries(context ?? {}).map(([key, value]) => ({ key: utf8(key), value: utf8(value) }));
  const length = pairs.reduce((sum, { key, value }) => sum + key.length + value.length, 0);
  if (length > MOST_BYTES) {
    throw new KmsError('ValidationException', `The encryption context is longer than ${MOST_BYTES} bytes.`);
  }
  pairs.sort((a, b) => compare(a.key, b.key));
  const parts = pairs.flatMap(({ key, value }) => [key, value]);
  return withLengths(pairs.length, [...parts, bytesOf(accountId), bytesOf(keyId)]);
}

const bytesOf = readBefore(utf8);

/** u32(count) || lp(part) … in one array: every use of a symmetric key makes one. */
function withLengths(count: number, parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + U32_BYTES + part.length, U32_BYTES));
  putU32(out, 0, count);
  let at = U32_BYTES;
  for (const part of parts) {
    putU32(out, at, part.length);
    out.set(part, at + U32_BYTES);
    at += U32_BYTES + part.length;
  }
  return out;
}

/** What a key's material ids are bound to besides the material, so that no two keys ever have one in common. */
export function materialContext(accountId: string, keyId: string): Uint8Array {
  return concat(utf8('kms'), lp(utf8(accountId)), lp(utf8(keyId)));
}
