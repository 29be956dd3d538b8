import type { Gate, ObjectAttributes, ObjectRef, ObjectUsage, SealedBlob } from './protocol.ts';

/**
 * The KMS operations of the HSM's channel: what an AWS KMS key does with its backing key. Algorithms go by the names of AWS's API
 * (2014-11-01). Which key in which state may do what for whom is decided by the caller; the HSM holds spec, usage and expiry.
 *
 * Every operation that takes a key fails with `HsmRefused` when the object's spec, usage or expiry does not allow it, also when the
 * algorithm is not one of the spec's; and with `InvalidInput` for a message, digest or plaintext of the wrong length.
 */

export type RsaSpec = 'RSA_2048' | 'RSA_3072' | 'RSA_4096';
export type EcSpec = 'EC_P256' | 'EC_P384' | 'EC_P521' | 'EC_SECP256K1';
export type MlDsaSpec = 'ML_DSA_44' | 'ML_DSA_65' | 'ML_DSA_87';
export type MlKemSpec = 'ML_KEM_512' | 'ML_KEM_768' | 'ML_KEM_1024';
export type HmacSpec = 'HMAC_224' | 'HMAC_256' | 'HMAC_384' | 'HMAC_512';
/** Specs of key pairs. Private keys are kept as PKCS#8 DER; ML-DSA as its 32-byte seed, ML-KEM as its 64-byte seed (d || z). */
export type KeyPairSpec = RsaSpec | EcSpec | 'ED25519' | 'SM2' | MlDsaSpec | MlKemSpec;
/** Every spec that a KMS key can have. AWS's SYMMETRIC_DEFAULT is AES_256. */
export type KmsSpec = 'AES_256' | HmacSpec | KeyPairSpec;
/** What `GenerateDataKeyPair` makes. */
export type DataKeyPairSpec = RsaSpec | EcSpec | 'ED25519' | 'SM2' | MlKemSpec;
/** What material can be wrapped to for an import. */
export type ImportKeySpec = RsaSpec | 'SM2';

export type RsaEncryptionAlgorithm = 'RSAES_OAEP_SHA_1' | 'RSAES_OAEP_SHA_256';
export type AsymEncryptionAlgorithm = RsaEncryptionAlgorithm | 'SM2PKE';
export type RsaSigningAlgorithm = `${'RSASSA_PSS' | 'RSASSA_PKCS1_V1_5'}_${'SHA_256' | 'SHA_384' | 'SHA_512'}`;
export type EcdsaAlgorithm = 'ECDSA_SHA_256' | 'ECDSA_SHA_384' | 'ECDSA_SHA_512';
export type SigningAlgorithm =
  | RsaSigningAlgorithm
  | EcdsaAlgorithm
  | 'ED25519_SHA_512'
  | 'ED25519_PH_SHA_512'
  | 'ML_DSA_SHAKE_256'
  | 'SM2DSA';
/**
 * What `message` is. RAW: the message, hashed as part of the algorithm. DIGEST: its digest, of exactly the hash's length (RSA, ECDSA);
 * for ED25519_PH_SHA_512 alone, as AWS has it, a 64-byte digest that the algorithm hashes once more. EXTERNAL_MU: the 64-byte μ of
 * FIPS 204 (ML-DSA). SM2DSA hashes a RAW message with SM3 under the distinguishing id 1234567812345678. ED25519_SHA_512 takes RAW only, ED25519_PH_SHA_512 takes DIGEST only.
 */
export type MessageType = 'RAW' | 'DIGEST' | 'EXTERNAL_MU';
export type MacAlgorithm = 'HMAC_SHA_224' | 'HMAC_SHA_256' | 'HMAC_SHA_384' | 'HMAC_SHA_512';
/** RSAES_PKCS1_V1_5 is AWS's withdrawn one, for callers that still offer it. */
export type WrappingAlgorithm =
  | RsaEncryptionAlgorithm
  | 'RSA_AES_KEY_WRAP_SHA_1'
  | 'RSA_AES_KEY_WRAP_SHA_256'
  | 'RSAES_PKCS1_V1_5'
  | 'SM2PKE';

