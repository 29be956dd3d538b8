import { KeyholdError } from '../../contract/errors.ts';

/** AES-256-GCM with the tag behind the ciphertext. `WrongSecret` when it does not open. */
export async function openGcm(key: Uint8Array, nonce: Uint8Array, ciphertext: Uint8Array): Promise<Uint8Array> {
  try {
    const imported = await crypto.subtle.importKey('raw', new Uint8Array(key), 'AES-GCM', false, ['decrypt']);
    const algorithm = { name: 'AES-GCM', iv: new Uint8Array(nonce) };
    return new Uint8Array(await crypto.subtle.decrypt(algorithm, imported, new Uint8Array(ciphertext)));
  } catch (cause) {
    throw new KeyholdError('WrongSecret', 'The password does not open this file. Try again.', undefined, { cause });
  }
}

/** 32 bytes; wiped by the caller. */
export async function pbkdf2(
  hash: 'SHA-1' | 'SHA-256',
  password: Uint8Array,
  salt: Uint8Array,
  iterations: number,
): Promise<Uint8Array> {
  const imported = await crypto.subtle.importKey('raw', new Uint8Array(password), 'PBKDF2', false, ['deriveBits']);
  const algorithm = { name: 'PBKDF2', hash, salt: new Uint8Array(salt), iterations };
  return new Uint8Array(await crypto.subtle.deriveBits(algorithm, imported, 256));
}

/** Even digits of hex as bytes, or null. */
export function fromHex(text: unknown): Uint8Array | null {
  if (typeof text !== 'string' || text.length % 2 !== 0 || !/^[0-9a-f]*$/i.test(text)) return null;
  return Uint8Array.from({ length: text.length / 2 }, (_, at) => Number.parseInt(text.slice(2 * at, 2 * at + 2), 16));
}
