import { z } from 'zod';
import { LeaveSeconds, MayLeave } from '../contract/leave.ts';
import { Role, SessionKind, SessionSeconds } from '../contract/roles.ts';
import { RotationSchedule } from '../contract/schedule.ts';
import {
  AccessKeyId,
  AccountId,
  Base64,
  EndpointUrl,
  MaxAgeDays,
  Name,
  Note,
  PolicyDocument,
  Profile,
  RecordId,
  Region,
  Settings,
  Tags,
} from '../contract/schemas.ts';
import { TokenEnvironment, TokenModulePath } from '../contract/tokens.ts';
import { MfaSerial, OtpAlgorithm, OtpDigits, OtpPeriod, OtpText } from '../contract/totp.ts';
import { CERTIFICATE_RECORD } from './certificates/record.ts';
import { CREDENTIAL_RECORD } from './credentials/record.ts';
import { IAM_RECORDS } from './directory/records.ts';
import { KeptGate } from './gates/kept-gate.ts';
import { KMS_RECORDS } from './kms/records.ts';
import { LEFT_RECORD } from './leave/record.ts';
import { PANIC_RECORD } from './panic/record.ts';
import { ROTATION_RECORD } from './rotation/record.ts';
import { KeptOrigin } from './sessions/origins/kept-origin.ts';
import { SIGN_IN_RECORD } from './sign-ins/record.ts';

/** ms since the Unix epoch */
const Time = z.int().min(0);
const ObjectHandle = z.object({ id: RecordId });