/** What ReEncrypt reads: exactly what `kmsDecrypt` or `asymDecrypt` would take. */
export type ReEncryptSource =
  | { key: ObjectRef; algorithm: 'SYMMETRIC_DEFAULT'; aad: Uint8Array; ciphertext: Uint8Array }
  | { key: ObjectRef; algorithm: AsymEncryptionAlgorithm; ciphertext: Uint8Array };
/** What ReEncrypt writes: exactly what `kmsEncrypt` or `asymEncrypt` would take. */
export type ReEncryptDestination =
  | { key: ObjectRef; algorithm: 'SYMMETRIC_DEFAULT'; aad: Uint8Array }
  | { key: ObjectRef; algorithm: AsymEncryptionAlgorithm };

/** A new backing key, ready to be stored (record kind `object`, version 1). */
export interface KmsMaterial {
  attributes: ObjectAttributes;
  blob: SealedBlob;
  /**
   * 64 hex digits: HMAC-SHA-256 over (materialContext, material) under a key of this vault, or under `naming`. The same material in the same context has
   * the same id, imported again or in another Region; it tells nothing about the material.
   */
  materialId: string;
  /** SubjectPublicKeyInfo DER; of key pairs only. */
  publicKey?: Uint8Array;
}

/** What both ways of getting a backing key are told about it. */
export interface NewKmsMaterial {
  id: string; // 32 hex digits
  spec: KmsSpec;
  /**
   * ENCRYPT_DECRYPT is encrypt and decrypt (AES_256, RSA, SM2), SIGN_VERIFY is sign and verify, GENERATE_VERIFY_MAC is mac, KEY_AGREEMENT and
   * ENCAPSULATE_DECAPSULATE are derive (EC_P256, EC_P384, EC_P521, SM2; ML_KEM).
   */
  usage: ObjectUsage[];
  label: string;
  createdAt: number; // ms since epoch
  /** What the material id is bound to besides the material; 0 to 1,024 bytes. */
  materialContext: Uint8Array;
  /** What names the material instead of this vault's own key: of an account that was imported. */
  naming?: ObjectRef;
  /** The HSM refuses every use from this time on (ms since epoch). */
  notAfter?: number;
  /** Every use wants a touch. */
  mfa?: Gate;
}

/** Operation → [input, output]. */
export interface KmsHsmOperations {
  /** Fresh material. RSA is made off the HSM's event loop: seconds for RSA_4096, during which others are answered. */
  generateKmsMaterial: [NewKmsMaterial, KmsMaterial];
  /** The public half of a key pair with any usage, as SubjectPublicKeyInfo DER. */
  publicKeyOf: [{ key: ObjectRef }, { publicKey: Uint8Array }];

  /**
   * AES-256-GCM (usage encrypt) of 1 to 4,096 bytes under a key derived for this message, bound to `aad` (0 to 65,536 bytes). The
   * ciphertext is derivation nonce (16) || GCM nonce (12) || encrypted || tag (16): 44 bytes longer than the plaintext.
   */
  kmsEncrypt: [{ key: ObjectRef; aad: Uint8Array; plaintext: Uint8Array }, { ciphertext: Uint8Array }];
  /** Usage decrypt. `InvalidCiphertext` when `kmsEncrypt` did not make it with this key and this `aad`, or a byte was changed. */
  kmsDecrypt: [{ key: ObjectRef; aad: Uint8Array; ciphertext: Uint8Array }, { plaintext: Uint8Array }];
  /**
   * Decrypts with one key (usage decrypt) and encrypts with another (usage encrypt); the plaintext stays here. `InvalidCiphertext` as
   * for decrypting; `InvalidInput` when the plaintext is too long for an RSA destination.
   */
  kmsReEncrypt: [{ source: ReEncryptSource; destination: ReEncryptDestination }, { ciphertext: Uint8Array }];
  /** `length` (1 to 1,024) random bytes as `kmsEncrypt` gives them, and in the clear with `reveal`. */
  kmsGenerateDataKey: [
    { key: ObjectRef; aad: Uint8Array; length: number; reveal: boolean },
    { ciphertext: Uint8Array; plaintext?: Uint8Array },
  ];
  /**
   * A fresh key pair: `publicKey` SubjectPublicKeyInfo DER, the private key PKCS#8 DER (ML-KEM: the seed form of RFC 9935) as
   * `kmsEncrypt` gives it, and in the clear with `reveal`.
   */
  kmsGenerateDataKeyPair: [
    { key: ObjectRef; aad: Uint8Array; spec: DataKeyPairSpec; reveal: boolean },
    { publicKey: Uint8Array; privateCiphertext: Uint8Array; privatePlaintext?: Uint8Array },
  ];

