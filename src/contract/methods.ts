import { z } from 'zod';
import { accountFileMethods } from './account-file.ts';
import { accountRemovalMethods } from './account-removal.ts';
import { certificateMethods } from './certificates.ts';
import { consoleMethods } from './console.ts';
import { credentialMethods } from './credentials.ts';
import { FileJob, FileJobBegun, FileJobNamed } from './files.ts';
import { gateMethods } from './gates.ts';
import { hsmMethods } from './hsm.ts';
import { hsmUserMethods } from './hsm-users.ts';
import { KmsKeySummary } from './kms.ts';
import { leaveMethods } from './leave.ts';
import { method } from './method.ts';
import { mfaMethods } from './mfa.ts';
import { panicMethods } from './panic.ts';
import { profileMethods } from './profiles.ts';
import { rekeyMethods } from './rekey.ts';
import { rotationMethods } from './rotation.ts';
import { rotationDueMethods } from './rotation-due.ts';
import { samlMethods } from './saml.ts';
import {
  AccessKey,
  AccessKeyId,
  Account,
  AccountId,
  AuditEntry,
  Base64,
  CheckReport,
  Client,
  Instant,
  IssuedClientKey,
  Name,
  NewEndpointUrl,
  Note,
  PolicyDocument,
  Region,
  ReplyKey,
  Sealed,
  SealedReply,
  Secret,
  Settings,
  SlotInfo,
  Status,
  Tags,
} from './schemas.ts';
import { sessionMethods } from './sessions.ts';
import { signInMethods } from './sign-ins.ts';
import { ssoMethods } from './sso.ts';
import { tokenMethods } from './tokens.ts';
import { totpMethods } from './totp.ts';

const none = z.strictObject({});
/** `session`: a crypto officer’s, for the last recovery code of a vault whose HSM has users. */
const SlotRemoval = z.strictObject({ id: z.string(), authorize: Secret, session: Sealed.optional() });
const done = z.strictObject({});
const ExpiresInSeconds = z
  .int()
  .min(60, 'a client key lives at least a minute')
  .max(366 * 86400, 'a client key lives at most 366 days');
const ImportSource = z.enum(['aws-files', 'csv', 'stdin', 'form']);

/**
 * The contract: every call the UI, the CLI and the tests can make. Secrets go in sealed to the HSM process and come out, where
 * they may come out at all, sealed to the caller; no method carries key bytes.
 */
