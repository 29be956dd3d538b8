import { partitionOf } from '../../../../contract/partitions.ts';

export interface SpecChoice {
  spec: string;
  title: string;
  text: string;
  note?: string;
  /** Whether AWS has it in its China Regions alone, or everywhere but there. */
  china?: 'only' | 'never';
}

export interface Purpose {
  id: string;
  /** KeyUsage */
  usage: string;
  title: string;
  text: string;
  /** The first is what most people want. */
  specs: readonly [SpecChoice, ...SpecChoice[]];
}

const NOT_AUDITED = 'not independently audited';

/** What a key can be for, and the specs that serve it (KMS Developer Guide, "Key spec reference"). */
export const PURPOSES: readonly [Purpose, ...Purpose[]] = [
  {
    id: 'encrypt',
    usage: 'ENCRYPT_DECRYPT',
    title: 'Encrypt and decrypt data',
    text: 'Files, backups, secrets, data keys for your tools. What most keys are for.',
    specs: [
      {
        spec: 'SYMMETRIC_DEFAULT',
        title: 'Symmetric, AES-256',
        text: 'Every encryption and decryption is asked of the KMS. Can rotate, and knows encryption contexts.',
        note: 'recommended',
      },
    ],
  },
  {
    id: 'encrypt-outside',
    usage: 'ENCRYPT_DECRYPT',
    title: 'Let others encrypt, decrypt here',
    text: 'Anyone with the public key encrypts without Keyhold; only this key decrypts.',
    specs: [
      { spec: 'RSA_3072', title: 'RSA 3072', text: 'Up to 318 bytes at once.', note: 'recommended' },
      { spec: 'RSA_2048', title: 'RSA 2048', text: 'Up to 190 bytes at once. For what knows nothing better.' },
      { spec: 'RSA_4096', title: 'RSA 4096', text: 'Up to 446 bytes at once. Slower.' },
      { spec: 'SM2', title: 'SM2', text: 'SM2PKE, up to 1,024 bytes at once.', note: NOT_AUDITED, china: 'only' },
    ],
  },
  {
    id: 'sign',
    usage: 'SIGN_VERIFY',
    title: 'Sign, and check signatures',
    text: 'Releases, tokens, documents. Anyone with the public key can check.',
    specs: [
      {
        spec: 'ECC_NIST_P256',
        title: 'NIST P-256',
        text: 'ECDSA with SHA-256. Small, fast, known everywhere.',
        note: 'recommended',
      },
      { spec: 'ECC_NIST_EDWARDS25519', title: 'Ed25519', text: 'Small and fast, for SSH, TUF and much that is new.' },
      { spec: 'ECC_NIST_P384', title: 'NIST P-384', text: 'ECDSA with SHA-384.' },
      { spec: 'ECC_NIST_P521', title: 'NIST P-521', text: 'ECDSA with SHA-512.' },
      { spec: 'ECC_SECG_P256K1', title: 'secp256k1', text: 'ECDSA with SHA-256, for blockchains.' },
      { spec: 'RSA_2048', title: 'RSA 2048', text: 'PKCS #1 v1.5 or PSS, for what knows RSA only.' },
      { spec: 'RSA_3072', title: 'RSA 3072', text: 'PKCS #1 v1.5 or PSS.' },
      { spec: 'RSA_4096', title: 'RSA 4096', text: 'PKCS #1 v1.5 or PSS. Slower.' },
      { spec: 'ML_DSA_44', title: 'ML-DSA-44', text: 'Post-quantum, FIPS 204.', note: NOT_AUDITED },
      { spec: 'ML_DSA_65', title: 'ML-DSA-65', text: 'Post-quantum, FIPS 204.', note: NOT_AUDITED },
      { spec: 'ML_DSA_87', title: 'ML-DSA-87', text: 'Post-quantum, FIPS 204.', note: NOT_AUDITED },
      { spec: 'SM2', title: 'SM2', text: 'SM2DSA with SM3, GB/T 32918.', note: NOT_AUDITED, china: 'only' },
    ],
  },
  {
    id: 'mac',
    usage: 'GENERATE_VERIFY_MAC',
    title: 'Prove that a message is unchanged',
    text: 'HMAC codes for tokens and webhooks, made and checked by the same key.',
    specs: [
      { spec: 'HMAC_256', title: 'HMAC 256', text: 'With SHA-256.', note: 'recommended' },
      { spec: 'HMAC_224', title: 'HMAC 224', text: 'With SHA-224.' },
      { spec: 'HMAC_384', title: 'HMAC 384', text: 'With SHA-384.' },
      { spec: 'HMAC_512', title: 'HMAC 512', text: 'With SHA-512.' },
    ],
  },
  {
    id: 'agree',
    usage: 'KEY_AGREEMENT',
    title: 'Agree on a secret with someone else',
    text: 'ECDH: both sides derive the same secret from their own key and the other’s public key.',
    specs: [
      { spec: 'ECC_NIST_P256', title: 'NIST P-256', text: 'ECDH.', note: 'recommended' },
      { spec: 'ECC_NIST_P384', title: 'NIST P-384', text: 'ECDH.' },
      { spec: 'ECC_NIST_P521', title: 'NIST P-521', text: 'ECDH.' },
      { spec: 'SM2', title: 'SM2', text: 'ECDH on the SM2 curve.', note: NOT_AUDITED, china: 'only' },
    ],
  },
  {
    id: 'encapsulate',
    usage: 'ENCAPSULATE_DECAPSULATE',
    title: 'Receive secrets, safe from quantum computers',
    text: 'ML-KEM: anyone with the public key wraps a fresh secret for this key.',
    specs: [
      { spec: 'ML_KEM_768', title: 'ML-KEM-768', text: 'FIPS 203.', note: NOT_AUDITED, china: 'never' },
      { spec: 'ML_KEM_512', title: 'ML-KEM-512', text: 'FIPS 203.', note: NOT_AUDITED, china: 'never' },
      { spec: 'ML_KEM_1024', title: 'ML-KEM-1024', text: 'FIPS 203.', note: NOT_AUDITED, china: 'never' },
    ],
  },
];

/** The specs of a purpose that there are in a Region; the first is there wherever one is. */
export function specsIn({ specs }: Purpose, region: string): readonly SpecChoice[] {
  const missing = partitionOf(region) === 'aws-cn' ? 'never' : 'only';
  return specs.filter(({ china }) => china !== missing);
}

/** The purposes that a Region has a spec for; the first is there in all. */
export function purposesIn(region: string): readonly Purpose[] {
  return PURPOSES.filter((purpose) => specsIn(purpose, region).length > 0);
}
