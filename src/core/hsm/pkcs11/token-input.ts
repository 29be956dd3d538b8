import { matchOf } from '../input.ts';

/** Checks at the token process's boundary that its operations share. */

const KEY_ID = /^[0-9a-f]{32}$/;
export const LONGEST_MESSAGE = 4096;
export const LONGEST_CIPHERTEXT = 6144;
export const LONGEST_AAD = 65_536;
export const MOST_RANDOM = 1024;

/** CKA_ID as 32 hex digits. */
export function keyIdOf(value: unknown): string {
  return matchOf(value, 'keyId', KEY_ID, '32 lower-case hex digits');
}
