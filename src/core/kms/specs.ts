import type { KmsSpec, ObjectUsage } from '../hsm/protocol.ts';

/** What a KMS key can be made of. */
export const KEY_SPECS = [
  'SYMMETRIC_DEFAULT',
  'RSA_2048',
  'RSA_3072',
  'RSA_4096',
  'ECC_NIST_P256',
  'ECC_NIST_P384',
  'ECC_NIST_P521',
  'ECC_NIST_EDWARDS25519',
  'ECC_SECG_P256K1',
  'SM2',
  'HMAC_224',
  'HMAC_256',
  'HMAC_384',
  'HMAC_512',
  'ML_DSA_44',
  'ML_DSA_65',
  'ML_DSA_87',
  'ML_KEM_512',
  'ML_KEM_768',
  'ML_KEM_1024',
] as const;
export type KeySpec = (typeof KEY_SPECS)[number];

export const KEY_USAGES = [
  'ENCRYPT_DECRYPT',
  'SIGN_VERIFY',
  'GENERATE_VERIFY_MAC',
  'KEY_AGREEMENT',
  'ENCAPSULATE_DECAPSULATE',
] as const;
export type KeyUsage = (typeof KEY_USAGES)[number];

export type EncryptionAlgorithm = 'SYMMETRIC_DEFAULT' | 'RSAES_OAEP_SHA_1' | 'RSAES_OAEP_SHA_256' | 'SM2PKE';
export type SigningAlgorithm =
  | 'RSASSA_PKCS1_V1_5_SHA_256'
  | 'RSASSA_PKCS1_V1_5_SHA_384'
  | 'RSASSA_PKCS1_V1_5_SHA_512'
  | 'RSASSA_PSS_SHA_256'
  | 'RSASSA_PSS_SHA_384'
  | 'RSASSA_PSS_SHA_512'
  | 'ECDSA_SHA_256'
  | 'ECDSA_SHA_384'
  | 'ECDSA_SHA_512'
  | 'ED25519_SHA_512'
  | 'ED25519_PH_SHA_512'
  | 'ML_DSA_SHAKE_256'
  | 'SM2DSA';
export type MacAlgorithm = 'HMAC_SHA_224' | 'HMAC_SHA_256' | 'HMAC_SHA_384' | 'HMAC_SHA_512';

/** The algorithms of a key, by the member of KeyMetadata that lists them; the usage decides which member there is. */
export interface Algorithms {
  readonly EncryptionAlgorithms?: readonly EncryptionAlgorithm[];
  readonly SigningAlgorithms?: readonly SigningAlgorithm[];
  readonly MacAlgorithms?: readonly MacAlgorithm[];
  readonly KeyAgreementAlgorithms?: readonly 'ECDH'[];
  readonly EncapsulationAlgorithms?: readonly 'ML_KEM'[];
}

interface SpecRule {
  /** The HSM's name of it. */
  readonly hsm: KmsSpec;
  readonly family: 'symmetric' | 'hmac' | 'asymmetric';
  /** The usages there are, each with its algorithms. */
  readonly usages: { readonly [U in KeyUsage]?: Algorithms };
}

const RSA_USAGES: SpecRule['usages'] = {
  ENCRYPT_DECRYPT: { EncryptionAlgorithms: ['RSAES_OAEP_SHA_1', 'RSAES_OAEP_SHA_256'] },
  SIGN_VERIFY: {
    SigningAlgorithms: [
      'RSASSA_PKCS1_V1_5_SHA_256',
      'RSASSA_PKCS1_V1_5_SHA_384',
      'RSASSA_PKCS1_V1_5_SHA_512',
      'RSASSA_PSS_SHA_256',
      'RSASSA_PSS_SHA_384',
      'RSASSA_PSS_SHA_512',
    ],
  },
};

function rsa(hsm: KmsSpec): SpecRule {
  return { hsm, family: 'asymmetric', usages: RSA_USAGES };
}

function signing(hsm: KmsSpec, ...algorithms: SigningAlgorithm[]): SpecRule {
  return { hsm, family: 'asymmetric', usages: { SIGN_VERIFY: { SigningAlgorithms: algorithms } } };
}

function nistCurve(hsm: KmsSpec, algorithm: SigningAlgorithm): SpecRule {
  const usages: SpecRule['usages'] = {
    SIGN_VERIFY: { SigningAlgorithms: [algorithm] },
    KEY_AGREEMENT: { KeyAgreementAlgorithms: ['ECDH'] },
  };
  return { hsm, family: 'asymmetric', usages };
}

function hmac(hsm: KmsSpec, algorithm: MacAlgorithm): SpecRule {
  return { hsm, family: 'hmac', usages: { GENERATE_VERIFY_MAC: { MacAlgorithms: [algorithm] } } };
}

