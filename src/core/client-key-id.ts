import type { Random } from './ports.ts';

/** Never the beginning of an id that AWS hands out. */
export const CLIENT_KEY_PREFIX = 'KHLD';
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** A client key's id: `KHLD` and 16 characters of RFC 4648 base32, 80 random bits. */
export function newClientKeyId(random: Random): string {
  return CLIENT_KEY_PREFIX + base32(random, 16);
}

/** `length` random characters of RFC 4648 base32. */
export function base32(random: Random, length: number): string {
  // 256 is a multiple of 32: the low five bits are uniform.
  return Array.from(random.bytes(length), (byte) => ALPHABET.charAt(byte & 31)).join('');
}
