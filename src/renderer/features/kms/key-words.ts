import type { KmsKeyState, KmsKeySummary } from '../../../contract/kms.ts';

/** Short names of key specs, as a row has room for. */
const SPECS: Readonly<Record<string, { short: string; long: string }>> = {
  SYMMETRIC_DEFAULT: { short: 'AES-256', long: 'Symmetric, AES-256-GCM' },
  RSA_2048: { short: 'RSA 2048', long: 'RSA, 2,048 bits' },
  RSA_3072: { short: 'RSA 3072', long: 'RSA, 3,072 bits' },
  RSA_4096: { short: 'RSA 4096', long: 'RSA, 4,096 bits' },
  ECC_NIST_P256: { short: 'P-256', long: 'Elliptic curve, NIST P-256' },
  ECC_NIST_P384: { short: 'P-384', long: 'Elliptic curve, NIST P-384' },
  ECC_NIST_P521: { short: 'P-521', long: 'Elliptic curve, NIST P-521' },
  ECC_NIST_EDWARDS25519: { short: 'Ed25519', long: 'Edwards curve, Ed25519' },
  ECC_SECG_P256K1: { short: 'secp256k1', long: 'Elliptic curve, secp256k1' },
  SM2: { short: 'SM2', long: 'Elliptic curve, SM2' },
  HMAC_224: { short: 'HMAC 224', long: 'HMAC, 224 bits' },
  HMAC_256: { short: 'HMAC 256', long: 'HMAC, 256 bits' },
  HMAC_384: { short: 'HMAC 384', long: 'HMAC, 384 bits' },
  HMAC_512: { short: 'HMAC 512', long: 'HMAC, 512 bits' },
  ML_DSA_44: { short: 'ML-DSA-44', long: 'ML-DSA-44, post-quantum' },
  ML_DSA_65: { short: 'ML-DSA-65', long: 'ML-DSA-65, post-quantum' },
  ML_DSA_87: { short: 'ML-DSA-87', long: 'ML-DSA-87, post-quantum' },
  ML_KEM_512: { short: 'ML-KEM-512', long: 'ML-KEM-512, post-quantum' },
  ML_KEM_768: { short: 'ML-KEM-768', long: 'ML-KEM-768, post-quantum' },
  ML_KEM_1024: { short: 'ML-KEM-1024', long: 'ML-KEM-1024, post-quantum' },
};

const USAGES: Readonly<Record<string, string>> = {
  ENCRYPT_DECRYPT: 'encrypt and decrypt',
  SIGN_VERIFY: 'sign and verify',
  GENERATE_VERIFY_MAC: 'make and check MACs',
  KEY_AGREEMENT: 'agree on secrets',
  ENCAPSULATE_DECAPSULATE: 'encapsulate keys',
};

const ORIGINS: Readonly<Record<KmsKeySummary['origin'], string>> = {
  AWS_KMS: 'Made in the HSM of this vault',
  EXTERNAL: 'Imported',
  AWS_CLOUDHSM: 'Made in the token of its key store',
  EXTERNAL_KEY_STORE: 'Held by an external key manager',
};

const STATES: Readonly<Record<KmsKeyState, string>> = {
  Creating: 'being made',
  Enabled: 'enabled',
  Disabled: 'disabled',
  PendingDeletion: 'pending deletion',
  PendingImport: 'pending import',
  PendingReplicaDeletion: 'waits for replicas',
  Unavailable: 'unavailable',
  Updating: 'updating',
};

export function shortSpec(spec: string): string {
  return SPECS[spec]?.short ?? spec;
}

export function longSpec(spec: string): string {
  return SPECS[spec]?.long ?? spec;
}

export function usageWords(usage: string): string {
  return USAGES[usage] ?? usage;
}

export function originWords(origin: KmsKeySummary['origin']): string {
  return ORIGINS[origin];
}

export function stateWords(state: KmsKeyState): string {
  return STATES[state];
}

/** An alias without the prefix that all have. */
export function aliasName(alias: string): string {
  return alias.replace(/^alias\//, '');
}

/** What a key is called on the screen: its first alias, or the beginning of its id. */
export function keyTitle(key: Pick<KmsKeySummary, 'aliases' | 'keyId'>): string {
  const alias = key.aliases[0];
  return alias === undefined ? shortId(key.keyId) : aliasName(alias);
}

/** `1234abcd…7890`: enough to recognise a key id by. */
export function shortId(keyId: string): string {
  return keyId.length <= 16 ? keyId : `${keyId.slice(0, keyId.startsWith('mrk-') ? 12 : 8)}…${keyId.slice(-4)}`;
}

/** Whether this page can try the key out: it encrypts bytes that were typed. */
export function encrypts(key: KmsKeySummary): boolean {
  return key.usage === 'ENCRYPT_DECRYPT' && (key.state === 'Enabled' || key.state === 'Updating');
}

const POLICY_DAYS = 365;
const DAY = 86_400_000;

/** Of a key that could rotate and does not by itself: its material is over a year old. Imported material is the owner's to replace. */
export function isRotationDue(key: KmsKeySummary, now: number): boolean {
  if (!key.rotatable || key.rotation !== undefined || key.manager === 'AWS' || key.origin !== 'AWS_KMS') return false;
  if (key.state !== 'Enabled' || key.materialSince === undefined) return false;
  return now - Date.parse(key.materialSince) > POLICY_DAYS * DAY;
}
