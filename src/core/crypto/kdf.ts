import { hkdf } from '@noble/hashes/hkdf.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { hashRaw } from '@node-rs/argon2';

/** Argon2id cost. */
export interface Argon2Cost {
  memoryKiB: number;
  passes: number;
  parallelism: number;
}

/** Nothing below is accepted, whatever a file says: lowered parameters are an attack. */
export const ARGON2_FLOOR: Readonly<Argon2Cost> = { memoryKiB: 65_536, passes: 3, parallelism: 1 };
/** Nothing above is tried: raised parameters would only stall the machine. */
export const ARGON2_CEILING: Readonly<Argon2Cost> = { memoryKiB: 4_194_304, passes: 64, parallelism: 1 };
export const ARGON2_SALT_BYTES = 16;
const ARGON2_OUTPUT_BYTES = 32;

export function isAcceptableArgon2Cost(cost: Argon2Cost): boolean {
  return (
    Number.isInteger(cost.memoryKiB) &&
    Number.isInteger(cost.passes) &&
    cost.memoryKiB >= ARGON2_FLOOR.memoryKiB &&
    cost.memoryKiB <= ARGON2_CEILING.memoryKiB &&
    cost.passes >= ARGON2_FLOOR.passes &&
    cost.passes <= ARGON2_CEILING.passes &&
    cost.parallelism === ARGON2_FLOOR.parallelism
  );
}

/** Argon2id (RFC 9106, version 0x13), 32 bytes out, no secret, no associated data. Runs off the event loop. */
export async function argon2id(input: Uint8Array, salt: Uint8Array, cost: Argon2Cost): Promise<Uint8Array> {
  if (!isAcceptableArgon2Cost(cost)) throw new RangeError('Argon2id cost out of bounds');
  const output = await hashRaw(input, {
    algorithm: 2, // Argon2id
    version: 1, // 0x13
    memoryCost: cost.memoryKiB,
    timeCost: cost.passes,
    parallelism: cost.parallelism,
    outputLen: ARGON2_OUTPUT_BYTES,
    salt,
  });
  const key = new Uint8Array(output);
  output.fill(0);
  return key;
}

/** HKDF-SHA-256 (RFC 5869), extract and expand. */
export function hkdfSha256(ikm: Uint8Array, salt: Uint8Array, info: Uint8Array, length: number): Uint8Array {
  return hkdf(sha256, ikm, salt, info, length);
}
