import { fromHex } from '../crypto/bytes.ts';

const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';
const CHARACTERS = 11;

/**
 * The name by which AWS's API speaks of a token: a CloudHSM cluster id (`cluster-` and 11 characters of base32), from the first 55 bits of the token's
 * record id, so that there is nothing to keep.
 */
export function clusterIdOf(recordId: string): string {
  let bits = 0n;
  for (const byte of fromHex(recordId).subarray(0, 7)) bits = (bits << 8n) | BigInt(byte);
  bits >>= 1n;
  let text = '';
  for (let index = 0; index < CHARACTERS; index++) {
    text = (BASE32[Number(bits & 31n)] ?? '') + text;
    bits >>= 5n;
  }
  return `cluster-${text}`;
}
