import { z } from 'zod';
import { CheckReport, Instant } from './schemas.ts';

/** An object in the HSM: what it is, never its material. */
export const HsmObjectInfo = z.object({
  id: z.string(),
  /** PKCS#11's CKO_…, in short. */
  class: z.string(),
  spec: z.string(),
  usage: z.array(z.string()),
  extractable: z.boolean(),
  label: z.string(),
  createdAt: Instant,
});
export type HsmObjectInfo = z.infer<typeof HsmObjectInfo>;

/**
 * One file that holds the whole vault. `in-step`: it gets every change before that is acknowledged. `catching-up`: a complete copy is being written. `behind`: within reach, and
 * brought in step after the next unlock. `opening`: its disk has not answered yet. `out-of-reach`: tried again and again. `conflict`: it holds what the vault does not have, and a
 * person decides. `damaged`: the vault’s own file, which does not verify.
 */
export const VaultCopy = z.object({
  path: z.string(),
  role: z.enum(['primary', 'mirror']),
  state: z.enum(['in-step', 'catching-up', 'behind', 'opening', 'out-of-reach', 'conflict', 'damaged']),
  /** Why it is not in step. */
  reason: z.string().nullable(),
  /** Of the last change it is known to have; null when it has never been open. */
  generation: z.int().nullable(),
  lastSeen: Instant.nullable(),
  /** When all of it was last read back and verified since the daemon was started. */
  verifiedAt: Instant.nullable(),
  /** When it is tried again. */
  retryAt: Instant.nullable(),
  /** Mirrors: made on another disk than the vault's. */
  apart: z.boolean(),
});
export type VaultCopy = z.infer<typeof VaultCopy>;

export const VaultBackup = z.object({
  path: z.string(),
  createdAt: Instant,
  generation: z.int(),
  sizeBytes: z.int(),
});
export type VaultBackup = z.infer<typeof VaultBackup>;

export const HsmStatus = z.object({
  process: z.object({
    /** `restarting`: it ended unexpectedly, and a new one has not been started yet. */
    state: z.enum(['locked', 'unlocked', 'restarting']),
    pid: z.int().nullable(),
  }),
  /** Null while the vault is locked. */
  objects: z
    .object({
      total: z.int(),
      byKind: z.array(z.object({ class: z.string(), spec: z.string(), count: z.int() })),
    })
    .nullable(),
  copies: z.array(VaultCopy),
  /** The last time that a copy took the place of a vault file that was gone, damaged or old. */
  rebuilt: z
    .object({
      at: Instant,
      from: z.string(),
      generation: z.int(),
      /** Where the file is that was replaced. */
      kept: z.string().nullable(),
      message: z.string(),
    })
    .nullable(),
  backups: z.object({
    folder: z.string(),
    /** 0: none by itself. */
    everyHours: z.int(),
    keep: z.int(),
    keepWeekly: z.int(),
    /** Newest first. */
    list: z.array(VaultBackup),
    /** When the next is due; null while the vault is locked or when there is none by itself. */
    nextAt: Instant.nullable(),
    /** Why the last one could not be made. */
    failure: z.string().nullable(),
  }),
});
export type HsmStatus = z.infer<typeof HsmStatus>;

const AbsolutePath = z.string().min(1, 'give the path').max(4096);
const none = z.strictObject({});

/** Methods about the HSM's store and its copies. */
export const hsmMethods = {
  'hsm.status': {
    input: none,
    output: HsmStatus,
    summary: 'The HSM process, what is in it, the copies of its store and the backups; works while locked',
  },
  'hsm.objects': {
    input: z.strictObject({
      /** Objects whose id follows this one. */
      after: z
        .string()
        .regex(/^[0-9a-f]{32}$/)
        .optional(),
      limit: z.int().min(1).max(1000).default(500),
      class: z.string().max(64).optional(),
      spec: z.string().max(64).optional(),
    }),
    output: z.object({ objects: z.array(HsmObjectInfo), nextAfter: z.string().nullable() }),
    summary: 'Attributes of the objects in the HSM, in order of id; never their material',
  },
  'hsm.mirrorAdd': {
    input: z.strictObject({
      /** A file, or a folder in which it is `vault.keyhold`. */
      path: AbsolutePath,
      /** Keep what is there under another name, where that is not an earlier state of this vault. */
      replace: z.boolean().optional(),
    }),
    output: VaultCopy,
    summary: 'Keep a further copy of the vault in step, from now on; answers when it is complete and verified',
  },
  'hsm.mirrorRemove': {
    input: z.strictObject({ path: AbsolutePath }),
    output: z.object({ path: z.string() }),
    summary: 'No longer keep a copy in step; its file stays, as the vault is now',
  },
  'hsm.backup': {
    input: none,
    output: z.object({ backup: VaultBackup, report: CheckReport, removed: z.array(z.string()) }),
    summary: 'Make a verified backup in the backups’ folder now, and remove those that are not to be kept any longer',
  },
} as const;
