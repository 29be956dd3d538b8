import type { WireError } from '../../contract/errors.ts';
import type { ReplyPurpose, Sealed, SealedReply } from '../../contract/schemas.ts';
import type { AccountHsmOperations } from './protocol-account.ts';
import type { CredentialHsmOperations } from './protocol-credentials.ts';
import type { FidoHsmOperations, WayIn } from './protocol-fido.ts';
import type { Gate, GatesHsmOperations, LostKey } from './protocol-gates.ts';
import type { IamHsmOperations } from './protocol-iam.ts';
import type { KmsHsmOperations, KmsSpec } from './protocol-kms.ts';
import type { OtpHsmOperations, OtpParameters } from './protocol-otp.ts';
import type { RekeyHsmOperations } from './protocol-rekey.ts';
import type { StagedUsers, UsersHsmOperations } from './protocol-users.ts';
import type { X509HsmOperations } from './protocol-x509.ts';

export type * from './protocol-account.ts';
export type * from './protocol-fido.ts';
export type * from './protocol-gates.ts';
export type * from './protocol-iam.ts';
export type * from './protocol-kms.ts';
export type * from './protocol-otp.ts';
export type * from './protocol-rekey.ts';
export type * from './protocol-users.ts';
export type * from './protocol-x509.ts';

/**
 * The private channel between the daemon and the HSM process. Frames travel in batches (one message per turn of the event loop).
 * Binary values are Uint8Array (structured clone, `serialization: 'advanced'`).
 *
 * Key material never appears in any answer: secrets leave only sealed to a caller's reply key, and only where an operation
 * below says so.
 */

/** AES-256-GCM-sealed bytes as laid out in docs/format.md ("Sealed record"). */
export type SealedBlob = Uint8Array;

export type ObjectClass = 'secret-key' | 'private-key' | 'public-key' | 'data';
/** What an object is. */
export type ObjectSpec =
  | 'GENERIC_SECRET'
  /** A vaulted AWS secret access key (40 characters of ASCII, UTF-8 bytes). */
  | 'AWS_SECRET_ACCESS_KEY'
  /** A secret made for one of our own clients; the only spec whose *derived* signing keys may leave the HSM. */
  | 'CLIENT_SECRET_KEY'
  /** The PIN of a PKCS#11 token, UTF-8: it leaves only sealed to a token process (`sealTokenPin`). */
  | 'TOKEN_PIN'
  /**
   * The seed of one-time codes (HOTP, TOTP): one that makes codes (usage `otp`) leaves only to who proves the vault's password again (`otpExport`), one that checks
   * them (`verify`) never.
   */
  | 'OTP_SEED'
  /** An enrolled security key: its credential and public key, no secret (security-key.ts). Made by `enrolSecurityKey` alone. */
  | 'SECURITY_KEY'
  /** A password that AWS made for one of its services, or an API key: it leaves only to who proves a way into the vault again (`revealCredential`). */
  | 'SERVICE_PASSWORD'
  /** The private key that goes with an SSH public key of an IAM user, PKCS#8 DER. Leaves as a service's password does. */
  | 'SSH_RSA_4096'
  | KmsSpec;
export type ObjectUsage =
  | 'encrypt'
  | 'decrypt'
  | 'sign'
  | 'verify'
  | 'mac'
  | 'wrap'
  | 'unwrap'
  | 'derive'
  | 'sigv4'
  | 'otp'
  /** Of the secret of a session that was got for a tool: it leaves, and signs nothing here. */
  | 'leave';

/** Attributes of an HSM object. Authenticated and encrypted with the key material; the daemon gets them as a copy. */
export interface ObjectAttributes {
  id: string; // 32 hex digits
  class: ObjectClass;
  spec: ObjectSpec;
  usage: ObjectUsage[];
  extractable: boolean;
  label: string;
  createdAt: number; // ms since epoch
  policy: {
    /** Refused from this time on (ms since epoch). */
    notAfter?: number;
    /** SigV4 only for these services (signing names). */
    services?: string[];
    /** SigV4 only for these regions. */
    regions?: string[];
    /** Used only with a touch of a security key. */
    mfa?: Gate;
  };
  /** Of OTP_SEED, and of nothing else. */
  otp?: OtpParameters;
}

