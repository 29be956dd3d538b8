import { createHash } from 'node:crypto';
import { concat, u32 } from '../../crypto/bytes.ts';
import { equal } from '../../crypto/equal.ts';
import type { DigestName } from './signing-rules.ts';

/**
 * EMSA-PSS (RFC 8017, section 9.1) with MGF1 of the same hash and a salt as long as the hash, over a digest that the caller already has:
 * node:crypto hashes the message itself and cannot be given a digest.
 */

const TRAILER = 0xbc;
const SEPARATOR = 0x01;
const PADDING = new Uint8Array(8);

/** The encoded message of `bits` bits, as many as the modulus has less one. */
export function encodePss(hash: DigestName, digest: Uint8Array, bits: number, salt: Uint8Array): Uint8Array {
  const length = Math.ceil(bits / 8);
  const spare = length - digest.length - salt.length - 2;
  if (spare < 0) throw new RangeError('the modulus is too short for this hash');
  const h = digestOf(hash, PADDING, digest, salt);
  const block = concat(new Uint8Array(spare), Uint8Array.of(SEPARATOR), salt);
  return concat(masked(hash, h, block, bits), h, Uint8Array.of(TRAILER));
}

/** Whether this is an encoded message of `bits` bits for the digest. */
export function isPss(hash: DigestName, digest: Uint8Array, bits: number, encoded: Uint8Array): boolean {
  const length = Math.ceil(bits / 8);
  const saltLength = digest.length;
  const blockLength = length - digest.length - 1;
  const spare = blockLength - saltLength - 1;
  if (spare < 0 || encoded.length !== length || encoded[length - 1] !== TRAILER) return false;
  const maskedBlock = encoded.subarray(0, blockLength);
  if (((maskedBlock[0] ?? 0) & ~topMask(bits)) !== 0) return false;
  const h = encoded.subarray(blockLength, length - 1);
  const block = masked(hash, h, maskedBlock, bits);
  if (block.subarray(0, spare).some((byte) => byte !== 0) || block[spare] !== SEPARATOR) return false;
  return equal(h, digestOf(hash, PADDING, digest, block.subarray(spare + 1)));
}

/** The bits that the first byte may have. */
function topMask(bits: number): number {
  return 0xff >> (8 * Math.ceil(bits / 8) - bits);
}

/** The block under MGF1 (RFC 8017, B.2.1), without the bits that the modulus has no room for. */
function masked(hash: DigestName, seed: Uint8Array, block: Uint8Array, bits: number): Uint8Array {
  const out = new Uint8Array(block);
  for (let at = 0, counter = 0; at < out.length; counter++) {
    for (const byte of digestOf(hash, seed, u32(counter))) {
      if (at < out.length) out[at] = (out[at] ?? 0) ^ byte;
      at++;
    }
  }
  out[0] = (out[0] ?? 0) & topMask(bits);
  return out;
}

function digestOf(hash: DigestName, ...parts: readonly Uint8Array[]): Uint8Array {
  const state = createHash(hash);
  for (const part of parts) state.update(part);
  return new Uint8Array(state.digest());
}
