import { z } from 'zod';
import { KeyholdError } from '../contract/errors.ts';
import { Role, SessionKind, SessionSeconds } from '../contract/roles.ts';
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
import { IAM_RECORDS } from './directory/records.ts';
import { KeptGate } from './gates/kept-gate.ts';
import { KmsIndex } from './kms/kms-index.ts';
import { KMS_RECORDS } from './kms/records.ts';
import { foldName, suggestNames } from './names.ts';
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
  client: z.object({
    name: z.string().min(1).max(128),
    purpose: z.enum(['tool', 'exec', 'credential-process', 'env']),
    profile: RecordId,
    /** Local accounts only; without it, the root of the account. */
    policy: PolicyDocument.optional(),
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
  signIn: SIGN_IN_RECORD,
  ...KMS_RECORDS,
  ...IAM_RECORDS,
} as const;

export type ThingKind = keyof typeof RECORD_SCHEMAS;
export type Thing<K extends ThingKind> = z.output<(typeof RECORD_SCHEMAS)[K]>;
/** Kinds a person names. */
export type NamedKind =
  | 'account'
  | 'accessKey'
  | 'profile'
  | 'client'
  | 'hsmToken'
  | 'otpDevice'
  | 'securityKey'
  | 'signIn';
export type Found<K extends ThingKind> = { id: string; value: Thing<K> };

const NOUNS: Readonly<Record<NamedKind, { noun: string; article: string }>> = {
  account: { noun: 'account', article: 'an' },
  accessKey: { noun: 'access key', article: 'an' },
  profile: { noun: 'profile', article: 'a' },
  client: { noun: 'client', article: 'a' },
  hsmToken: { noun: 'token', article: 'a' },
  otpDevice: { noun: 'authenticator entry', article: 'an' },
  securityKey: { noun: 'security key', article: 'a' },
  signIn: { noun: 'sign-in', article: 'a' },
};

export const THING_KINDS = Object.keys(RECORD_SCHEMAS).filter((kind): kind is ThingKind => kind in RECORD_SCHEMAS);
/** All but the records of the local services. */
export const VAULT_KINDS = THING_KINDS.filter((kind) => !(kind in KMS_RECORDS || kind in IAM_RECORDS));

/** Told of every record of a kind that comes, changes or goes. */
interface RecordIndex<T> {
  /** Answers the record as it is to be kept. */
  put(id: string, value: T): T;
  remove(id: string, value: T): void;
}
type Indexes = { [K in ThingKind]?: RecordIndex<Thing<K>> };

type Tables = { [K in ThingKind]: Map<string, Thing<K>> };

/**
 * The decrypted records of an unlocked vault (no secrets: those are HSM objects) with the indexes over them. Changed only after the
 * transaction that writes the same change has been committed. A kind is of use once all of it has been read (`complete`): asking earlier
 * is a defect and throws, so that nothing is ever decided on half a table.
 */
export class Things {
  readonly #complete = new Set<ThingKind>();
  readonly #tables: Tables = {
    account: new Map(),
    accessKey: new Map(),
    profile: new Map(),
    awsSession: new Map(),
    client: new Map(),
    settings: new Map(),
    authority: new Map(),
    hsmToken: new Map(),
    otpDevice: new Map(),
    securityKey: new Map(),
    rotation: new Map(),
    signIn: new Map(),
    kmsKey: new Map(),
    kmsAlias: new Map(),
    kmsGrant: new Map(),
    kmsKeyStore: new Map(),
    iamUser: new Map(),
    iamMfaDevice: new Map(),
  };
  /** Of use once the KMS's kinds have been read. */
  readonly kms = new KmsIndex();
  readonly #indexes: Indexes = this.kms.byKind;
  readonly #names: Record<NamedKind, Map<string, string>> = {
    account: new Map(),
    accessKey: new Map(),
    profile: new Map(),
    client: new Map(),
    hsmToken: new Map(),
    otpDevice: new Map(),
    securityKey: new Map(),
    signIn: new Map(),
  };
  readonly #clientsByKeyId = new Map<string, string>();
  readonly #sessionsByProfile = new Map<string, string>();

  /** Takes a record as read from the vault. Throws `VaultCorrupt` when it is not what its kind says. */
  load(kind: ThingKind, id: string, payload: unknown): void {
    const parsed = RECORD_SCHEMAS[kind].safeParse(payload);
    if (!parsed.success) {
      const field = parsed.error.issues[0]?.path.join('.') ?? '';
      throw new KeyholdError('VaultCorrupt', `Record ${kind} ${id} has an unknown shape (${field}). Restore a backup.`);
    }
    // The schema of `kind` has just produced exactly this kind's type.
    this.#put(kind, id, parsed.data as Thing<typeof kind>);
  }

  /** All records of the kind have been loaded. */
  complete(kind: ThingKind): void {
    this.#complete.add(kind);
  }

  isComplete(kind: ThingKind): boolean {
    return this.#complete.has(kind);
  }

  put<K extends ThingKind>(kind: K, id: string, value: Thing<K>): void {
    this.#mustBeComplete(kind);
    this.#put(kind, id, value);
  }

  #put<K extends ThingKind>(kind: K, id: string, given: Thing<K>): void {
    this.#remove(kind, id);
    const table: Map<string, Thing<K>> = this.#tables[kind];
    const index: RecordIndex<Thing<K>> | undefined = this.#indexes[kind];
    const value = index === undefined ? given : index.put(id, given);
    table.set(id, value);
    const names = this.#namesOf(kind);
    if (names !== undefined && 'name' in value && value.name !== undefined) names.set(foldName(value.name), id);
    if (kind === 'client' && 'accessKeyId' in value) this.#clientsByKeyId.set(value.accessKeyId, id);
    if (kind === 'awsSession' && 'profile' in value) this.#sessionsByProfile.set(value.profile, id);
  }

  remove(kind: ThingKind, id: string): void {
    this.#mustBeComplete(kind);
    this.#remove(kind, id);
  }

  #remove<K extends ThingKind>(kind: K, id: string): void {
    const table: Map<string, Thing<K>> = this.#tables[kind];
    const old = table.get(id);
    if (old === undefined) return;
    table.delete(id);
    const index: RecordIndex<Thing<K>> | undefined = this.#indexes[kind];
    index?.remove(id, old);
    const names = this.#namesOf(kind);
    if (names !== undefined && 'name' in old && old.name !== undefined) names.delete(foldName(old.name));
    if (kind === 'client' && 'accessKeyId' in old) this.#clientsByKeyId.delete(old.accessKeyId);
    if (kind === 'awsSession' && 'profile' in old) this.#sessionsByProfile.delete(old.profile);
  }

  get<K extends ThingKind>(kind: K, id: string): Thing<K> | undefined {
    this.#mustBeComplete(kind);
    const table: ReadonlyMap<string, Thing<K>> = this.#tables[kind];
    return table.get(id);
  }

  /** A record that another one refers to: its absence is damage, not a mistake of the caller. */
  must<K extends ThingKind>(kind: K, id: string): Thing<K> {
    const value = this.get(kind, id);
    if (value === undefined)
      throw new KeyholdError('VaultCorrupt', `Record ${kind} ${id} is missing. Restore a backup.`);
    return value;
  }

  all<K extends ThingKind>(kind: K): Found<K>[] {
    this.#mustBeComplete(kind);
    const table: ReadonlyMap<string, Thing<K>> = this.#tables[kind];
    return [...table].map(([id, value]) => ({ id, value }));
  }

  count(kind: ThingKind): number {
    this.#mustBeComplete(kind);
    return this.#tables[kind].size;
  }

  findByName<K extends NamedKind>(kind: K, name: string): Found<K> | undefined {
    this.#mustBeComplete(kind);
    const id = this.#names[kind].get(foldName(name));
    const value = id === undefined ? undefined : this.get(kind, id);
    return id === undefined || value === undefined ? undefined : { id, value };
  }

  /** Throws `NotFound`, with the nearest names there are. */
  byName<K extends NamedKind>(kind: K, name: string): Found<K> {
    const found = this.findByName(kind, name);
    if (found !== undefined) return found;
    const near = suggestNames(
      name,
      this.all(kind).map((one) => one.value.name),
    );
    const hint = near.length === 0 ? '' : ` Did you mean ${near.join(' or ')}?`;
    throw new KeyholdError('NotFound', `There is no ${NOUNS[kind].noun} called ${name}.${hint}`, {
      kind,
      name,
      suggestions: near,
    });
  }

  /** Throws `AlreadyExists` when another record of the kind has the name; names are compared without case. */
  assertFree(kind: NamedKind, name: string, exceptId?: string): void {
    const found = this.findByName(kind, name);
    if (found === undefined || found.id === exceptId) return;
    const { noun, article } = NOUNS[kind];
    const message = `There is already ${article} ${noun} called ${found.value.name}; choose another name.`;
    throw new KeyholdError('AlreadyExists', message, { kind, name: found.value.name });
  }

  #namesOf(kind: ThingKind): Map<string, string> | undefined {
    const names: { readonly [K in ThingKind]?: Map<string, string> } = this.#names;
    return names[kind];
  }

  #mustBeComplete(kind: ThingKind): void {
    if (!this.#complete.has(kind)) throw new Error(`${kind} records are asked for before they have been read`);
  }

  clientByKeyId(accessKeyId: string): Found<'client'> | undefined {
    this.#mustBeComplete('client');
    const id = this.#clientsByKeyId.get(accessKeyId);
    const value = id === undefined ? undefined : this.get('client', id);
    return id === undefined || value === undefined ? undefined : { id, value };
  }

  /** The temporary credentials of a profile. */
  sessionOf(profile: string): Found<'awsSession'> | undefined {
    this.#mustBeComplete('awsSession');
    const id = this.#sessionsByProfile.get(profile);
    const value = id === undefined ? undefined : this.get('awsSession', id);
    return id === undefined || value === undefined ? undefined : { id, value };
  }
}