function kem(hsm: KmsSpec): SpecRule {
  const usages: SpecRule['usages'] = { ENCAPSULATE_DECAPSULATE: { EncapsulationAlgorithms: ['ML_KEM'] } };
  return { hsm, family: 'asymmetric', usages };
}

/** KMS Developer Guide, "Key spec reference". */
export const SPEC_RULES: Readonly<Record<KeySpec, SpecRule>> = {
  SYMMETRIC_DEFAULT: {
    hsm: 'AES_256',
    family: 'symmetric',
    usages: { ENCRYPT_DECRYPT: { EncryptionAlgorithms: ['SYMMETRIC_DEFAULT'] } },
  },
  RSA_2048: rsa('RSA_2048'),
  RSA_3072: rsa('RSA_3072'),
  RSA_4096: rsa('RSA_4096'),
  ECC_NIST_P256: nistCurve('EC_P256', 'ECDSA_SHA_256'),
  ECC_NIST_P384: nistCurve('EC_P384', 'ECDSA_SHA_384'),
  ECC_NIST_P521: nistCurve('EC_P521', 'ECDSA_SHA_512'),
  ECC_NIST_EDWARDS25519: signing('ED25519', 'ED25519_SHA_512', 'ED25519_PH_SHA_512'),
  ECC_SECG_P256K1: signing('EC_SECP256K1', 'ECDSA_SHA_256'),
  SM2: {
    hsm: 'SM2',
    family: 'asymmetric',
    usages: {
      ENCRYPT_DECRYPT: { EncryptionAlgorithms: ['SM2PKE'] },
      SIGN_VERIFY: { SigningAlgorithms: ['SM2DSA'] },
      KEY_AGREEMENT: { KeyAgreementAlgorithms: ['ECDH'] },
    },
  },
  HMAC_224: hmac('HMAC_224', 'HMAC_SHA_224'),
  HMAC_256: hmac('HMAC_256', 'HMAC_SHA_256'),
  HMAC_384: hmac('HMAC_384', 'HMAC_SHA_384'),
  HMAC_512: hmac('HMAC_512', 'HMAC_SHA_512'),
  ML_DSA_44: signing('ML_DSA_44', 'ML_DSA_SHAKE_256'),
  ML_DSA_65: signing('ML_DSA_65', 'ML_DSA_SHAKE_256'),
  ML_DSA_87: signing('ML_DSA_87', 'ML_DSA_SHAKE_256'),
  ML_KEM_512: kem('ML_KEM_512'),
  ML_KEM_768: kem('ML_KEM_768'),
  ML_KEM_1024: kem('ML_KEM_1024'),
};

const HSM_USAGES: Readonly<Record<KeyUsage, readonly ObjectUsage[]>> = {
  ENCRYPT_DECRYPT: ['encrypt', 'decrypt'],
  SIGN_VERIFY: ['sign', 'verify'],
  GENERATE_VERIFY_MAC: ['mac'],
  KEY_AGREEMENT: ['derive'],
  ENCAPSULATE_DECAPSULATE: ['derive'],
};

/** What the HSM object of such a key may be used for. */
export function hsmUsages(usage: KeyUsage): ObjectUsage[] {
  return [...HSM_USAGES[usage]];
}

/** The algorithms of a key; null when the spec has no such usage. */
export function algorithmsOf(spec: KeySpec, usage: KeyUsage): Algorithms | null {
  return SPEC_RULES[spec].usages[usage] ?? null;
}

const RSA_BITS: { readonly [S in KeySpec]?: number } = { RSA_2048: 2048, RSA_3072: 3072, RSA_4096: 4096 };
const OAEP_HASH_BYTES: { readonly [A in EncryptionAlgorithm]?: number } = {
  RSAES_OAEP_SHA_1: 20,
  RSAES_OAEP_SHA_256: 32,
};

const SM2PKE_BYTES = 1024;

/** The most bytes that a key pair encrypts at once: AWS's limit for SM2, modulus − 2 × hash − 2 for RSA (RFC 8017, section 7.1.1). Null for symmetric keys. */
export function plaintextLimit(spec: KeySpec, algorithm: EncryptionAlgorithm): number | null {
  if (algorithm === 'SM2PKE') return SM2PKE_BYTES;
  const bits = RSA_BITS[spec];
  const hash = OAEP_HASH_BYTES[algorithm];
  return bits === undefined || hash === undefined ? null : bits / 8 - 2 * hash - 2;
}

/** Bytes of the digest that an algorithm signs; null where it takes no digest. */
export function digestLength(algorithm: SigningAlgorithm): number | null {
  if (algorithm === 'ED25519_SHA_512' || algorithm === 'ML_DSA_SHAKE_256') return null;
  if (algorithm === 'SM2DSA' || algorithm.endsWith('SHA_256')) return 32;
  return algorithm.endsWith('SHA_384') ? 48 : 64;
}
