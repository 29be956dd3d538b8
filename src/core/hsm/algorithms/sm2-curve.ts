import { ecdh, type WeierstrassOpts, type WeierstrassPoint, weierstrass } from '@noble/curves/abstract/weierstrass.js';
import { concat } from '../../crypto/bytes.ts';
import { DER, derElement } from '../../crypto/der.ts';

/** The recommended curve of SM2 (GB/T 32918.5-2017, section 2). */
export const SM2_CURVE: WeierstrassOpts<bigint> = {
  p: 0xfffffffeffffffffffffffffffffffffffffffff00000000ffffffffffffffffn,
  n: 0xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123n,
  h: 1n,
  a: 0xfffffffeffffffffffffffffffffffffffffffff00000000fffffffffffffffcn,
  b: 0x28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e93n,
  Gx: 0x32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7n,
  Gy: 0xbc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0n,
};

export const Sm2Point = weierstrass(SM2_CURVE);
export const sm2Ecdh = ecdh(Sm2Point);
export type Sm2Point = WeierstrassPoint<bigint>;

/** Bytes of a coordinate, a scalar and a digest. */
export const SM2_BYTES = 32;
/** Numbers modulo the order of the group. */
export const Sm2Scalar = Sm2Point.Fn;

/** The point that these bytes encode (SEC 1, compressed or not); null when they encode none on the curve, or infinity. */
export function readSm2Point(bytes: Uint8Array): Sm2Point | null {
  try {
    const point = Sm2Point.fromBytes(bytes);
    point.assertValidity();
    return point;
  } catch {
    return null;
  }
}

/** A coordinate as 32 bytes. */
export function coordinate(value: bigint): Uint8Array {
  return Sm2Point.Fp.toBytes(value);
}

/** A number of 32 bytes as a DER INTEGER. */
export function derNumber(value: bigint): Uint8Array {
  const bytes = new Uint8Array(Buffer.from(value.toString(16).padStart(SM2_BYTES * 2, '0'), 'hex'));
  const first = bytes.findIndex((byte) => byte !== 0);
  const short = bytes.subarray(first === -1 ? SM2_BYTES - 1 : first);
  return derElement(DER.integer, (short[0] ?? 0) > 0x7f ? concat(Uint8Array.of(0), short) : short);
}

/** The value of a DER INTEGER that is not negative, in its shortest form and no longer than 32 bytes; null for any other. */
export function readDerNumber(
  element: { tag: number; value: Uint8Array; encoded: Uint8Array } | undefined,
): bigint | null {
  if (element?.tag !== DER.integer || element.value.length > SM2_BYTES + 1) return null;
  const value = BigInt(`0x0${Buffer.from(element.value).toString('hex')}`);
  if (value >> BigInt(SM2_BYTES * 8) !== 0n) return null;
  return Buffer.compare(derNumber(value), element.encoded) === 0 ? value : null;
}
