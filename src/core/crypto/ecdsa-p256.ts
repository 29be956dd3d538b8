import { createECDH, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { concat } from './bytes.ts';
import { wipe } from './wipe.ts';

export type P256PrivateKey = KeyObject;
export const P256_SCALAR_BYTES = 32;
// RFC 5958 OneAsymmetricKey around RFC 5915 ECPrivateKey for prime256v1, up to the scalar and between scalar and point.
const PKCS8_HEAD = Buffer.from('308187020100301306072a8648ce3d020106082a8648ce3d030107046d306b0201010420', 'hex');
const PKCS8_MIDDLE = Buffer.from('a144034200', 'hex');

/** A new P-256 private key as PKCS#8 DER. */
export function generateP256(): Uint8Array {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const der = privateKey.export({ format: 'der', type: 'pkcs8' });
  const out = new Uint8Array(der);
  der.fill(0);
  return out;
}

/** A P-256 private key from PKCS#8 DER; throws when it is not one. */
export function importP256(pkcs8: Uint8Array): P256PrivateKey {
  const key = createPrivateKey({
    key: Buffer.from(pkcs8.buffer, pkcs8.byteOffset, pkcs8.byteLength),
    format: 'der',
    type: 'pkcs8',
  });
  if (key.asymmetricKeyType !== 'ec' || key.asymmetricKeyDetails?.namedCurve !== 'prime256v1') {
    throw new RangeError('not a P-256 private key');
  }
  return key;
}

/** A P-256 private key from its scalar, 32 bytes big-endian in 1…n−1. */
export function p256FromScalar(scalar: Uint8Array): P256PrivateKey {
  const ecdh = createECDH('prime256v1');
  ecdh.setPrivateKey(scalar);
  const pkcs8 = concat(PKCS8_HEAD, scalar, PKCS8_MIDDLE, ecdh.getPublicKey());
  try {
    return importP256(pkcs8);
  } finally {
    wipe(pkcs8);
  }
}

/** The public half as SubjectPublicKeyInfo DER. */
export function p256PublicKey(key: P256PrivateKey): Uint8Array {
  return new Uint8Array(createPublicKey(key).export({ format: 'der', type: 'spki' }));
}

/** ECDSA (FIPS 186-5) with SHA-256 over the message; DER signature. */
export function signP256(key: P256PrivateKey, message: Uint8Array): Uint8Array {
  return new Uint8Array(sign('sha256', message, key));
}
