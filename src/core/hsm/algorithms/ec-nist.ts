import { diffieHellman, sign, verify } from 'node:crypto';
import type { ECDSA } from '@noble/curves/abstract/weierstrass.js';
import type { EcdsaAlgorithm } from '../protocol.ts';
import { ecdsaSignDigest, ecdsaVerifyDigest } from './ecdsa-digest.ts';
import { algorithmIdentifier, readEcPrivateKey, readPkcs8, readSpki } from './key-encoding.ts';
import type { KeyPairAlgorithm, PrivateKey, PublicKey, ToSign } from './key-pair.ts';
import {
  exportSpki,
  generateEc,
  importPkcs8,
  importSpki,
  type NodeKey,
  publicHalf,
  soundPkcs8,
  taken,
} from './node-keys.ts';
import { digestOf } from './signing-rules.ts';

export interface NistCurve {
  /** OpenSSL's name. */
  name: string;
  /** DER contents in hex. */
  oid: string;
  algorithm: EcdsaAlgorithm;
  /** Signs digests, which node:crypto cannot: it would hash them once more, and BoringSSL knows no other way. */
  digests: ECDSA;
  /** Whether a signature takes so long (over 0.1 ms) that it is better made off the event loop. */
  slow: boolean;
}

export const EC_PUBLIC_KEY = '2a8648ce3d0201';

/** ECDSA (FIPS 186-5) and ECDH (SP 800-56A) on a NIST curve. */
export function ecNist(curve: NistCurve): KeyPairAlgorithm {
  const fits = (key: NodeKey): boolean =>
    key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === curve.name;
  return {
    signing: [curve.algorithm],
    generate: () => generateEc(curve.name),
    privateKey(material) {
      const key = importPkcs8(material);
      if (!fits(key)) throw new RangeError('not a key on this curve');
      return ecPrivateKey(curve, key, material, fits);
    },
    publicKey(spki) {
      const key = importSpki(spki);
      return key !== null && fits(key) ? ecPublicKey(curve, key) : null;
    },
    toPkcs8: (material) => new Uint8Array(material),
    fromPkcs8: (pkcs8) => soundPkcs8(pkcs8, 'sha256', fits),
  };
}

function ecPublicKey(curve: NistCurve, key: NodeKey): PublicKey {
  const spki = exportSpki(key);
  const point = readSpki(spki, algorithmIdentifier(EC_PUBLIC_KEY, curve.oid));
  return {
    spki,
    verify({ algorithm, messageType, message }, signature) {
      if (messageType === 'RAW') return verify(digestOf(algorithm), message, { key, dsaEncoding: 'der' }, signature);
      return point !== null && ecdsaVerifyDigest(curve.digests, point, message, signature);
    },
  };
}

function ecPrivateKey(curve: NistCurve, key: NodeKey, pkcs8: Uint8Array, fits: (peer: NodeKey) => boolean): PrivateKey {
  const inner = readPkcs8(pkcs8, algorithmIdentifier(EC_PUBLIC_KEY, curve.oid));
  // A view of the material: wiped with it.
  const scalar = inner === null ? undefined : readEcPrivateKey(inner)?.scalar;
  if (scalar === undefined) throw new RangeError('not a key on this curve');
  return {
    ...ecPublicKey(curve, publicHalf(key)),
    sign(toSign, random) {
      if (toSign.messageType !== 'RAW') return ecdsaSignDigest(curve.digests, scalar, toSign.message, random);
      return curve.slow ? signSlowly(key, toSign) : signNow(key, toSign);
    },
    deriveSharedSecret(peer) {
      const publicKey = importSpki(peer);
      return publicKey !== null && fits(publicKey) ? taken(diffieHellman({ privateKey: key, publicKey })) : null;
    },
  };
}

function signNow(key: NodeKey, { algorithm, message }: ToSign): Uint8Array {
  return new Uint8Array(sign(digestOf(algorithm), message, { key, dsaEncoding: 'der' }));
}

function signSlowly(key: NodeKey, { algorithm, message }: ToSign): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    sign(digestOf(algorithm), message, { key, dsaEncoding: 'der' }, (error, signature) =>
      error === null ? resolve(new Uint8Array(signature)) : reject(error),
    );
  });
}