/** Payloads of the vault's records (docs/format.md, "Sealed record"), by kind. References are record ids, so a rename touches one record. */
export const RECORD_SCHEMAS = {
  account: z.object({
    name: Name,
    accountId: AccountId,
    kind: z.enum(['remote', 'local']),
    endpointUrl: EndpointUrl.optional(),
    note: Note.optional(),
    createdAt: Time,
    /** Local accounts that were imported: the object that names their key material as the vault that they come from did. */
    naming: ObjectHandle.optional(),
    maxAgeDays: MaxAgeDays.optional(),
    schedule: RotationSchedule.optional(),
  }),
  accessKey: z.object({
    name: Name,
    account: RecordId,
    accessKeyId: AccessKeyId,
    status: z.enum(['active', 'disabled']),
    secret: ObjectHandle,
    token: ObjectHandle.optional(),
    tags: Tags,
    note: Note,
    source: z.string(),
    createdAt: Time,
    issuedAt: Time.optional(),
    lastUsedAt: Time.optional(),
    lastUsedService: z.string().optional(),
    lastUsedRegion: z.string().optional(),
    gate: KeptGate.optional(),
    maxAgeDays: MaxAgeDays.optional(),
    snoozedUntil: Time.optional(),
    schedule: RotationSchedule.optional(),
  }),
  profile: z.object({
    name: Name,
    account: RecordId,
    /** Remote accounts have a key, a source, which is another profile, or an origin. */
    key: RecordId.optional(),
    source: RecordId.optional(),
    origin: KeptOrigin.optional(),
    role: Role.optional(),
    mfaSerial: MfaSerial.optional(),
    sessionSeconds: SessionSeconds.optional(),
    mayLeave: MayLeave.partial().optional(),
    leaveSeconds: LeaveSeconds.optional(),
    region: Region,
    output: Profile.shape.output,
    createdAt: Time,
    gate: KeptGate.optional(),
  }),
  /** Temporary credentials that AWS gave a profile. */
  awsSession: z.object({
    profile: RecordId,
    kind: SessionKind,
    accessKeyId: AccessKeyId,
    secret: ObjectHandle,
    /** Missing only for what a program gave without one. */
    token: ObjectHandle.optional(),
    /** `arn:aws:sts::123456789012:assumed-role/deploy/keyhold-prod`, of roles. */
    arn: z.string().optional(),
    /** What the profile and its sources asked for: another one makes the session one of the past. */
    settings: z.string(),
    obtainedAt: Time,
    expiresAt: Time,
    /** What the one before it was kept in, for what still signs with that. */
    previous: z.object({ secret: ObjectHandle, token: ObjectHandle.optional() }).optional(),
  }),
  leftSession: LEFT_RECORD,
  client: z.object({
    name: z.string().min(1).max(128),
    purpose: z.enum(['tool', 'exec', 'credential-process', 'env']),
    profile: RecordId,
    /** Local accounts only; without it, the root of the account. */
    policy: PolicyDocument.optional(),
    /** With a policy only: its name in the principal's ARN, kept when the client is renamed. */
    userName: z
      .string()
      .regex(/^[\w+=,.@-]{1,2048}$/)
      .optional(),
    accessKeyId: AccessKeyId,
    secret: ObjectHandle,
    enabled: z.boolean(),
    createdAt: Time,
    expiresAt: Time.optional(),
    lastUsedAt: Time.optional(),
    requests: z.int().min(0),
    gate: KeptGate.optional(),
  }),
  settings: z.object({
    autoLockMinutes: Settings.shape.autoLockMinutes,
    mirrors: z.array(z.object({ path: z.string(), apart: z.boolean() })).optional(),
    backupHours: Settings.shape.backupHours.optional(),
    backupFolder: Settings.shape.backupFolder.optional(),
    backupKeep: Settings.shape.backupKeep.optional(),
    backupKeepWeekly: Settings.shape.backupKeepWeekly.optional(),
    leaveProcess: z.boolean().optional(),
    leaveContainer: z.boolean().optional(),
    leaveConsole: z.boolean().optional(),
  }),
  /** The local CA of the HTTPS door; its private key is an HSM object. */
  authority: z.object({
    pem: z.string(),
    /** SubjectPublicKeyInfo, DER. */
    publicKey: Base64,
    key: ObjectHandle,
    createdAt: Time,
    notAfter: Time,
  }),
  /** A PKCS#11 token: where its module is and which token of the module is meant. The PIN is an HSM object. */
  hsmToken: z.object({
    name: Name,
    module: TokenModulePath,
    environment: TokenEnvironment,
    label: z.string(),
    /** Null: whichever token has the label. */
    serial: z.string().nullable(),
    pin: ObjectHandle,
    createdAt: Time,
    /** The PIN is being changed: which of the two the token has is not certain. `tried` are those that it was asked about since, written before it is. */
    nextPin: z.object({ pin: ObjectHandle, since: Time, tried: z.array(z.enum(['present', 'next'])) }).optional(),
    /** The token refused this PIN then; it is not tried again until a person says so. */
    pinRefusedAt: Time.optional(),
    /** CKA_IDs of keys whose KMS key is deleted: they are destroyed as soon as the token is there. */
    keysToDestroy: z.array(RecordId).optional(),
  }),
  /** Something that makes one-time codes. What they are made of is an HSM object, whose parameters are the ones that count. */
  otpDevice: z.object({
    name: Name,
    issuer: OtpText,
    label: OtpText,
    type: z.enum(['totp', 'hotp']),
    algorithm: OtpAlgorithm,
    digits: OtpDigits,
    period: OtpPeriod.optional(),
    favourite: z.boolean(),
    mfaSerial: MfaSerial.optional(),
    seed: ObjectHandle,
    /** AWS has made the device and does not ask for its codes yet. */
    enrolling: z.object({ profile: RecordId, profileName: Name, userName: z.string() }).optional(),
    createdAt: Time,
    lastUsedAt: Time.optional(),
  }),
  /** A security key that was enrolled: for unlock slots, which have copies of what they need, and for gates. */
  securityKey: z.object({
    name: Name,
    kind: z.enum(['fido2', 'u2f']),
    credentialId: Base64,
    /** COSE_Key. */
    publicKey: Base64,
    /** Hex; null for U2F keys. */
    aaguid: z.string().nullable(),
    /** What the device called itself. */
    model: z.string(),
    attestation: z.string(),
    /** Whether it asks for its PIN or fingerprint with this credential. */
    uv: z.boolean(),
    /** The device did nothing without its PIN when it was enrolled, so it opens no gate. */
    alwaysPin: z.literal(true).optional(),
    /** The credential was made with the hmac-secret extension. */
    hmacSecret: z.boolean(),
    /** For showing: the one that counts is in the object. */
    signCount: z.int().min(0),
    createdAt: Time,
    lastUsedAt: Time.optional(),
    /** What the HSM verifies touches against. */
    object: ObjectHandle.optional(),
  }),
  rotation: ROTATION_RECORD,
  certificate: CERTIFICATE_RECORD,
  signIn: SIGN_IN_RECORD,
  panic: PANIC_RECORD,
  credential: CREDENTIAL_RECORD,
  ...KMS_RECORDS,
  ...IAM_RECORDS,
} as const;
