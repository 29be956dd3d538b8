import { concat, u32 } from '../../crypto/bytes.ts';
import { DER, derElement, derSequence } from '../../crypto/der.ts';
import { equal } from '../../crypto/equal.ts';
import { sm3 } from '../../crypto/sm3.ts';
import { wipe } from '../../crypto/wipe.ts';
import type { Random } from '../../ports.ts';
import {
  coordinate,
  derNumber,
  readDerNumber,
  readSm2Point,
  SM2_BYTES,
  SM2_CURVE,
  Sm2Point,
  Sm2Scalar,
} from './sm2-curve.ts';

/**
 * SM2 public key encryption (GB/T 32918.4-2016), as GM/T 0009 writes it: SEQUENCE { x₁ INTEGER, y₁ INTEGER, C₃ OCTET STRING, C₂ OCTET STRING }.
 */

const NONCE_BYTES = 48;
const UNCOMPRESSED = 0x04;

export function sm2Encrypt(publicKey: Sm2Point, plaintext: Uint8Array, random: Random): Uint8Array {
  for (;;) {
    const bytes = random.bytes(NONCE_BYTES);
    try {
      const ciphertext = sm2EncryptWith(
        publicKey,
        plaintext,
        (BigInt(`0x${Buffer.from(bytes).toString('hex')}`) % (SM2_CURVE.n - 1n)) + 1n,
      );
      if (ciphertext !== null) return ciphertext;
    } finally {
      wipe(bytes);
    }
  }
}

/** Section 6.1 with a given nonce from 1 to n − 1, which must never be used twice. Null when another one has to be taken. */
export function sm2EncryptWith(publicKey: Sm2Point, plaintext: Uint8Array, nonce: bigint): Uint8Array | null {
  const c1 = Sm2Point.BASE.multiply(nonce).toAffine();
  const shared = coordinatesOf(publicKey.multiply(nonce));
  const stream = keyStream(shared, plaintext.length);
  try {
    if (isZero(stream)) return null;
    const c3 = sm3(shared.x, plaintext, shared.y);
    return derElement(
      DER.sequence,
      derNumber(c1.x),
      derNumber(c1.y),
      derElement(DER.octetString, c3),
      derElement(DER.octetString, xor(plaintext, stream)),
    );
  } finally {
    wipe(shared.x, shared.y, stream);
  }
}

/** Section 7.1; the plaintext is the caller's to wipe. Null for whatever was not encrypted to this key, or was changed. */
export function sm2Decrypt(scalar: Uint8Array, ciphertext: Uint8Array): Uint8Array | null {
  const [first, second, c3, c2, ...more] = derSequence(ciphertext) ?? [];
  const x = readDerNumber(first);
  const y = readDerNumber(second);
  if (x === null || y === null || more.length > 0) return null;
  if (c3?.tag !== DER.octetString || c3.value.length !== SM2_BYTES || c2?.tag !== DER.octetString) return null;
  if (c2.value.length === 0 || x >= SM2_CURVE.p || y >= SM2_CURVE.p) return null;
  const c1 = readSm2Point(concat(Uint8Array.of(UNCOMPRESSED), coordinate(x), coordinate(y)));
  if (c1 === null) return null;
  const shared = coordinatesOf(c1.multiply(Sm2Scalar.fromBytes(scalar)));
  const stream = keyStream(shared, c2.value.length);
  const plaintext = xor(c2.value, stream);
  const check = sm3(shared.x, plaintext, shared.y);
  const fits = equal(check, c3.value) && !isZero(stream);
  wipe(shared.x, shared.y, stream);
  if (fits) return plaintext;
  wipe(plaintext);
  return null;
}

interface Coordinates {
  x: Uint8Array;
  y: Uint8Array;
}

function coordinatesOf(point: Sm2Point): Coordinates {
  const { x, y } = point.toAffine();
  return { x: coordinate(x), y: coordinate(y) };
}

/** The key derivation function of section 5.4.3 over x || y. */
function keyStream({ x, y }: Coordinates, length: number): Uint8Array {
  const stream = new Uint8Array(length);
  for (let at = 0, counter = 1; at < length; at += SM2_BYTES, counter += 1) {
    const block = sm3(x, y, u32(counter));
    stream.set(block.subarray(0, length - at), at);
    wipe(block);
  }
  return stream;
}

function xor(a: Uint8Array, b: Uint8Array): Uint8Array {
  return a.map((byte, index) => byte ^ (b[index] ?? 0));
}

function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}
