import { z } from 'zod';
import { Gate, Instant, Name, RecordId } from './schemas.ts';

export const KmsKeyState = z.enum([
  'Creating',
  'Enabled',
  'Disabled',
  'PendingDeletion',
  'PendingImport',
  'PendingReplicaDeletion',
  'Unavailable',
  'Updating',
]);
export type KmsKeyState = z.infer<typeof KmsKeyState>;

/** A KMS key in one Region, as a list shows it: what KMS's API tells of it in four operations, in AWS's words. */
export const KmsKeySummary = z.object({
  id: RecordId,
  account: Name,
  region: z.string(),
  keyId: z.string(),
  arn: z.string(),
  state: KmsKeyState,
  /** KeySpec: `SYMMETRIC_DEFAULT`, `RSA_2048`, … */
  spec: z.string(),
  /** KeyUsage: `ENCRYPT_DECRYPT`, … */
  usage: z.string(),
  origin: z.enum(['AWS_KMS', 'EXTERNAL', 'AWS_CLOUDHSM', 'EXTERNAL_KEY_STORE']),
  manager: z.enum(['CUSTOMER', 'AWS']),
  description: z.string(),
  /** With their prefix `alias/`, in order. */
  aliases: z.array(z.string()),
  tags: z.array(z.object({ key: z.string(), value: z.string() })),
  createdAt: Instant,
  /** When it will be deleted; a primary key that waits for its replicas has no date yet. */
  deletesAt: Instant.optional(),
  /** When imported material expires first. */
  expiresAt: Instant.optional(),
  multiRegion: z.enum(['PRIMARY', 'REPLICA']).optional(),
  /** Regions of the other keys of a multi-Region key. */
  otherRegions: z.array(z.string()),
  /** Whether it can rotate at all: symmetric, its material made here or imported. */
  rotatable: z.boolean(),
  /** Automatic rotation, while it is on. */
  rotation: z.object({ periodInDays: z.int(), nextAt: Instant }).optional(),
  /** Since when the present material is the current one. */
  materialSince: Instant.optional(),
  materials: z.int(),
  grants: z.int(),
  /** CustomKeyStoreId of the custom key store that it is in. */
  keyStore: z.string().optional(),
  lastUse: z.object({ operation: z.string(), at: Instant }).optional(),
  gate: Gate.optional(),
});
export type KmsKeySummary = z.infer<typeof KmsKeySummary>;