/** A reference to an object: `blob` is needed only when the HSM answers `UnknownObject` (then the client sends it once). */
export interface ObjectRef {
  id: string;
  version: number;
  blob?: SealedBlob;
}

export interface SlotRow {
  /** Exact UTF-8 bytes of the descriptor (docs/format.md "Slots"); authenticated as AAD. */
  descriptor: Uint8Array;
  wrapped: Uint8Array;
}

export interface KekRow {
  id: number;
  /** `log` and `naming` are what a root key before this one leaves behind (docs/format.md, "KEKs"). */
  purpose: 'records' | 'objects' | 'log' | 'naming';
  /** ms since epoch */
  createdAt: number;
  wrapped: Uint8Array;
}

/** What the head's MAC covers, see docs/format.md ("Head"). Counts are u64. */
export interface HeadState {
  generation: number;
  /** 256 page MACs, 32 bytes each, zero for an empty page: 8192 bytes. */
  pageMacs: Uint8Array;
  slots: SlotRow[];
  keks: KekRow[];
  auditSeq: number;
  auditHash: Uint8Array;
}

export interface Argon2Params {
  memoryKiB: number;
  passes: number;
  parallelism: number;
}

export interface RecordPlain {
  id: string;
  kind: string;
  version: number;
  plaintext: Uint8Array;
}
export interface RecordSealed {
  id: string;
  kind: string;
  version: number;
  sealed: SealedBlob;
}

/** A row of `audit_pending`, as far as it opens. `opening` is the row that an event's own keys begin with, null for keys that the HSM gave out. */
export type LockedRow =
  | { seq: number; what: 'event'; event: Uint8Array; opening: number | null }
  | { seq: number; what: 'opening' }
  | { seq: number; what: 'broken' };

/** A SigV4 credential scope. */
export interface Scope {
  /** YYYYMMDD */
  date: string;
  region: string;
  service: string;
}

