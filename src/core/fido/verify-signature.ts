import { type KeyObject, verify } from 'node:crypto';
import type { CoseAlgorithm } from './cose-key.ts';

/** Whether `signature` (DER for ECDSA) over `message` is this key's. Never throws. */
export function verifySignature(
  algorithm: CoseAlgorithm,
  key: KeyObject,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (!fits(algorithm, key)) return false;
  try {
    return verify(algorithm === 'EdDSA' ? null : 'sha256', message, key, signature);
  } catch {
    return false;
  }
}

/** Whether a key is of the kind that the algorithm takes: a certificate brings any. */
function fits(algorithm: CoseAlgorithm, key: KeyObject): boolean {
  switch (algorithm) {
    case 'ES256':
      return key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1';
    case 'EdDSA':
      return key.asymmetricKeyType === 'ed25519';
    case 'RS256':
      return key.asymmetricKeyType === 'rsa';
  }
}
