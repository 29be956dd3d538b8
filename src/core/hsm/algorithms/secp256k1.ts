import { secp256k1 as curve } from '@noble/curves/secp256k1.js';
import { sha256 } from '../../crypto/sha256.ts';
import { wipe } from '../../crypto/wipe.ts';
import { EC_PUBLIC_KEY } from './ec-nist.ts';
import { ecdsaSignDigest, ecdsaVerifyDigest } from './ecdsa-digest.ts';
import {
  algorithmIdentifier,
  makeEcPrivateKey,
  makePkcs8,
  makeSpki,
  readEcPrivateKey,
  readPkcs8,
  readSpki,
} from './key-encoding.ts';
import type { KeyPairAlgorithm, PublicKey, ToSign } from './key-pair.ts';

/** Electron's BoringSSL does not have this curve, so nothing here comes from node:crypto. */

const IDENTIFIER = algorithmIdentifier(EC_PUBLIC_KEY, '2b8104000a');
const SEED_BYTES = 48;

/** ECDSA on secp256k1 (SEC 2, section 2.4.1). */
export const secp256k1: KeyPairAlgorithm = {
  signing: ['ECDSA_SHA_256'],
  generate(random) {
    const seed = random.bytes(SEED_BYTES);
    const scalar = curve.utils.randomSecretKey(seed);
    try {
      return encoded(scalar);
    } finally {
      wipe(seed, scalar);
    }
  },
  privateKey(material) {
    const scalar = scalarOf(material);
    if (scalar === null) throw new RangeError('not a key on this curve');
    return {
      ...publicKeyOf(curve.getPublicKey(scalar, false)),
      sign: (toSign, random) => ecdsaSignDigest(curve, scalar, digestOf(toSign), random),
    };
  },
  publicKey(spki) {
    const point = readSpki(spki, IDENTIFIER);
    return point !== null && isPoint(point) ? publicKeyOf(point) : null;
  },
  toPkcs8: (material) => new Uint8Array(material),
  fromPkcs8(pkcs8) {
    const scalar = scalarOf(pkcs8);
    return scalar === null ? null : encoded(scalar);
  },
};

function publicKeyOf(point: Uint8Array): PublicKey {
  return {
    spki: makeSpki(IDENTIFIER, point),
    verify: (toSign, signature) => ecdsaVerifyDigest(curve, point, digestOf(toSign), signature),
  };
}

function digestOf({ messageType, message }: ToSign): Uint8Array {
  return messageType === 'RAW' ? sha256(message) : message;
}

function encoded(scalar: Uint8Array): Uint8Array {
  const inner = makeEcPrivateKey(scalar, curve.getPublicKey(scalar, false));
  try {
    return makePkcs8(IDENTIFIER, inner);
  } finally {
    wipe(inner);
  }
}

/** A view of the scalar; null when it is out of range or the public key beside it is another one's. */
function scalarOf(pkcs8: Uint8Array): Uint8Array | null {
  const inner = readPkcs8(pkcs8, IDENTIFIER);
  const key = inner === null ? null : readEcPrivateKey(inner);
  if (key === null || !curve.utils.isValidSecretKey(key.scalar)) return null;
  if (key.publicKey === null) return key.scalar;
  const own = [curve.getPublicKey(key.scalar, false), curve.getPublicKey(key.scalar, true)];
  return own.some((point) => Buffer.compare(point, key.publicKey ?? point) === 0) ? key.scalar : null;
}

function isPoint(point: Uint8Array): boolean {
  try {
    curve.Point.fromBytes(point).assertValidity();
    return true;
  } catch {
    return false;
  }
}
