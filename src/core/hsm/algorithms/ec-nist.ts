import { diffieHellman, sign, verify } from 'node:crypto';
import type { ECDSA } from '@noble/curves/abstract/weierstrass.js';
import { wipe } from '../../crypto/wipe.ts';
import type { EcdsaAlgorithm } from '../protocol.ts';
import { ecdsaSignDigest, ecdsaVerifyDigest } from './ecdsa-digest.ts';
import {
  algorithmIdentifier,
  makeEcPrivateKey,
  makePkcs8,
  readEcPrivateKey,
  readPkcs8,
  readSpki,
} from './key-encoding.ts';
import type { KeyPairAlgorithm, PublicKey, ToSign } from './key-pair.ts';
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
  const identifier = algorithmIdentifier(EC_PUBLIC_KEY, curve.oid);
  const fits = (key: NodeKey): boolean =>
    key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === curve.name;
  /** Null for a curve that is spelled out instead of named, too: OpenSSL would take it. */
  const peerOf = (spki: Uint8Array): Peer | null => {
    const point = readSpki(spki, identifier);
    const key = point === null ? null : importSpki(spki);
    return point !== null && key !== null && fits(key) ? { key, point } : null;
  };
  const publicHalfOf = (key: NodeKey): Peer => {
    const peer = peerOf(exportSpki(publicHalf(key)));
    if (peer === null) throw new RangeError('not a key on this curve');
    return peer;
  };
  /** A view of the material: wiped with it. */
  const scalarOf = (pkcs8: Uint8Array): Uint8Array | null => {
    const inner = readPkcs8(pkcs8, identifier);
    return (inner === null ? null : readEcPrivateKey(inner)?.scalar) ?? null;
  };
  return {
    signing: [curve.algorithm],
    generate: () => generateEc(curve.name),
    privateKey(material) {
      const key = importPkcs8(material);
      const scalar = scalarOf(material);
      if (scalar === null) throw new RangeError('not a key on this curve');
      return {
        ...ecPublicKey(curve, publicHalfOf(key)),
        sign(toSign, random) {
          if (toSign.messageType !== 'RAW') return ecdsaSignDigest(curve.digests, scalar, toSign.message, random);
          return curve.slow ? signSlowly(key, toSign) : signNow(key, toSign);
        },
        deriveSharedSecret(spki) {
          const peer = peerOf(spki);
          return peer === null ? null : taken(diffieHellman({ privateKey: key, publicKey: peer.key }));
        },
      };
    },
    publicKey(spki) {
      const peer = peerOf(spki);
      return peer === null ? null : ecPublicKey(curve, peer);
    },
    toPkcs8: (material) => new Uint8Array(material),
    fromPkcs8(pkcs8) {
      const sound = soundPkcs8(pkcs8, 'sha256', fits);
      const scalar = sound === null ? null : scalarOf(sound);
      if (sound === null || scalar === null) return null;
      // OpenSSL gives back a key with as much of its public half as it came with.
      const { point } = publicHalfOf(importPkcs8(sound));
      const inner = makeEcPrivateKey(scalar, curve.digests.Point.fromBytes(point).toBytes(false));
      try {
        return makePkcs8(identifier, inner);
      } finally {
        wipe(sound, inner);
      }
    },
  };
}

interface Peer {
  key: NodeKey;
  /** As SEC 1 encodes it. */
  point: Uint8Array;
}

function ecPublicKey(curve: NistCurve, { key, point }: Peer): PublicKey {
  return {
    spki: exportSpki(key),
    verify({ algorithm, messageType, message }, signature) {
      return messageType === 'RAW'
        ? verify(digestOf(algorithm), message, key, signature)
        : ecdsaVerifyDigest(curve.digests, point, message, signature);
    },
  };
}

// DER is what node:crypto makes of a bare key. Options around the key would cost a third more: it throws and catches to find out that those are none.

function signNow(key: NodeKey, { algorithm, message }: ToSign): Uint8Array {
  return new Uint8Array(sign(digestOf(algorithm), message, key));
}

function signSlowly(key: NodeKey, { algorithm, message }: ToSign): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    sign(digestOf(algorithm), message, key, (error, signature) =>
      error === null ? resolve(new Uint8Array(signature)) : reject(error),
    );
  });
}