/** Operation → [input, output]. */
export interface HsmOperations
  extends KmsHsmOperations,
    UsersHsmOperations,
    AccountHsmOperations,
    OtpHsmOperations,
    IamHsmOperations,
    FidoHsmOperations,
    GatesHsmOperations,
    RekeyHsmOperations,
    X509HsmOperations,
    CredentialHsmOperations {
  /** The process's ephemeral X25519 public key (raw 32 bytes) and its id (random, hex). Always allowed. */
  sealKey: [Record<string, never>, { sealKeyId: string; publicKey: Uint8Array }];

  /** Times Argon2id here and answers the parameters that take about `targetMs`, never below the floor (64 MiB, 3 passes). */
  calibrate: [{ targetMs: number }, Argon2Params & { measuredMs: number }];

  /**
   * Makes a root key, KEKs and two slots (password, recovery code) for a new vault and unlocks this process with it.
   * The recovery code is sealed to the caller.
   */
  createVault: [
    { vaultId: Uint8Array; password: Sealed; kdf: Argon2Params; replyKey: Uint8Array; createdAt: number },
    { slots: SlotRow[]; keks: KekRow[]; recoveryCode: SealedReply },
  ];

  /**
   * Tries the secret on every slot that takes its factor (no early exit: the time does not depend on which one fits), a security key on the slot it is for, then
   * checks the head's MAC, and only then holds the root key. `WrongSecret` when no slot opens; `VaultTampered` when one does
   * but the head does not verify. `slot` is an index into `head.slots`.
   *
   * With `inspect` (for `vault check`) a head that does not verify is answered in `headOk: false` instead, and the process from then
   * on only verifies and opens (openRecords, checkObjects, verifyPages, verifyHead, openAudit): it neither seals nor uses a key.
   * After five wrong secrets: `TooManyAttempts` with `details.retryAfterSeconds`, doubling 1, 2, 4 … 60.
   */
  unlock: [
    {
      vaultId: Uint8Array;
      secret: WayIn;
      head: HeadState;
      headMac: Uint8Array;
      inspect?: boolean;
    },
    { slot: number; headOk: boolean },
  ];
  /**
   * Whether the secret opens any of these slots of the unlocked vault (re-authentication before changing slots); `slot` is an
   * index into `slots`. Constant effort, counted like an unlock.
   */
  checkSecret: [{ secret: WayIn; slots: SlotRow[] }, { slot: number | null }];
  /** Wraps the root key for a new password slot. */
  makePasswordSlot: [
    { id: string; label: string; password: Sealed; kdf: Argon2Params; createdAt: number },
    { slot: SlotRow },
  ];
  /** Wraps the root key for a new recovery-code slot; the code is sealed to the caller. With HSM users, who can be reset by it, for a crypto officer alone (`by`), and where a quorum of two or more is set, only once it has approved one: `users` are those after it. */
  makeRecoverySlot: [
    { id: string; label: string; kdf: Argon2Params; replyKey: Uint8Array; createdAt: number; session?: Sealed },
    { slot: SlotRow; recoveryCode: SealedReply; by: string | null; users: StagedUsers | null },
  ];

  /**
   * Everything one transaction needs: seals records (never objects; the HSM seals those itself), MACs the touched manifest
   * pages and the head. `pages` carry the entries *after* the change; entries of records sealed in this call carry a zero tag,
   * which the HSM fills in. `audit` events get sealed, hashed and MACed in order, continuing from head.auditSeq/auditHash;
   * they come packed, and the entries leave so (core/crypto/packed-audit.ts).
   *
   * `head` is taken so: generation, slots and keks as they shall be after the transaction; auditSeq and auditHash as they are before it
   * (headMac covers the numbers after the new events); pageMacs as they are before it (the MACs of `pages` are put in by the HSM).
   * A page whose entries are empty is answered with a MAC of 32 zero bytes: delete its row.
   * While there are HSM users, the head has to follow the last one that this process has seen (`VaultTampered`), each page also carries its entries `before` the
   * change, and `removed` are the records of objects that go or are replaced by another version: those of KMS keys only as `guardDestruction` allows, or where one among `added`
   * (objects that come) has the same bytes for at least as long.
   * `lockedKey` is what `lockedLog` would answer after this transaction.
   */
  commit: [
    {
      records: RecordPlain[];
      pages: { page: number; entries: Uint8Array; before?: Uint8Array }[];
      audit: Uint8Array;
      head: HeadState;
      removed?: RecordSealed[];
      added?: RecordSealed[];
    },
    {
      records: RecordSealed[];
      pages: { page: number; entries: Uint8Array; mac: Uint8Array }[];
      audit: Uint8Array;
      headMac: Uint8Array;
      lockedKey: Uint8Array;
    },
  ];
  /** Opens records. A record that does not open is answered by its index in `failed`, never skipped silently. */
  openRecords: [{ records: RecordSealed[] }, { plaintexts: (Uint8Array | null)[]; failed: number[] }];
  /** Verifies objects and the HSM users (decrypts and drops them) for `vault check`. `failed` are indexes. */
  checkObjects: [{ records: RecordSealed[] }, { failed: number[] }];
  /** What objects are (decrypts and drops them); null for one that does not open. */
  describeObjects: [{ records: RecordSealed[] }, { attributes: (ObjectAttributes | null)[] }];
  /** `broken` are page numbers. */
  verifyPages: [{ pages: { page: number; entries: Uint8Array; mac: Uint8Array }[] }, { broken: number[] }];
  verifyHead: [{ head: HeadState; headMac: Uint8Array }, { ok: boolean }];
  /**
   * Verifies and opens audit rows that continue `previousHash`. Stops at the first broken row and names its index.
   */
  openAudit: [
    {
      rows: { seq: number; sealed: Uint8Array; hash: Uint8Array; mac: Uint8Array }[];
      /** null = do not check the first row's link to its predecessor (listing a window). */
      previousHash: Uint8Array | null;
    },
    { events: Uint8Array[]; broken: { index: number; reason: 'chain' | 'mac' | 'sealed' } | null },
  ];

  /**
   * What events are sealed with once the vault is locked and the audit chain ends here: the key of the first row, and the vault's public key for a daemon that has
   * no such key (32 bytes each; docs/format.md, "Events of the locked vault").
   */
  lockedLog: [{ auditSeq: number; auditHash: Uint8Array }, { publicKey: Uint8Array; key: Uint8Array }];
  /** Opens what was recorded since the audit chain ended here; rows in order of `seq`. `endOk`: `end` was written by who had those keys. */
  openLockedLog: [
    {
      auditSeq: number;
      auditHash: Uint8Array;
      rows: { seq: number; sealed: Uint8Array }[];
      end: { seq: number; lastHash: Uint8Array; mac: Uint8Array } | null;
    },
    { rows: LockedRow[]; endOk: boolean },
  ];

  /**
   * Puts a sealed secret into a new object. Answers its blob for storage (record kind `object`, version 1).
   * secret-access-key → class `secret-key`, spec AWS_SECRET_ACCESS_KEY, usage `sigv4` or `leave`; session-token → class `data`, spec GENERIC_SECRET, no
   * usage; key-material → class `secret-key`, spec GENERIC_SECRET, AES_256 or HMAC_*; token-pin → class `secret-key`, spec TOKEN_PIN, no usage;
   * service-password → class `secret-key`, spec SERVICE_PASSWORD, no usage.
   */
  importObject: [
    {
      id: string;
      sealed: Sealed;
      /** What the secret was sealed for. */
      purpose:
        | 'secret-access-key'
        | 'session-token'
        | 'key-material'
        | 'token-pin'
        | 'service-password'
        | 'oidc-client-secret';
      attributes: Omit<ObjectAttributes, 'id'>;
    },
    { attributes: ObjectAttributes; blob: SealedBlob },
  ];
  /**
   * Fresh material; `publicKey` (EC_P256) is SubjectPublicKeyInfo DER.
   * `revealTo` (a caller's raw X25519 key) is for CLIENT_SECRET_KEY alone: the new secret, extractable or not, is sealed to that caller once
   * (purpose `client-secret`) and answered as `revealed`.
   */
  generateObject: [
    { id: string; attributes: Omit<ObjectAttributes, 'id'>; revealTo?: Uint8Array },
    { attributes: ObjectAttributes; blob: SealedBlob; publicKey?: Uint8Array; revealed?: SealedReply },
  ];
  /**
   * The same material under changed label or policy (never spec, usage or extractable); version + 1. A policy that loosens the object's gate wants a touch that passes the
   * present one, for this alone, or `lostKey`.
   */
  updateObject: [
    { key: ObjectRef; label?: string; policy?: ObjectAttributes['policy']; lostKey?: LostKey },
    { attributes: ObjectAttributes; blob: SealedBlob; version: number },
  ];
  objectInfo: [{ key: ObjectRef }, { attributes: ObjectAttributes }];
  /** Whether a sealed secret access key or session token is the one that the object holds. Takes the same time wherever they differ. */
  compareObject: [
    { key: ObjectRef; sealed: Sealed; purpose: 'secret-access-key' | 'session-token' },
    { same: boolean },
  ];
  /** Only CLIENT_SECRET_KEY objects that are extractable; sealed to the caller. */
  revealClientSecret: [{ key: ObjectRef; replyKey: Uint8Array; purpose: ReplyPurpose }, { secret: SealedReply }];
  /** Session tokens are not keys: AWS wants them in a header. Opens a `data` object of class `data` to the daemon. */
  openToken: [{ key: ObjectRef }, { token: Uint8Array }];
  /**
   * Lets the secret of a session out that was got to leave (AWS_SECRET_ACCESS_KEY with the usage `leave`, before its end): sealed to the caller, or in the clear for the daemon,
   * which has to put it into an answer. The bytes are the caller's to wipe.
   */
  leaveSecret: [{ key: ObjectRef; replyKey?: Uint8Array }, { sealed: SealedReply } | { secret: Uint8Array }];
  /** Seals a token's PIN to the ephemeral key of the token process that logs in with it (pkcs11/protocol.ts, `replyKey`). TOKEN_PIN alone. */
  sealTokenPin: [{ key: ObjectRef; replyKey: Uint8Array }, { pin: SealedReply }];
  /** Forget cached plaintext of these objects. */
  dropObjects: [{ ids: string[] }, Record<string, never>];

  /** HMAC of the string to sign with the derived key: hex signature (64 digits). */
  sigv4Sign: [{ key: ObjectRef; scope: Scope; stringToSign: string }, { signature: string }];
  /** An object with a gate wants the touch only where the signature is right. */
  sigv4Verify: [{ key: ObjectRef; scope: Scope; stringToSign: string; signature: string }, { valid: boolean }];
  /**
   * Chunk signatures in order, each over the previous one (AWS4-HMAC-SHA256-PAYLOAD); a trailer, where given, ends the chain
   * (AWS4-HMAC-SHA256-TRAILER). Continues the touch of the request that `previousSignature` belongs to.
   */
  sigv4SignChunks: [
    {
      key: ObjectRef;
      scope: Scope;
      timestamp: string;
      previousSignature: string;
      chunkHashes: string[];
      trailerHash?: string;
    },
    { signatures: string[]; trailerSignature?: string },
  ];
  /** The day's derived signing key of a CLIENT_SECRET_KEY, for the daemon's cache. Refused for every other spec. */
  sigv4DeriveClientKey: [{ key: ObjectRef; scope: Scope }, { signingKey: Uint8Array }];
  /**
   * SigV4a with the key pair derived from the secret (P-256): hex DER signature. The service is read from the string to sign; an
   * object bound to regions is refused, because a SigV4a string to sign does not name them.
   */
  sigv4aSign: [{ key: ObjectRef; accessKeyId: string; stringToSign: string }, { signature: string }];
  /** The public half of that key pair, SubjectPublicKeyInfo DER: enough to verify. */
  sigv4aPublicKey: [{ key: ObjectRef; accessKeyId: string }, { publicKey: Uint8Array }];

  hmac: [{ key: ObjectRef; algorithm: 'SHA-256' | 'SHA-384' | 'SHA-512'; message: Uint8Array }, { mac: Uint8Array }];
  /** AES-256-GCM under an object with usage `wrap`; answers nonce (12) || ciphertext || tag (16). */
  wrap: [{ key: ObjectRef; plaintext: Uint8Array; aad: Uint8Array }, { wrapped: Uint8Array }];
  unwrap: [{ key: ObjectRef; wrapped: Uint8Array; aad: Uint8Array }, { plaintext: Uint8Array }];
  /** ECDSA P-256/SHA-256 over a message (local CA certificates): DER signature. */
  ecdsaSign: [{ key: ObjectRef; message: Uint8Array }, { signature: Uint8Array }];
  random: [{ length: number }, { bytes: Uint8Array }];
  /**
   * The key (32 bytes) that authenticates the pagination tokens of one local account, by its record id. The daemon may keep it until lock: it
   * is worth nothing but a place in a list.
   */
  derivePageTokenKey: [{ account: string }, { key: Uint8Array }];
}

export type HsmOperation = keyof HsmOperations;
export type HsmInput<O extends HsmOperation> = HsmOperations[O][0];
export type HsmOutput<O extends HsmOperation> = HsmOperations[O][1];

export interface HsmRequestFrame {
  id: number;
  op: string;
  input: unknown;
}
export type HsmResponseFrame =
  | { id: number; output: unknown }
  | { id: number; error: WireError }
  /** The operation needs this object's blob; the client sends the frame again with it. */
  | { id: number; unknownObject: string };

/** The daemon's side of the channel. */
export interface Hsm {
  call<O extends HsmOperation>(op: O, input: HsmInput<O>): Promise<HsmOutput<O>>;
}
