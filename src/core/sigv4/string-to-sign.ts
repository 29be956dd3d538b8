import { sha256TextHex } from './hash.ts';
import type { Algorithm, Charset } from './types.ts';

/** SigV4, "Create a string to sign". `timestamp` is `YYYYMMDDTHHMMSSZ`, `scope` the credential scope as text. */
export function stringToSign(
  algorithm: Algorithm,
  timestamp: string,
  scope: string,
  canonicalRequest: string,
  charset: Charset = 'utf8',
): string {
  return `${algorithm}\n${timestamp}\n${scope}\n${sha256TextHex(canonicalRequest, charset)}`;
}