export const methods = {
  'status.get': method(none, Status, 'State of the vault, the door and the shells'),
  'hsm.sealKey': method(
    none,
    z.object({ sealKeyId: z.string(), publicKey: Base64 }),
    'The running HSM process’s ephemeral X25519 public key',
  ),

  'vault.create': method(
    z.strictObject({ password: Sealed, replyKey: ReplyKey }),
    z.object({ recoveryCode: SealedReply }),
    'Make the vault, with a password slot and a recovery-code slot, and unlock it',
  ),
  'vault.unlock': method(
    z.strictObject({ secret: Secret, acceptRollback: z.boolean().optional() }),
    Status,
    'Unlock with a password, the recovery code or a security key',
  ),
  'vault.lock': method(none, Status, 'Lock: the HSM process ends'),
  'vault.check': method(none, CheckReport, 'Check structure, every MAC, the set hash and the audit chain'),
  'vault.backup': method(
    z.strictObject({ path: z.string().min(1), overwrite: z.boolean().optional() }),
    z.object({ path: z.string(), sizeBytes: z.int(), records: z.int(), report: CheckReport }),
    'Copy the encrypted vault while it is in use, and verify the copy',
  ),
  'vault.restore': method(
    z.strictObject({ path: z.string().min(1), secret: Secret }),
    z.object({ report: CheckReport, previous: z.string().nullable() }),
    'Replace the vault by a verified backup; the present file is kept beside it',
  ),
  'vault.changePassword': method(z.strictObject({ current: Sealed, next: Sealed }), done, 'Replace the password slot'),

  ...rekeyMethods,

  'slot.list': method(none, z.object({ slots: z.array(SlotInfo) }), 'Ways in'),
  'slot.addPassword': method(
    z.strictObject({ label: z.string().min(1).max(64), password: Sealed, authorize: Secret }),
    SlotInfo,
    'Add a password slot',
  ),
  'slot.addRecoveryCode': method(
    z.strictObject({
      label: z.string().min(1).max(64),
      replyKey: ReplyKey,
      authorize: Secret,
      /** Where the HSM has users, who can be reset by a recovery code: a crypto officer’s. */
      session: Sealed.optional(),
    }),
    z.object({ slot: SlotInfo, recoveryCode: SealedReply }),
    'Add a recovery-code slot; the code is shown once',
  ),
  'slot.remove': method(SlotRemoval, done, 'Remove a slot'),
  ...mfaMethods,

  'account.list': method(none, z.object({ accounts: z.array(Account) }), 'Accounts'),
  'account.add': method(
    z.strictObject({
      name: Name,
      accountId: AccountId,
      kind: z.enum(['remote', 'local']),
      /** Remote accounts only. */
      endpointUrl: NewEndpointUrl.optional(),
      /** An http:// endpoint on another machine is meant: requests and bodies cross the network unencrypted. */
      insecureEndpoint: z.boolean().optional(),
      /** Local accounts only: the region of the profile that is made with it. */
      region: Region.optional(),
      note: Note.optional(),
    }),
    Account,
    'Add an account; a local one gets a profile of its name, unless that name is taken',
  ),
  'account.update': method(
    z.strictObject({
      name: Name,
      rename: Name.optional(),
      endpointUrl: NewEndpointUrl.nullable().optional(),
      insecureEndpoint: z.boolean().optional(),
      note: Note.optional(),
    }),
    Account,
    'Change an account',
  ),
  ...accountRemovalMethods,
  ...accountFileMethods,

  'service.call': method(
    z.strictObject({
      account: Name,
      /** One that local accounts have, or that this one has keys in from before. */
      region: z.string().regex(/^[A-Za-z0-9_.-]{1,64}$/, 'a region looks like eu-central-1'),
      service: z.enum(['iam', 'kms']),
      /** `Encrypt` */
      operation: z.string().regex(/^[A-Z][A-Za-z]{1,63}$/),
      /** As AWS JSON 1.1 has it: blobs in base64, times in seconds since the epoch. */
      input: z.record(z.string(), z.unknown()),
    }),
    z.object({ output: z.record(z.string(), z.unknown()) }),
    'One operation of a local account’s service, as the root of the account',
  ),
  'kms.keys': method(none, z.object({ keys: z.array(KmsKeySummary) }), 'The KMS keys of all local accounts'),

  'file.begin': method(
    FileJob,
    FileJobBegun,
    'Begin to encrypt or decrypt a file as an AWS Encryption SDK message; the page sends its bytes in parts beside the contract',
  ),
  'file.cancel': method(FileJobNamed, done, 'Give a file up that is being encrypted or decrypted; works while locked'),

  'key.list': method(none, z.object({ keys: z.array(AccessKey) }), 'Access keys'),
  'key.import': method(
    z.strictObject({
      name: Name,
      account: Name,
      accessKeyId: AccessKeyId,
      secretAccessKey: Sealed,
      sessionToken: Sealed.optional(),
      tags: Tags.optional(),
      note: Note.optional(),
      source: ImportSource,
    }),
    AccessKey,
    'Put an access key into the vault',
  ),
  'key.matches': method(
    z.strictObject({ name: Name, secretAccessKey: Sealed, sessionToken: Sealed.optional() }),
    z.object({ matches: z.boolean() }),
    'Whether a secret, with its session token, is the one that the vault holds under this name',
  ),
  'key.update': method(
    z.strictObject({
      name: Name,
      rename: Name.optional(),
      status: z.enum(['active', 'disabled']).optional(),
      tags: Tags.optional(),
      note: Note.optional(),
    }),
    AccessKey,
    'Rename, enable, disable, tag or annotate an access key',
  ),
  'key.remove': method(
    z.strictObject({ name: Name, cascade: z.boolean().optional() }),
    done,
    'Remove an access key; with cascade also profiles and clients that use it',
  ),

  ...profileMethods,
  ...sessionMethods,
  ...signInMethods,
  ...ssoMethods,
  ...samlMethods,
  ...leaveMethods,
  ...consoleMethods,

  'client.list': method(none, z.object({ clients: z.array(Client) }), 'Clients: tools with a client key of their own'),
  'client.add': method(
    z.strictObject({
      name: Name,
      /** Either a profile, or a local account: then the account's first profile gives the region. */
      profile: Name.optional(),
      account: Name.optional(),
      /** Local accounts only: who the client is. Without it, the root of the account. */
      principal: z
        .discriminatedUnion('type', [
          z.strictObject({ type: z.literal('root') }),
          z.strictObject({ type: z.literal('policy'), document: PolicyDocument }),
        ])
        .optional(),
      expiresInSeconds: ExpiresInSeconds.optional(),
      replyKey: ReplyKey,
    }),
    IssuedClientKey,
    'Make a client key for a tool; its secret is shown once',
  ),
  'client.issue': method(
    z.strictObject({
      profile: Name,
      purpose: z.enum(['exec', 'credential-process', 'env']),
      label: z.string().max(64).optional(),
      expiresInSeconds: ExpiresInSeconds.optional(),
      replyKey: ReplyKey,
    }),
    IssuedClientKey,
    'An ephemeral client key; credential-process gets the same one again until half its life is over, unless it lives longer than is asked for',
  ),
  'client.lease': method(
    z.strictObject({ accessKeyId: AccessKeyId }),
    done,
    'Keep an exec client for as long as this connection lasts (client.issue has done that already); control socket only, works while locked',
  ),
  'client.update': method(
    z.strictObject({ name: z.string(), rename: Name.optional(), enabled: z.boolean().optional() }),
    Client,
    'Rename, enable or disable a client',
  ),
  'client.remove': method(z.strictObject({ name: z.string() }), done, 'Remove a client: its key stops working at once'),

  'client.rotate': method(
    z.strictObject({
      name: z.string(),
      /** How long the key before still works; 0: it ends at once. */
      overlapSeconds: z
        .int()
        .min(0)
        .max(30 * 86400, 'the key before works for at most 30 days more')
        .default(86_400),
      replyKey: ReplyKey,
    }),
    IssuedClientKey.extend({
      previous: z.object({ name: z.string(), accessKeyId: AccessKeyId, expiresAt: Instant }).nullable(),
    }),
    'A new key for a tool; its secret is shown once, and the one before works until the overlap is over',
  ),

  ...gateMethods,
  ...rotationMethods,
  ...certificateMethods,
  ...rotationDueMethods,
  ...panicMethods,
  ...credentialMethods,

  ...tokenMethods,
  ...totpMethods,

  ...hsmMethods,
  ...hsmUserMethods,

  'sign.headers': method(
    z.strictObject({
      profile: Name,
      method: z.string().regex(/^[A-Z]+$/),
      url: z.url({ protocol: /^https?$/ }),
      headers: z.array(z.tuple([z.string(), z.string()])),
      /** Hex SHA-256 of the body, or `UNSIGNED-PAYLOAD`. */
      payloadHash: z.string().regex(/^([0-9a-f]{64}|UNSIGNED-PAYLOAD)$/),
      service: z.string().optional(),
      region: Region.optional(),
    }),
    z.object({ headers: z.array(z.tuple([z.string(), z.string()])), service: z.string(), region: z.string() }),
    'Sign one request with the profile’s vaulted key and answer the headers to add',
  ),
  'sign.presign': method(
    z.strictObject({
      profile: Name,
      method: z.enum(['GET', 'PUT', 'HEAD', 'DELETE']),
      bucket: z
        .string()
        .min(3, 'a bucket’s name has at least 3 characters')
        .max(255, 'a bucket’s name has at most 255 characters'),
      key: z.string().min(1, 'an object’s key is not empty').max(1024, 'an object’s key has at most 1,024 characters'),
      expiresInSeconds: z
        .int()
        .min(1, 'a presigned URL lives at least a second')
        .max(604_800, 'a presigned URL lives at most 7 days'),
      region: Region.optional(),
    }),
    z.object({ url: z.string(), expiresAt: Instant }),
    'A presigned S3 URL, signed with the profile’s vaulted key',
  ),

  'ca.export': method(none, z.object({ pem: z.string(), notAfter: Instant }), 'The vault’s local CA certificate'),

  'ca.rotate': method(
    z.strictObject({
      /** The HTTPS door shows a certificate of the new CA at once, instead of after the next start of Keyhold. */
      now: z.boolean(),
    }),
    z.object({
      pem: z.string(),
      notAfter: Instant,
      /** The CA before, which signs nothing any more. */
      previous: z.object({ pem: z.string(), notAfter: Instant }).nullable(),
      /** Whether the HTTPS door still shows a certificate of the CA before. */
      doorKeepsPrevious: z.boolean(),
    }),
    'A new local CA; its certificate and that of the one before, so that tools can trust both meanwhile',
  ),

  'audit.list': method(
    z.strictObject({
      /** Entries older than this sequence number; newest first. */
      before: z.int().optional(),
      limit: z.int().min(1).max(1000).default(100),
      decision: z.enum(['allowed', 'denied']).optional(),
      kind: z.enum(['request', 'change']).optional(),
      client: z.string().optional(),
      profile: z.string().optional(),
      account: z.string().optional(),
      service: z.string().optional(),
      /** Free text over action, client, profile, service, reason, target, security keys. */
      text: z.string().max(200).optional(),
      since: Instant.optional(),
    }),
    z.object({ entries: z.array(AuditEntry), nextBefore: z.int().nullable(), total: z.int() }),
    'Read the audit log, newest first',
  ),
  'audit.verify': method(
    none,
    z.object({
      ok: z.boolean(),
      entries: z.int(),
      /** Sequence number of the first broken entry. */
      firstBroken: z.int().nullable(),
      message: z.string(),
    }),
    'Verify the hash chain and every MAC',
  ),
  'audit.export': method(
    z.strictObject({ afterSeq: z.int().default(0), limit: z.int().min(1).max(5000).default(1000) }),
    z.object({ entries: z.array(AuditEntry), previousHash: z.string(), done: z.boolean() }),
    'Entries in order, oldest first, with their hashes and MACs',
  ),

  'settings.get': method(none, Settings, 'Settings'),
  'settings.update': method(z.strictObject(Settings.partial().shape), Settings, 'Change settings'),

  'ui.open': method(
    z.strictObject({
      /** Also write a page that leads to the address, for a browser's command line. */
      file: z.boolean().default(false),
    }),
    z.object({
      url: z.string(),
      /** Path of that page, removed when the token has been used or is too old; absent where it could not be written. */
      file: z.string().optional(),
    }),
    'The web page’s address with a fresh one-time token in the fragment (single use, five minutes)',
  ),

  'daemon.stop': method(none, done, 'Stop the daemon cleanly'),
} as const;

export type Methods = typeof methods;
export type MethodName = keyof Methods;
/** What a caller passes (defaults not yet filled in). */
export type Params<M extends MethodName> = z.input<Methods[M]['input']>;
/** What a handler receives. */
export type Input<M extends MethodName> = z.output<Methods[M]['input']>;
export type Result<M extends MethodName> = z.output<Methods[M]['output']>;

export function isMethodName(name: string): name is MethodName {
  return Object.hasOwn(methods, name);
}

/** Calls that a page repeats by itself while nobody is there: they keep nothing unlocked. */
export const REPEATED_METHODS: ReadonlySet<MethodName> = new Set<MethodName>([
  'totp.codes',
  'vault.keyRotation',
  'rotation.due',
]);

/** Calls that do not count as activity for auto-lock, and work while locked or before there is a vault. */
export const PASSIVE_METHODS: ReadonlySet<MethodName> = new Set<MethodName>([
  'status.get',
  'hsm.sealKey',
  'client.lease',
  'hsm.status',
  'file.cancel',
  'mfa.devices',
  'mfa.info',
  'mfa.ways',
  'mfa.prompts',
  'mfa.cancel',
]);
