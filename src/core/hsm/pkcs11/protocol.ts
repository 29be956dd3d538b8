import type { WireError } from '../../../contract/errors.ts';
import type { SealedReply } from '../../../contract/schemas.ts';
import type { MacAlgorithm, MessageType, RsaEncryptionAlgorithm, SigningAlgorithm } from '../protocol.ts';

/**
 * The private channel between the daemon and a token process: one process for one token, which has loaded one vendor's PKCS#11 module.
 * Frames travel as on the HSM's channel. Names are PKCS#11's (v2.40) where it has one and AWS's for keys and algorithms.
 *
 * Every operation can fail with `TokenUnavailable` (the token is gone or never was there: a new process may find it again),
 * `Unsupported` (this token has no such mechanism), `HsmRefused` (it has, and will not) and `InvalidInput`. `details.ckr` is the module's
 * own answer (`CKR_…`), where there was one.
 */

export type TokenKeySpec =
  | 'AES_256'
  | 'HMAC_224'
  | 'HMAC_256'
  | 'HMAC_384'
  | 'HMAC_512'
  | 'RSA_2048'
  | 'RSA_3072'
  | 'RSA_4096'
  | 'EC_P256'
  | 'EC_P384'
  | 'EC_P521'
  | 'EC_SECP256K1';
/** AES_256: ENCRYPT_DECRYPT; HMAC_*: GENERATE_VERIFY_MAC; EC_*: SIGN_VERIFY; RSA_*: one of the two. */
export type TokenKeyUsage = 'ENCRYPT_DECRYPT' | 'SIGN_VERIFY' | 'GENERATE_VERIFY_MAC';

/** RSA and ECDSA algorithms of AWS's names. */
export type TokenSigningAlgorithm = Extract<SigningAlgorithm, `RSASSA_${string}` | `ECDSA_${string}`>;

/** C_GetInfo. */
export interface ModuleFacts {
  manufacturer: string;
  description: string;
  /** `2.6` */
  version: string;
  cryptokiVersion: string;
}

/** C_GetTokenInfo, as far as people and the keeper need it. */
export interface TokenFacts {
  label: string;
  serial: string;
  manufacturer: string;
  model: string;
  firmwareVersion: string;
  /** CKF_TOKEN_INITIALIZED and CKF_USER_PIN_INITIALIZED. */
  initialized: boolean;
  writeProtected: boolean;
  /** CKF_USER_PIN_…: how near the PIN is to being locked. `low`: a wrong one was entered since the last right one. */
  pin: 'ok' | 'low' | 'final-try' | 'locked';
}

/** The PKCS#11 attributes that say whether anybody can read a secret or private key. */
export interface TokenKeyAttributes {
  label: string;
  /** CKA_SENSITIVE: its value cannot be read in the clear. */
  sensitive: boolean;
  /** CKA_ALWAYS_SENSITIVE: nor could it ever. */
  alwaysSensitive: boolean;
  /** CKA_EXTRACTABLE: it can be wrapped and taken out. */
  extractable: boolean;
  /** CKA_NEVER_EXTRACTABLE. */
  neverExtractable: boolean;
  /** CKA_LOCAL: made in this token. */
  local: boolean;
  /** CKA_PRIVATE: of use only after login. */
  private: boolean;
}

/** What a connected token answers. */
export interface LoginFacts {
  token: TokenFacts;
  /** Calls that it takes at a time. */
  lanes: number;
  /** CKM_… names, sorted; `0x…` for those that PKCS#11 2.40 does not name. */
  mechanisms: string[];
}

/** `keyId` is CKA_ID: 16 bytes as 32 hex digits. */
interface KeyName {
  keyId: string;
}

/** What keys in the token do: the part of the channel that `TokenBackend` offers. */
export interface TokenKeyOperations {
  /**
   * A new token object that never leaves the token: sensitive, not extractable, private. What the token made of it is read back, and an AES key is
   * tried; a key that is not as it should be is destroyed again (`HsmRefused`). `publicKey` (pairs) is SubjectPublicKeyInfo DER.
   * `AlreadyExists` when the token has an object with this CKA_ID.
   */
  generateKey: [
    KeyName & { spec: TokenKeySpec; usage: TokenKeyUsage; label: string },
    { attributes: TokenKeyAttributes; publicKey?: Uint8Array },
  ];
  /** Null when the token has no secret or private key with this CKA_ID. */
  findKey: [KeyName, { key: { attributes: TokenKeyAttributes; publicKey?: Uint8Array } | null }];
  /** Destroys the key and its public half. `NotFound` when it is not there. */
  destroyKey: [KeyName, Record<string, never>];

