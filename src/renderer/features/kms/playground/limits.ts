const SYMMETRIC_BYTES = 4096;
const SM2_BYTES = 1024;
const HASH_BYTES: Readonly<Record<string, number>> = { RSAES_OAEP_SHA_1: 20, RSAES_OAEP_SHA_256: 32 };

/** The most bytes that Encrypt takes: 4,096, AWS's limit for SM2PKE, or what RSA-OAEP has room for (RFC 8017, section 7.1.1). */
export function plaintextLimit(spec: string, algorithm: string): number {
  if (spec === 'SM2') return SM2_BYTES;
  if (!spec.startsWith('RSA_')) return SYMMETRIC_BYTES;
  return Number(spec.slice('RSA_'.length)) / 8 - 2 * (HASH_BYTES[algorithm] ?? 32) - 2;
}

/** What Encrypt and Decrypt are told of the algorithm; undefined for symmetric keys, which have one and know contexts. */
export function encryptionAlgorithm(spec: string, padding: string): string | undefined {
  if (spec === 'SM2') return 'SM2PKE';
  return spec.startsWith('RSA_') ? padding : undefined;
}
