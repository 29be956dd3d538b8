import { wipe } from '../../crypto/wipe.ts';
import { EC_PUBLIC_KEY } from './ec-nist.ts';
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
import { coordinate, readSm2Point, SM2_CURVE, type Sm2Point, Sm2Scalar, sm2Ecdh } from './sm2-curve.ts';
import { sm2Digest, sm2Sign, sm2Verify } from './sm2-dsa.ts';
import { sm2Decrypt, sm2Encrypt } from './sm2-pke.ts';

/**
 * SM2 (GB/T 32918) on the curve of noble, with SM3, signatures and encryption of our own: neither node:crypto's two libraries nor an audited package have
 * them in common. Not independently audited.
 */

const IDENTIFIER = algorithmIdentifier(EC_PUBLIC_KEY, '2a811ccf5501822d');
const SEED_BYTES = 48;
/** AWS's limit for SM2PKE. */
const LONGEST_PLAINTEXT = 1024;

export const sm2: KeyPairAlgorithm = {
  signing: ['SM2DSA'],
  encryption: ['SM2PKE'],
  generate(random) {
    for (;;) {
      const seed = random.bytes(SEED_BYTES);
      const scalar = sm2Ecdh.utils.randomSecretKey(seed);
      try {
        if (isPrivate(scalar)) return encoded(scalar);
      } finally {
        wipe(seed, scalar);
      }
    }
  },
  privateKey(material) {
    const scalar = scalarOf(material);
    const point = scalar === null ? null : readSm2Point(sm2Ecdh.getPublicKey(scalar));
    if (scalar === null || point === null) throw new RangeError('not a key on this curve');
    return {
      ...publicKeyOf(point),
      sign: (toSign, random) => sm2Sign(scalar, digestOf(point, toSign), random),
      decrypt: (_algorithm, ciphertext) => sm2Decrypt(scalar, ciphertext),
      deriveSharedSecret(spki) {
        const peer = readPoint(spki);
        return peer === null ? null : coordinate(peer.multiply(Sm2Scalar.fromBytes(scalar)).toAffine().x);
      },
    };
  },
  publicKey(spki) {
    const point = readPoint(spki);
    return point === null ? null : publicKeyOf(point);
  },
  toPkcs8: (material) => new Uint8Array(material),
  fromPkcs8(pkcs8) {
    const scalar = scalarOf(pkcs8);
    return scalar === null ? null : encoded(scalar);
  },
};

function publicKeyOf(point: Sm2Point): PublicKey {
  return {
    spki: makeSpki(IDENTIFIER, point.toBytes(false)),
    verify: (toSign, signature) => sm2Verify(point, digestOf(point, toSign), signature),
    longestPlaintext: () => LONGEST_PLAINTEXT,
    encrypt: (_algorithm, plaintext, random) => sm2Encrypt(point, plaintext, random),
  };
}

function readPoint(spki: Uint8Array): Sm2Point | null {
  const bytes = readSpki(spki, IDENTIFIER);
  return bytes === null ? null : readSm2Point(bytes);
}

function digestOf(point: Sm2Point, { messageType, message }: ToSign): Uint8Array {
  return messageType === 'RAW' ? sm2Digest(point, message) : message;
}

/** From 1 to n − 2 (GB/T 32918.1, section 6.1): with n − 1 there is no signature. */
function isPrivate(scalar: Uint8Array): boolean {
  return sm2Ecdh.utils.isValidSecretKey(scalar) && Sm2Scalar.fromBytes(scalar) < SM2_CURVE.n - 1n;
}

function encoded(scalar: Uint8Array): Uint8Array {
  const inner = makeEcPrivateKey(scalar, sm2Ecdh.getPublicKey(scalar, false));
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
  if (key === null || !isPrivate(key.scalar)) return null;
  if (key.publicKey === null) return key.scalar;
  const own = [sm2Ecdh.getPublicKey(key.scalar, false), sm2Ecdh.getPublicKey(key.scalar, true)];
  return own.some((point) => Buffer.compare(point, key.publicKey ?? point) === 0) ? key.scalar : null;
}
