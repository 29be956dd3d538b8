import { concat } from './bytes.ts';
import { hmacSha256 } from './hmac.ts';
import { deriveSigV4Key } from './sigv4-key.ts';
import { wipe } from './wipe.ts';

/** The day on which the algorithm dates every password. */
const DATE = '11111111';
const MESSAGE = 'SendRawEmail';
const VERSION = 0x04;

/**
 * The password for Amazon SES's SMTP endpoint of a region, before its base64: version || HMAC-SHA-256 of `SendRawEmail` under the SigV4 key of that date, the region and `ses` (Amazon SES Developer
 * Guide, "Obtaining Amazon SES SMTP credentials by converting existing AWS credentials"). 33 bytes, owned by the caller.
 */
export function deriveSmtpPassword(secretAccessKey: Uint8Array, region: string): Uint8Array {
  const key = deriveSigV4Key(secretAccessKey, DATE, region, 'ses');
  let signature: Uint8Array | undefined;
  try {
    signature = hmacSha256(key, MESSAGE);
    return concat(Uint8Array.of(VERSION), signature);
  } finally {
    wipe(key, signature);
  }
}
