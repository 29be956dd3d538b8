import { createHmac } from 'node:crypto';
import type { SecretKey } from './secret-key.ts';

export type HmacHash = 'sha1' | 'sha224' | 'sha256' | 'sha384' | 'sha512';

/** HMAC (FIPS 198-1) over the parts in order. */
export function hmac(
  hash: HmacHash,
  key: SecretKey | Uint8Array,
  ...parts: readonly (Uint8Array | string)[]
): Uint8Array {
  const mac = createHmac(hash, key);
  for (const part of parts) mac.update(part);
  return owned(mac.digest());
}

/** The digest where it is: some are keys, and a copy would leave another behind that nobody wipes. */
function owned(digest: Buffer<ArrayBufferLike>): Uint8Array {
  return new Uint8Array(digest.buffer, digest.byteOffset, digest.byteLength);
}

export function hmacSha256(key: SecretKey | Uint8Array, ...parts: readonly (Uint8Array | string)[]): Uint8Array {
  return hmac('sha256', key, ...parts);
}

/** The same as lower-case hex, without a copy: the form of a SigV4 signature. */
export function hmacSha256Hex(key: SecretKey | Uint8Array, message: string): string {
  return createHmac('sha256', key).update(message).digest('hex');
}

/** The same over bytes that come one after the other. */
export interface RunningMac {
  update(bytes: Uint8Array): void;
  /** Ends it. */
  digest(): Uint8Array;
}

export function runningHmacSha256(key: SecretKey): RunningMac {
  const mac = createHmac('sha256', key);
  return {
    update: (bytes) => void mac.update(bytes),
    digest: () => owned(mac.digest()),
  };
}
