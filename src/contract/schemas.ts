import { z } from 'zod';
import { Origin } from './origins.ts';
import { ProfileSession, Role } from './roles.ts';
import { RotationSchedule } from './schedule.ts';

/** Base64 (RFC 4648 section 4, padded). */
export const Base64 = z.base64();
/** An instant as RFC 3339 in UTC with milliseconds, e.g. `2026-11-23T22:15:04.031Z`. */
export const Instant = z.iso.datetime({ precision: 3 });
/** A record id: 32 lower-case hex digits (128 random bits). */
export const RecordId = z.string().regex(/^[0-9a-f]{32}$/);
/** A name a person types: 1 to 64 visible characters, no control characters, no leading or trailing space, no slash. */
export const Name = z
  .string()
  .min(1, 'give it a name')
  .max(64, 'a name has at most 64 characters')
  .regex(/^(?!\s)[^\p{C}/\\]+(?<!\s)$/u, 'a name has no control characters, slashes, or spaces at its ends');
export const AccountId = z.string().regex(/^\d{12}$/, 'an AWS account id has exactly 12 digits');
/** An access key id: AWS's, or what an S3-compatible store takes. Nothing in it may end a credential scope's field. */
export const AccessKeyId = z
  .string()
  .regex(/^[A-Za-z0-9._-]{3,128}$/, 'an access key id is 3 to 128 letters, digits, dots, underscores and dashes');
/** As AWS makes them: `AKIA…` for a user's long-term key. */
export const AwsAccessKeyId = AccessKeyId.regex(
  /^[A-Z0-9]{16,128}$/,
  'an access key id is 16 to 128 capital letters and digits, like AKIAIOSFODNN7EXAMPLE',
);
export const Region = z.string().regex(/^[a-z]{2}(-[a-z0-9]+)+-\d{1,2}$/, 'a region looks like eu-central-1');
export const EndpointUrl = z
  .url({ protocol: /^https?$/, error: 'an endpoint URL starts with https:// or http://' })
  .max(512);
