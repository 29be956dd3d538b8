import { concat, utf8 } from '../../crypto/bytes.ts';
import { DER, derElement, derSequence } from '../../crypto/der.ts';
import { hmac } from '../../crypto/hmac.ts';
import { sm3 } from '../../crypto/sm3.ts';
import { wipe } from '../../crypto/wipe.ts';
import type { Random } from '../../ports.ts';
import { coordinate, derNumber, readDerNumber, SM2_CURVE, Sm2Point, Sm2Scalar } from './sm2-curve.ts';

/** SM2 signatures (GB/T 32918.2-2016), as DER of r and s (GM/T 0009). */

/** The distinguishing id that is taken where none is agreed on (GM/T 0009, section 10), and AWS's. */
const DEFAULT_ID = utf8('1234567812345678');
const ENTROPY_BYTES = 32;

/** What is signed of a message: SM3(Z || message), Z binding the signer's id, the curve and the public key (section 5.5). */
export function sm2Digest(publicKey: Sm2Point, message: Uint8Array, id: Uint8Array = DEFAULT_ID): Uint8Array {
  const { x, y } = publicKey.toAffine();
  const idBits = Uint8Array.of((id.length * 8) >> 8, (id.length * 8) & 0xff);
  const { a, b, Gx, Gy } = SM2_CURVE;
  const z = sm3(idBits, id, ...[a, b, Gx, Gy, x, y].map(coordinate));
  return sm3(z, message);
}

/** Signs a digest. The nonce comes from fresh randomness, key and digest together: none of them alone makes it predictable. */
export function sm2Sign(scalar: Uint8Array, digest: Uint8Array, random: Random): Uint8Array {
  for (;;) {
    const entropy = random.bytes(ENTROPY_BYTES);
    const seed = hmac('sha512', scalar, entropy, digest);
    try {
      const signature = sm2SignWith(
        scalar,
        digest,
        (BigInt(`0x${Buffer.from(seed).toString('hex')}`) % (SM2_CURVE.n - 1n)) + 1n,
      );
      if (signature !== null) return signature;
    } finally {
      wipe(entropy, seed);
    }
  }
}

/** Section 6.1 with a given nonce from 1 to n − 1, which must never be used twice. Null when another one has to be taken. */
export function sm2SignWith(scalar: Uint8Array, digest: Uint8Array, nonce: bigint): Uint8Array | null {
  const d = Sm2Scalar.fromBytes(scalar);
  const { x } = Sm2Point.BASE.multiply(nonce).toAffine();
  const r = Sm2Scalar.create(numberOf(digest) + x);
  if (r === 0n || r + nonce === SM2_CURVE.n) return null;
  const s = Sm2Scalar.mul(Sm2Scalar.inv(Sm2Scalar.add(1n, d)), Sm2Scalar.sub(nonce, Sm2Scalar.mul(r, d)));
  return s === 0n ? null : derElement(DER.sequence, derNumber(r), derNumber(s));
}

/** Section 7.1. False for whatever is not strict DER. */
export function sm2Verify(publicKey: Sm2Point, digest: Uint8Array, signature: Uint8Array): boolean {
  const [first, second, ...more] = derSequence(signature) ?? [];
  const r = readDerNumber(first);
  const s = readDerNumber(second);
  if (r === null || s === null || more.length > 0 || !isScalar(r) || !isScalar(s)) return false;
  const t = Sm2Scalar.add(r, s);
  if (t === 0n) return false;
  const point = Sm2Point.BASE.multiplyUnsafe(s).add(publicKey.multiplyUnsafe(t));
  return !point.is0() && Sm2Scalar.create(numberOf(digest) + point.toAffine().x) === r;
}

function isScalar(value: bigint): boolean {
  return value > 0n && value < SM2_CURVE.n;
}

function numberOf(digest: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(concat(digest)).toString('hex')}`);
}
