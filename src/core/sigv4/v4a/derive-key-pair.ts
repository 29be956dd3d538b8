import { createPublicKey, type KeyObject } from 'node:crypto';
import { p256FromScalar } from '../../crypto/ecdsa-p256.ts';
import { deriveSigV4aScalar } from '../../crypto/sigv4-key.ts';

export interface V4aKeyPair {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

/** The P-256 key pair of SigV4a for an access key. For tests and keys that are not vaulted. */
export function deriveV4aKeyPair(accessKeyId: string, secretAccessKey: Uint8Array | string): V4aKeyPair {
  const secret = typeof secretAccessKey === 'string' ? Buffer.from(secretAccessKey, 'utf8') : secretAccessKey;
  const scalar = deriveSigV4aScalar(secret, accessKeyId);
  const privateKey = p256FromScalar(scalar);
  scalar.fill(0);
  return { privateKey, publicKey: createPublicKey(privateKey) };
}
