import { createPublicKey, type KeyObject } from 'node:crypto';

/** A P-256 public key from its SubjectPublicKeyInfo (DER), as the HSM answers it. Throws if it is none. */
export function v4aPublicKeyFromDer(spki: Uint8Array): KeyObject {
  return createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
}

/** The P-256 public key with these coordinates (32 bytes each, big endian). Throws if they are not on the curve. */
export function v4aPublicKey(x: Uint8Array, y: Uint8Array): KeyObject {
  const coordinate = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url');
  return createPublicKey({ key: { kty: 'EC', crv: 'P-256', x: coordinate(x), y: coordinate(y) }, format: 'jwk' });
}