/** An endpoint as it may be given. Only scheme, host, port and path are used: anything more would be lost, or a password kept where none is expected. */
export const NewEndpointUrl = EndpointUrl.regex(/^https?:\/\/[^/]/i, 'an endpoint URL starts with https:// or http://')
  .regex(/^[^\s\p{C}\\]*$/u, 'an endpoint URL has no space or backslash')
  .regex(/^[^?#]*$/, 'an endpoint URL has no query or fragment')
  .regex(/^[^:]*:\/\/[^/@]*(?:\/|$)/, 'an endpoint URL holds no user name or password');
/** Requests to it would cross a network unencrypted. Of a `NewEndpointUrl`. */
export function isUnencryptedEndpoint(url: string): boolean {
  const own = /^http:\/\/(?:localhost|[^/:]+\.localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d*)?(?:\/|$)/i;
  return /^http:/i.test(url) && !own.test(url);
}
export const Tags = z.record(z.string().min(1).max(128), z.string().max(256));
export const Note = z.string().max(4000);

/**
 * A secret sealed to the HSM process: HPKE base mode (RFC 9180), DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM,
 * `info` = UTF-8 of `keyhold/seal/v1/` + the purpose, empty AAD. The purpose keeps a secret sealed for one use from being
 * passed off as another. `sealKeyId` names the HSM process it was sealed to.
 */
export const Sealed = z.object({ sealKeyId: z.string(), enc: Base64, ciphertext: Base64 });
export type Sealed = z.infer<typeof Sealed>;

/** What a secret may be sealed for. */
export type SealPurpose =
  | 'password'
  /** Of an account file. */
  | 'passphrase'
  | 'recovery-code'
  | 'secret-access-key'
  | 'session-token'
  | 'key-material'
  | 'token-pin'
  /** The raw bytes of a one-time code's secret. */
  | 'otp-seed'
  /** Of a certificate: PEM. */
  | 'private-key'
  /** Of one of AWS's services. */
  | 'service-password'
  /** Of what this vault is to an OpenID Connect provider. */
  | 'oidc-client-secret'
  | 'hsm-password'
  | 'hsm-session'
  | 'security-key-pin';

/** Names a plugged-in security key until it is unplugged: 16 hex digits. */
export const SecurityKeyDeviceId = z.string().regex(/^[0-9a-f]{16}$/, 'a device has an id of 16 hex digits');

/**
 * The way in: the password or the recovery code, sealed for that purpose, or a security key. For the latter, Keyhold asks the key meanwhile (`mfa.prompt`) and
 * refuses with `PinRequired` where a PIN is missing; `details.device` is then the device to name in the next call.
 */
export const Secret = z.discriminatedUnion('factor', [
  z.strictObject({ factor: z.literal('password'), sealed: Sealed }),
  z.strictObject({ factor: z.literal('recovery-code'), sealed: Sealed }),
  z.strictObject({
    factor: z.literal('security-key'),
    /** One of `mfa.ways`; without it, one that fits what is plugged in and whether there is a password. */
    slot: z.string().optional(),
    password: Sealed.optional(),
    /** Sealed for the purpose `security-key-pin`. */
    pin: Sealed.optional(),
    device: SecurityKeyDeviceId.optional(),
  }),
]);
export type Secret = z.infer<typeof Secret>;

/** A caller's own X25519 public key (32 bytes), to which the HSM seals its answer; `info` = `keyhold/reply/v1/` + purpose. */
export const ReplyKey = Base64;
export const SealedReply = z.object({ enc: Base64, ciphertext: Base64 });
export type SealedReply = z.infer<typeof SealedReply>;
/** What the HSM seals to a caller; `token-pin` to the process that has a token's PKCS#11 module. */
export type ReplyPurpose =
  | 'session-secret'
  | 'client-secret'
  | 'recovery-code'
  | 'token-pin'
  | 'hsm-session'
  | 'otp-seed'
  | 'credential';

export const VaultState = z.enum(['none', 'locked', 'unlocked']);
export type VaultState = z.infer<typeof VaultState>;

/** Why the vault is locked. */
export const LockReason = z.enum(['start', 'request', 'idle', 'hsm-crashed', 'restore', 'tampered']);
export type LockReason = z.infer<typeof LockReason>;

export const Status = z.object({
  state: VaultState,
  lockReason: LockReason.optional(),
  /** `tampered`: what was found to be changed from outside, in a sentence that says what to do. */
  lockDetail: z.string().optional(),
  version: z.string(),
  home: z.string(),
  pid: z.int(),
  /** `http://127.0.0.1:4587`; null while the door could not be opened (then `doorError` says why). */
  endpoint: z.string().nullable(),
  httpsEndpoint: z.string().nullable(),
  doorError: z.string().optional(),
  ui: z.string().nullable(),
  startedAt: Instant,
  unlockedAt: Instant.optional(),
  /** Locks by itself at this time if nothing happens before. */
  locksAt: Instant.optional(),
  retryAfterSeconds: z.number().optional(),
  /** What keeps the unlocked vault from being used in full at present: a full disk. */
  warning: z.string().optional(),
  shell: z.enum(['electron', 'serve']),
  /** What happened to the vault file since the daemon was started, e.g. that it was damaged and a copy took its place. */
  notice: z.string().optional(),
});
export type Status = z.infer<typeof Status>;

/** An IAM policy document as a person wrote it; IAM's own quota for a user's inline policies is 2,048 characters, for managed ones 6,144. */
export const PolicyDocument = z
  .string()
  .min(2, 'a policy is a JSON document')
  .max(20_480, 'a policy has at most 20,480 characters');

/** A touch of a security key before each use. */
export const Gate = z.object({
  /** 0: for every single use. Else one touch is enough for so many seconds, until the lock at most. */
  withinSeconds: z.int(),
  /** Names of the security keys of which one has to be touched. */
  keys: z.union([z.literal('any'), z.array(Name)]),
});
export type Gate = z.infer<typeof Gate>;

/** The same as it is asked for. */
export const WantedGate = z.strictObject({
  withinSeconds: z.int().min(0).max(86_400),
  keys: z.union([z.literal('any'), z.array(Name).min(1).max(16)]),
});

/** How old an access key may become before it is due for rotation. */
export const MaxAgeDays = z
  .int()
  .min(1, 'a key may be used for a day at least')
  .max(3650, 'a maximum age is at most 3,650 days');

export const Account = z.object({
  id: RecordId,
  name: Name,
  accountId: AccountId,
  /** `remote`: AWS, or an endpoint that speaks its protocols; `local`: lives in this vault. */
  kind: z.enum(['remote', 'local']),
  /** Remote accounts only. */
  endpointUrl: EndpointUrl.optional(),
  createdAt: Instant,
  note: Note.optional(),
  /** Of its access keys that have none of their own. */
  maxAgeDays: MaxAgeDays.optional(),
  schedule: RotationSchedule.optional(),
});
export type Account = z.infer<typeof Account>;

export const AccessKey = z.object({
  id: RecordId,
  name: Name,
  account: Name,
  accessKeyId: AccessKeyId,
  status: z.enum(['active', 'disabled']),
  createdAt: Instant,
  /** When AWS made it, where that is known (IAM's CSV does not say). */
  issuedAt: Instant.optional(),
  lastUsedAt: Instant.optional(),
  lastUsedService: z.string().optional(),
  lastUsedRegion: z.string().optional(),
  /** True when a session token is vaulted with the key (temporary credentials). */
  hasSessionToken: z.boolean(),
  tags: Tags,
  note: Note,
  /** Profiles that sign with this key. */
  profiles: z.array(Name),
  gate: Gate.optional(),
  maxAgeDays: MaxAgeDays.optional(),
  schedule: RotationSchedule.optional(),
  /** When it is to be rotated, by its own maximum age or its account’s. */
  dueAt: Instant.optional(),
  /** Until then nothing is said or done about its being due. */
  snoozedUntil: Instant.optional(),
});
export type AccessKey = z.infer<typeof AccessKey>;

export const Profile = z.object({
  id: RecordId,
  name: Name,
  account: Name,
  accountId: AccountId,
  /** What signs for a remote account, or gets what signs; a profile of a local account has neither key nor source and acts as the account's root. */
  key: Name.optional(),
  accessKeyId: AccessKeyId.optional(),
  /** Another profile, whose credentials assume the role. */
  source: Name.optional(),
  /** Where its credentials come from, where that is neither a key nor a source. */
  origin: Origin.optional(),
  /** From the source to the profile that has the key. */
  chain: z.array(Name).optional(),
  role: Role.optional(),
  mfaSerial: z.string().optional(),
  sessionSeconds: z.int().optional(),
  /** Without it, the key itself signs. */
  session: ProfileSession.optional(),
  region: Region,
  output: z.enum(['json', 'text', 'table', 'yaml', 'yaml-stream']).optional(),
  createdAt: Instant,
  clients: z.int(),
  gate: Gate.optional(),
  /** Of remote accounts: which ways its temporary credentials may leave Keyhold by. The settings may shut a way for all profiles. */
  mayLeave: z.object({ process: z.boolean(), container: z.boolean(), console: z.boolean() }).optional(),
  /** How long what is handed to tools lasts, where that is not an hour. */
  leaveSeconds: z.int().optional(),
});
export type Profile = z.infer<typeof Profile>;

export const Client = z.object({
  id: RecordId,
  name: z.string().min(1).max(128),
  /** `tool` was made by a person; `exec` and `credential-process` are made for one run or one profile and expire. */
  purpose: z.enum(['tool', 'exec', 'credential-process', 'env']),
  profile: Name,
  account: Name,
  /** Who the client is: its profile's key (remote), or the root or a principal with a policy of its own (local accounts). */
  principal: z.enum(['key', 'root', 'policy']),
  /** Of one with a policy: its name in the principal's ARN, `user/keyhold/USERNAME`; it stays when the client is renamed or gets a new key. */
  userName: z.string().optional(),
  /** The client key's id, `KHLD` + 16 capital letters and digits: never mistaken for AWS's own `AKIA…`. */
  accessKeyId: AccessKeyId,
  enabled: z.boolean(),
  expired: z.boolean(),
  createdAt: Instant,
  expiresAt: Instant.optional(),
  lastUsedAt: Instant.optional(),
  requests: z.int(),
  gate: Gate.optional(),
});
export type Client = z.infer<typeof Client>;

/** A client key as handed to a tool. The secret is sealed to the caller's reply key and shown once. */
export const IssuedClientKey = z.object({
  client: Client,
  accessKeyId: AccessKeyId,
  secretAccessKey: SealedReply,
  endpoint: z.string(),
  caBundle: z.string().optional(),
  region: Region,
  output: z.string().optional(),
});
export type IssuedClientKey = z.infer<typeof IssuedClientKey>;

export const SlotInfo = z.object({
  id: z.string(),
  label: z.string(),
  /** All of them are needed. */
  factors: z.array(z.enum(['password', 'recovery-code', 'fido2', 'yubikey-hmac-sha1'])),
  createdAt: Instant,
  /** Argon2id cost of its password or recovery code, for people who want to know. */
  kdf: z.object({ memoryKiB: z.int(), passes: z.int(), parallelism: z.int() }).optional(),
  /** `fido2` alone: whether the key wants its PIN or fingerprint. */
  userVerification: z.boolean().optional(),
  /** `yubikey-hmac-sha1` alone: which key, where that is known, and which slot of it. */
  yubikey: z.object({ serial: z.int().nullable(), otpSlot: z.literal([1, 2]) }).optional(),
});
export type SlotInfo = z.infer<typeof SlotInfo>;

/** What a person is asked to do with a security key, while a call waits for it. */
export const MfaPrompt = z.object({
  id: z.string(),
  /**
   * `insert`: plug a key in. `replug`: take it out and put it in again. `touch`: touch it. `select`: several keys are there; touch the one to use. `verify`: its fingerprint
   * reader waits.
   */
  ask: z.enum(['insert', 'replug', 'touch', 'select', 'verify']),
  /** What for. */
  purpose: z.enum(['unlock', 'authorize', 'enroll', 'slot', 'test', 'manage', 'reset', 'gate']),
  /** The devices that wait; none for `insert`. */
  devices: z.array(z.object({ id: SecurityKeyDeviceId, name: z.string() })),
  /** The whole of it in a sentence, without the device's own words. */
  message: z.string(),
  since: Instant,
  /** It is given up then. */
  until: Instant,
});
export type MfaPrompt = z.infer<typeof MfaPrompt>;

export const Settings = z.object({
  /** Minutes without any request or action until the vault locks; 0 = never. */
  autoLockMinutes: z.int().min(0).max(1440),
  /** The front door's port; takes effect at the next start of the door, at once when changed in the settings. */
  port: z.int().min(1).max(65535),
  https: z.boolean(),
  /** Hours between two backups that are made by themselves while the vault is unlocked; 0 = none. */
  backupHours: z.int().min(0).max(8760),
  /** Absolute path; by default `backups` beside the vault. */
  backupFolder: z.string().min(1, 'name the folder').max(4096),
  /** Of so many of the latest stretches of that length, the newest backup is kept. */
  backupKeep: z.int().min(1).max(366),
  /** Of so many of the latest weeks too. */
  backupKeepWeekly: z.int().min(0).max(520),
  /** Whether temporary credentials may leave by this way, where their profile allows it: to a `credential_process`, over the container endpoint, to the console. */
  leaveProcess: z.boolean(),
  leaveContainer: z.boolean(),
  leaveConsole: z.boolean(),
  theme: z.enum(['system', 'light', 'dark']),
});
export type Settings = z.infer<typeof Settings>;

/** One thing wrong (or merely noted) with a vault file. */
export const Finding = z.object({
  severity: z.enum(['error', 'warning']),
  /** What is affected, e.g. `record accessKey 9f…`, `slot 2`, `audit entry 1041`, `page 17`, `file`. */
  where: z.string(),
  /** `deleted`, `edited`, `rolled back`, `swapped`, `unknown`, `structure`, … */
  what: z.string(),
  message: z.string(),
});
export type Finding = z.infer<typeof Finding>;

export const CheckReport = z.object({
  ok: z.boolean(),
  vaultId: z.string(),
  format: z.int(),
  generation: z.int(),
  records: z.int(),
  slots: z.int(),
  auditEntries: z.int(),
  sizeBytes: z.int(),
  findings: z.array(Finding),
});
export type CheckReport = z.infer<typeof CheckReport>;

/**
 * One line of the audit log. Never a secret, never a body, never a query string. Door requests fill the AWS fields; vault
 * changes fill `action` (`vault.unlock`, `key.import`, …) and `target`.
 */
export const AuditEvent = z.object({
  /** 128 random bits in hex: makes the chain's hashes unguessable from outside. */
  id: z.string(),
  time: Instant,
  kind: z.enum(['request', 'change']),
  action: z.string(),
  decision: z.enum(['allowed', 'denied']),
  reason: z.string().optional(),
  /** Who asked: `cli`, `app`, `web`, `door`, `daemon`. */
  actor: z.string(),
  /** What a change is to, by its name; of requests to local services the ARNs of what they ask about. */
  target: z.string().optional(),
  client: z.string().optional(),
  clientKeyId: z.string().optional(),
  profile: z.string().optional(),
  account: z.string().optional(),
  service: z.string().optional(),
  region: z.string().optional(),
  /** Access key id of the session that signed it, or that was obtained. */
  sessionKeyId: z.string().optional(),
  /** ARN of the role that the session is of. */
  assumedRole: z.string().optional(),
  /** Temporary credentials left the app, and how. */
  left: z.enum(['process', 'container', 'console']).optional(),
  method: z.string().optional(),
  /** Host the request went to. */
  upstream: z.string().optional(),
  /** Upstream's HTTP status; absent when nothing was forwarded. */
  status: z.int().optional(),
  /** The status the client saw. */
  answered: z.int().optional(),
  latencyMs: z.number().optional(),
  bytesIn: z.int().optional(),
  bytesOut: z.int().optional(),
  requestId: z.string().optional(),
  /** Security keys whose touch allowed it. */
  mfa: z
    .array(
      z.object({
        key: z.string(),
        /** Hex. */
        credentialId: z.string(),
      }),
    )
    .optional(),
  /** How many requests this one entry stands for, where they were counted and not written one by one. Missing: 1. */
  count: z.int().optional(),
});
export type AuditEvent = z.infer<typeof AuditEvent>;

export const AuditEntry = z.object({
  seq: z.int(),
  event: AuditEvent,
  hash: z.string(),
  mac: z.string(),
  /**
   * Why this entry cannot be believed: it was edited, or it is missing (then hash and mac are empty, and a run of missing ones is one entry under the last of their
   * numbers). `event` is made up, with the time of a neighbour.
   */
  broken: z.string().optional(),
});
export type AuditEntry = z.infer<typeof AuditEntry>;
