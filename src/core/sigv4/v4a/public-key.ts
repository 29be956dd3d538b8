import { createPublicKey, type KeyObject } from 'node:crypto';

/** The P-256 public key with these coordinates (32 bytes each, big endian). Throws if they are not on the curve. */
export function v4aPublicKey(x: Uint8Array, y: Uint8Array): KeyObject {
  const coordinate = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url');
  return createPublicKey({ key: { kty: 'EC', crv: 'P-256', x: coordinate(x), y: coordinate(y) }, format: 'jwk' });
}
