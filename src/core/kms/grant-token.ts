import { concat, fromHex, toBase64, toHex, utf8 } from '../crypto/bytes.ts';
import { sha256 } from '../crypto/sha256.ts';

const FORMAT = 1;
const ID_BYTES = 16;
const NONCE_BYTES = 16;
const CHECK_BYTES = 16;
const LENGTH = 1 + ID_BYTES + NONCE_BYTES + CHECK_BYTES;

function check(record: string, grantId: string, nonce: Uint8Array): Uint8Array {
  return sha256(concat(utf8('keyhold/v1/grant-token'), fromHex(record), fromHex(grantId), nonce)).subarray(
    0,
    CHECK_BYTES,
  );
}

/**
 * A grant token: format (1) || record id (16) || nonce (16) || check (16), base64. AWS's tokens are no secrets and neither are these: they
 * let a grant be used before all of KMS knows it, and here every grant is known at once. The check tells a token of this grant from
 * other text. `record` is the grant's record id, `nonce` 32 hex digits, another for every answer.
 */
export function makeGrantToken(record: string, grantId: string, nonce: string): string {
  const bytes = fromHex(nonce);
  return toBase64(concat(Uint8Array.of(FORMAT), fromHex(record), bytes, check(record, grantId, bytes)));
}

/** The record id that a token names; null for what is no token. `isTokenOf` says whether it belongs to that grant. */
export function grantOfToken(token: string): string | null {
  const bytes = Buffer.from(token, 'base64');
  if (bytes.length !== LENGTH || bytes[0] !== FORMAT || bytes.toString('base64') !== token) return null;
  return toHex(bytes.subarray(1, 1 + ID_BYTES));
}

export function isTokenOf(token: string, record: string, grantId: string): boolean {
  const bytes = Buffer.from(token, 'base64');
  const nonce = bytes.subarray(1 + ID_BYTES, 1 + ID_BYTES + NONCE_BYTES);
  return grantOfToken(token) === record && makeGrantToken(record, grantId, toHex(nonce)) === token;
}
