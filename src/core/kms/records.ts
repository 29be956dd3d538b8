import { z } from 'zod';
import { AccountId, Base64, RecordId } from '../../contract/schemas.ts';
import { KeptGate } from '../gates/kept-gate.ts';
import { KEY_SPECS, KEY_USAGES } from './specs.ts';

/** ms since the Unix epoch */
const Time = z.int().min(0);
const ObjectHandle = z.object({ id: RecordId });
/** Which Regions there are is asked of requests (`isServedRegion`): a list that has become shorter must not make a record unreadable. */
const KeptRegion = z.string();
/** Taken as it is: `z.record` leaves out a pair that is called `__proto__`, and with it a constraint. */
const Pairs = z.custom<Record<string, string>>(
  (value) =>
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every((one) => typeof one === 'string'),
);
/** 64 hex digits: the HSM's name for a piece of key material (`materialId`). */
const MaterialId = z.string().regex(/^[0-9a-f]{64}$/);

/** Why a custom key store could not be connected: those of AWS's ConnectionErrorCodeType that can happen here. */
const CONNECTION_ERRORS = [
  'CLUSTER_NOT_FOUND',
  'INTERNAL_ERROR',
  'INVALID_CREDENTIALS',
  'NETWORK_ERRORS',
  'USER_LOCKED_OUT',
  'USER_NOT_FOUND',
  'XKS_PROXY_ACCESS_DENIED',
  'XKS_PROXY_INVALID_CONFIGURATION',
  'XKS_PROXY_INVALID_RESPONSE',
  'XKS_PROXY_INVALID_TLS_CONFIGURATION',
  'XKS_PROXY_NOT_REACHABLE',
  'XKS_PROXY_TIMED_OUT',
] as const;
export type ConnectionError = (typeof CONNECTION_ERRORS)[number];

/** The operations of AWS's GrantOperation. */
export const GRANT_OPERATIONS = [
  'Decrypt',
  'Encrypt',
  'GenerateDataKey',
  'GenerateDataKeyWithoutPlaintext',
  'ReEncryptFrom',
  'ReEncryptTo',
  'Sign',
  'Verify',
  'GetPublicKey',
  'CreateGrant',
  'RetireGrant',
  'DescribeKey',
  'GenerateDataKeyPair',
  'GenerateDataKeyPairWithoutPlaintext',
  'GenerateMac',
  'VerifyMac',
  'DeriveSharedSecret',
  'Encapsulate',
  'Decapsulate',
] as const;
export type GrantOperation = (typeof GRANT_OPERATIONS)[number];

/** The operations whose last use of a key is told (KeyLastUsageTrackingOperation). */
export const TRACKED_OPERATIONS = [
  'Decapsulate',
  'Decrypt',
  'DeriveSharedSecret',
  'Encapsulate',
  'Encrypt',
  'GenerateDataKey',
  'GenerateDataKeyPair',
  'GenerateDataKeyPairWithoutPlaintext',
  'GenerateDataKeyWithoutPlaintext',
  'GenerateMac',
  'ReEncrypt',
  'Sign',
  'Verify',
  'VerifyMac',
] as const;
export type TrackedOperation = (typeof TRACKED_OPERATIONS)[number];

/**
 * One backing key. Without `object` there is only its name: imported material that expired or was deleted and can be imported again; or the key
 * is in a token, where the first half of the id is its CKA_ID (`tokenKeyId`). PENDING_… is imported for a rotation that has not happened; such material can still be let go of.
 */
const Material = z.object({
  id: MaterialId,
  object: ObjectHandle.optional(),
  state: z.enum(['CURRENT', 'NON_CURRENT', 'PENDING_ROTATION', 'PENDING_MULTI_REGION_IMPORT_AND_ROTATION']),
  /** The rotation that made it current; absent for the first. */
  rotation: z.object({ type: z.enum(['AUTOMATIC', 'ON_DEMAND']), at: Time }).optional(),
  description: z.string().optional(),
  /** Imported material is of no use from here on. */
  expiresAt: Time.optional(),
});

