import type { MacAlgorithm } from '../protocol.ts';
import type { TokenKeySpec, TokenKeyUsage, TokenSigningAlgorithm } from './protocol.ts';

/** What PKCS#11 is told to make, and what a key that was found is recognised by. */
export type SpecRule =
  | { kind: 'aes'; bytes: number }
  | { kind: 'hmac'; bytes: number; algorithm: MacAlgorithm }
  | { kind: 'rsa'; bits: number }
  /** `oid`: CKA_EC_PARAMS after its tag and length, in hex; `bytes`: of a coordinate. */
  | { kind: 'ec'; oid: string; bytes: number; algorithm: TokenSigningAlgorithm };

export const SPECS: Readonly<Record<TokenKeySpec, SpecRule>> = {
  AES_256: { kind: 'aes', bytes: 32 },
  HMAC_224: { kind: 'hmac', bytes: 28, algorithm: 'HMAC_SHA_224' },
  HMAC_256: { kind: 'hmac', bytes: 32, algorithm: 'HMAC_SHA_256' },
  HMAC_384: { kind: 'hmac', bytes: 48, algorithm: 'HMAC_SHA_384' },
  HMAC_512: { kind: 'hmac', bytes: 64, algorithm: 'HMAC_SHA_512' },
  RSA_2048: { kind: 'rsa', bits: 2048 },
  RSA_3072: { kind: 'rsa', bits: 3072 },
  RSA_4096: { kind: 'rsa', bits: 4096 },
  EC_P256: { kind: 'ec', oid: '2a8648ce3d030107', bytes: 32, algorithm: 'ECDSA_SHA_256' },
  EC_P384: { kind: 'ec', oid: '2b81040022', bytes: 48, algorithm: 'ECDSA_SHA_384' },
  EC_P521: { kind: 'ec', oid: '2b81040023', bytes: 66, algorithm: 'ECDSA_SHA_512' },
  EC_SECP256K1: { kind: 'ec', oid: '2b8104000a', bytes: 32, algorithm: 'ECDSA_SHA_256' },
};

export const TOKEN_KEY_SPECS = Object.keys(SPECS).filter(isTokenKeySpec);

function isTokenKeySpec(name: string): name is TokenKeySpec {
  return Object.hasOwn(SPECS, name);
}

const USAGES: Readonly<Record<SpecRule['kind'], readonly TokenKeyUsage[]>> = {
  aes: ['ENCRYPT_DECRYPT'],
  hmac: ['GENERATE_VERIFY_MAC'],
  rsa: ['ENCRYPT_DECRYPT', 'SIGN_VERIFY'],
  ec: ['SIGN_VERIFY'],
};

export function usagesOf(spec: TokenKeySpec): readonly TokenKeyUsage[] {
  return USAGES[SPECS[spec].kind];
}

/** The spec of these measures; null when it is none of ours. */
export function specWhere(fits: (rule: SpecRule) => boolean): TokenKeySpec | null {
  return TOKEN_KEY_SPECS.find((spec) => fits(SPECS[spec])) ?? null;
}