  /** RSAES-OAEP (RFC 8017), MGF1 with the same hash, empty label; SM2PKE (GB/T 32918.4) as GM/T 0009 writes it; usage encrypt. */
  asymEncrypt: [
    { key: ObjectRef; algorithm: AsymEncryptionAlgorithm; plaintext: Uint8Array },
    { ciphertext: Uint8Array },
  ];
  /** Usage decrypt. `InvalidCiphertext` for whatever does not decrypt, of any length. */
  asymDecrypt: [
    { key: ObjectRef; algorithm: AsymEncryptionAlgorithm; ciphertext: Uint8Array },
    { plaintext: Uint8Array },
  ];
  /**
   * Usage sign; message of 0 to 4,096 bytes. RSASSA-PKCS1-v1_5 and RSASSA-PSS (salt as long as the hash) as in RFC 8017, ECDSA as DER
   * (either s, as AWS gives it), Ed25519 and Ed25519ph as in RFC 8032, ML-DSA (hedged, empty context) as in FIPS 204, SM2DSA (GB/T 32918.2) as DER.
   */
  kmsSign: [
    { key: ObjectRef; algorithm: SigningAlgorithm; messageType: MessageType; message: Uint8Array },
    { signature: Uint8Array },
  ];
  /** Usage verify; a signature of 1 to 6,144 bytes. False for anything that `kmsSign` of this key would not accept as its own. */
  kmsVerify: [
    {
      key: ObjectRef;
      algorithm: SigningAlgorithm;
      messageType: MessageType;
      message: Uint8Array;
      signature: Uint8Array;
    },
    { valid: boolean },
  ];
  /** HMAC (usage mac) with the hash of the key's own spec; message of 1 to 4,096 bytes. */
  kmsMac: [{ key: ObjectRef; algorithm: MacAlgorithm; message: Uint8Array }, { mac: Uint8Array }];
  /** Compares in constant time; a MAC of another length is not valid. */
  kmsVerifyMac: [{ key: ObjectRef; algorithm: MacAlgorithm; message: Uint8Array; mac: Uint8Array }, { valid: boolean }];
  /**
   * ECDH (SP 800-56A rev. 3, 5.7.1.2; usage derive) with a peer's SubjectPublicKeyInfo DER on the key's own curve; `InvalidInput` for
   * any other. The secret is the x-coordinate: 32, 48 or 66 bytes.
   */
  kmsDeriveSharedSecret: [{ key: ObjectRef; publicKey: Uint8Array }, { sharedSecret: Uint8Array }];
  /** ML-KEM (FIPS 203; usage derive): a fresh 32-byte secret and its encapsulated form, 768, 1,088 or 1,568 bytes. */
  kmsEncapsulate: [{ key: ObjectRef }, { sharedSecret: Uint8Array; ciphertext: Uint8Array }];
  /**
   * The secret (32 bytes). `InvalidCiphertext` for a wrong length only: ML-KEM rejects implicitly, so other bytes of the right length
   * give another secret.
   */
  kmsDecapsulate: [{ key: ObjectRef; ciphertext: Uint8Array }, { sharedSecret: Uint8Array }];

  /** An RSA or SM2 key pair (usage unwrap) for one import; `notAfter` (ms since epoch) is when it stops unwrapping. */
  generateImportKey: [
    { id: string; spec: ImportKeySpec; label: string; createdAt: number; notAfter?: number },
    { attributes: ObjectAttributes; blob: SealedBlob; publicKey: Uint8Array },
  ];
  /**
   * Unwraps material that was encrypted to an import key and makes it an object. AES_256 and HMAC_*: the raw key of exactly the spec's
   * length; key pairs: PKCS#8 DER (ML-DSA and ML-KEM with a seed). `InvalidCiphertext` when it does not unwrap with this key and
   * algorithm; `InvalidKeyMaterial` when what was inside is not a key of this spec.
   */
  importKmsMaterial: [
    NewKmsMaterial & { wrappingKey: ObjectRef; algorithm: WrappingAlgorithm; encryptedKeyMaterial: Uint8Array },
    KmsMaterial,
  ];
}