/** The payloads of the KMS's records, by kind (docs/format.md, "Sealed record"). `account` is the record id of the owning account. */
export const KMS_RECORDS = {
  /** A KMS key in one Region; the keys of a multi-Region key are records of their own with one `keyId`. Its state follows (`keyState`). */
  kmsKey: z.object({
    account: RecordId,
    region: KeptRegion,
    keyId: z.string(),
    spec: z.enum(KEY_SPECS),
    usage: z.enum(KEY_USAGES),
    origin: z.enum(['AWS_KMS', 'EXTERNAL', 'AWS_CLOUDHSM', 'EXTERNAL_KEY_STORE']),
    manager: z.enum(['CUSTOMER', 'AWS']),
    description: z.string(),
    enabled: z.boolean(),
    policy: z.string(),
    tags: z.array(z.object({ key: z.string(), value: z.string() })),
    createdAt: Time,
    /** Oldest first. */
    materials: z.array(Material),
    /** SubjectPublicKeyInfo DER. */
    publicKey: Base64.optional(),
    /** Automatic rotation, while it is switched on. */
    rotation: z.object({ periodInDays: z.int(), nextAt: Time }).optional(),
    onDemandRotations: z.int().min(0),
    /** Scheduled deletion. `at` is absent while a primary key waits for its last replica to be gone. */
    deletion: z.object({ windowInDays: z.int(), at: Time.optional() }).optional(),
    multiRegion: z.enum(['PRIMARY', 'REPLICA']).optional(),
    /** A transient state and when it ends. */
    settling: z.object({ state: z.enum(['Creating', 'Updating']), until: Time }).optional(),
    /** The record id of its custom key store. */
    keyStore: RecordId.optional(),
    /** XksKeyId: the key of the external key manager that encrypts once more what the material has encrypted. */
    externalKeyId: z.string().optional(),
    gate: KeptGate.optional(),
    lastUse: z.object({ operation: z.enum(TRACKED_OPERATIONS), at: Time, requestId: z.string() }).optional(),
  }),
  kmsAlias: z.object({
    account: RecordId,
    region: KeptRegion,
    /** With its prefix: `alias/…`. */
    name: z.string(),
    key: RecordId,
    createdAt: Time,
    updatedAt: Time,
  }),
  kmsGrant: z.object({
    /** The key's account and Region. */
    account: RecordId,
    region: KeptRegion,
    key: RecordId,
    /** 64 hex digits. */
    grantId: z.string(),
    name: z.string().optional(),
    grantee: z.string(),
    retiring: z.string().optional(),
    /** Given as GranteeServicePrincipal and RetiringServicePrincipal. */
    serviceGrantee: z.boolean().optional(),
    serviceRetiring: z.boolean().optional(),
    operations: z.array(z.enum(GRANT_OPERATIONS)),
    constraints: z
      .object({
        equals: Pairs.optional(),
        subset: Pairs.optional(),
        sourceArn: z.string().optional(),
      })
      .optional(),
    /** The account that made it. */
    issuer: AccountId,
    createdAt: Time,
  }),
  kmsKeyStore: z.object({
    account: RecordId,
    region: KeptRegion,
    /** `cks-…` */
    storeId: z.string(),
    name: z.string(),
    createdAt: Time,
    connected: z.boolean(),
    /** Of the last attempt to connect, until it is disconnected. */
    connectionError: z.enum(CONNECTION_ERRORS).optional(),
    backing: z.discriminatedUnion('type', [
      z.object({
        type: z.literal('AWS_CLOUDHSM'),
        /** `clusterIdOf` a token of this vault. */
        clusterId: z.string(),
        /** TrustAnchorCertificate, PEM. */
        trustAnchor: z.string().optional(),
      }),
      z.object({
        type: z.literal('EXTERNAL_KEY_STORE'),
        connectivity: z.enum(['PUBLIC_ENDPOINT', 'VPC_ENDPOINT_SERVICE']),
        uriEndpoint: z.string(),
        uriPath: z.string(),
        accessKeyId: z.string(),
        /** The HSM object that signs requests to the proxy, and nothing else. */
        secret: ObjectHandle,
      }),
    ]),
  }),
} as const;

export type KmsKey = z.output<typeof KMS_RECORDS.kmsKey>;
export type KmsAlias = z.output<typeof KMS_RECORDS.kmsAlias>;
export type KmsGrant = z.output<typeof KMS_RECORDS.kmsGrant>;
export type KmsKeyStore = z.output<typeof KMS_RECORDS.kmsKeyStore>;
export type KmsMaterial = KmsKey['materials'][number];
export type ExternalStore = Extract<KmsKeyStore['backing'], { type: 'EXTERNAL_KEY_STORE' }>;

/** A key with its record's id. */
export type FoundKey = { id: string; value: KmsKey };
export type FoundAlias = { id: string; value: KmsAlias };
export type FoundGrant = { id: string; value: KmsGrant };
export type FoundKeyStore = { id: string; value: KmsKeyStore };