  /**
   * CKM_AES_GCM over 1 to 4,096 bytes, bound to `aad` (0 to 65,536 bytes): IV (12) || encrypted || tag (16). The IV is random, or the token's own where the
   * token insists on that; one key is good for 2^32 messages (SP 800-38D, 8.3).
   */
  encrypt: [KeyName & { aad: Uint8Array; plaintext: Uint8Array }, { ciphertext: Uint8Array }];
  /** `InvalidCiphertext` when `encrypt` did not make it with this key and this `aad`, or a byte was changed. */
  decrypt: [KeyName & { aad: Uint8Array; ciphertext: Uint8Array }, { plaintext: Uint8Array }];
  /** `length` (1 to 1,024) bytes of the token's own generator as `encrypt` gives them, and in the clear with `reveal`. */
  generateDataKey: [
    KeyName & { aad: Uint8Array; length: number; reveal: boolean },
    { ciphertext: Uint8Array; plaintext?: Uint8Array },
  ];

  /** RSAES-OAEP, MGF1 with the same hash, empty label. `InvalidInput` when the plaintext is too long. */
  asymEncrypt: [KeyName & { algorithm: RsaEncryptionAlgorithm; plaintext: Uint8Array }, { ciphertext: Uint8Array }];
  /** `InvalidCiphertext` for whatever does not decrypt. */
  asymDecrypt: [KeyName & { algorithm: RsaEncryptionAlgorithm; ciphertext: Uint8Array }, { plaintext: Uint8Array }];
  /** A message of 0 to 4,096 bytes, or its digest. PSS with a salt as long as the hash; ECDSA as DER. */
  sign: [
    KeyName & {
      algorithm: TokenSigningAlgorithm;
      messageType: Exclude<MessageType, 'EXTERNAL_MU'>;
      message: Uint8Array;
    },
    { signature: Uint8Array },
  ];
  verify: [
    KeyName & {
      algorithm: TokenSigningAlgorithm;
      messageType: Exclude<MessageType, 'EXTERNAL_MU'>;
      message: Uint8Array;
      signature: Uint8Array;
    },
    { valid: boolean },
  ];
  mac: [KeyName & { algorithm: MacAlgorithm; message: Uint8Array }, { mac: Uint8Array }];
  /** The token compares. */
  verifyMac: [KeyName & { algorithm: MacAlgorithm; message: Uint8Array; mac: Uint8Array }, { valid: boolean }];

  /** C_GenerateRandom, 1 to 1,024 bytes. */
  random: [{ length: number }, { bytes: Uint8Array }];
}

/** Operation → [input, output]. */
export interface TokenOperations extends TokenKeyOperations {
  /** This process's ephemeral X25519 public key (32 bytes), to which the HSM process seals the PIN. */
  replyKey: [Record<string, never>, { publicKey: Uint8Array }];
  /** Loads the vendor's module and initialises it. Once in the life of a process. */
  load: [{ module: string }, ModuleFacts];
  /** The tokens in the module's slots; slots without a token are left out. */
  listTokens: [Record<string, never>, { tokens: TokenFacts[] }];
  /**
   * Finds the one token with this label (and this serial number, unless null), opens sessions and logs in as its user. `TokenPinRefused` for a wrong, locked or
   * missing PIN. When one more wrong PIN would lock the token, it is tried only with `finalTry`.
   */
  login: [{ label: string; serial: string | null; pin: SealedReply; finalTry: boolean }, LoginFacts];
  /** The user’s PIN becomes `next`, both sealed to this process. `InvalidInput` for one that the token does not take. After any other answer but a refusal of the token's own it may have changed it. */
  setPin: [{ current: SealedReply; next: SealedReply }, Record<string, never>];
  /** What the token says about itself now. */
  tokenInfo: [Record<string, never>, { token: TokenFacts }];
  /** Makes an AES key that lives as long as the session, and encrypts, decrypts and sees a changed byte refused with it. */
  selfTest: [Record<string, never>, Record<string, never>];
}

export type TokenOperation = keyof TokenOperations;
export type TokenInput<O extends TokenOperation> = TokenOperations[O][0];
export type TokenOutput<O extends TokenOperation> = TokenOperations[O][1];
export type TokenKeyOperation = keyof TokenKeyOperations;

export interface TokenRequestFrame {
  id: number;
  op: string;
  input: unknown;
}
export type TokenResponseFrame = { id: number; output: unknown } | { id: number; error: WireError };
