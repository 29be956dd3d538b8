import type { ECDSA } from '@noble/curves/abstract/weierstrass.js';
import type { Random } from '../../ports.ts';

const OPTIONS = { prehash: false, format: 'der', lowS: false } as const;
const ENTROPY_BYTES = 32;

/**
 * ECDSA over a digest as DER, with RFC 6979's nonce hedged by fresh randomness. Either s, as AWS gives it: a program that needs the low
 * one (Bitcoin, Ethereum) has to see here already that it must look.
 */
export function ecdsaSignDigest(curve: ECDSA, scalar: Uint8Array, digest: Uint8Array, random: Random): Uint8Array {
  return curve.sign(digest, scalar, { ...OPTIONS, extraEntropy: random.bytes(ENTROPY_BYTES) });
}

/** `point` as SEC 1 encodes it, compressed or not. False for whatever is not strict DER. */
export function ecdsaVerifyDigest(curve: ECDSA, point: Uint8Array, digest: Uint8Array, signature: Uint8Array): boolean {
  try {
    return curve.verify(signature, digest, point, OPTIONS);
  } catch {
    return false;
  }
}
