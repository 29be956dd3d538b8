import { z } from 'zod';
import { method } from './method.ts';
import { Rotated, Rotation } from './rotation.ts';
import { QuarantineSeconds, RotationSchedule } from './schedule.ts';
import { Instant, Name } from './schemas.ts';

/** An access key, or what else a user has, with a maximum age. */
export const DueKey = z.object({
  key: Name,
  /** What it is, where it is no access key: the id is of that, and a person has to rotate it. */
  adapter: Rotation.shape.adapter,
  account: Name,
  accessKeyId: z.string(),
  dueAt: Instant,
  /** `soon`: within 14 days. `underWay`: a rotation of it has begun. */
  state: z.enum(['due', 'soon', 'later', 'snoozed', 'underWay']),
  auto: RotationSchedule.shape.auto,
  /** It is rotated by itself then, if the vault is unlocked and AWS can be reached. */
  rotatesAt: Instant.optional(),
  snoozedUntil: Instant.optional(),
  /** Why it is not rotated by itself though it is to be. */
  needsPerson: z.string().optional(),
});
export type DueKey = z.infer<typeof DueKey>;

const Begun = z.object({
  /** What has begun, or with `plan` would: names of access keys, with `key:` where they were named so, and `credential:NAME`. */
  begun: z.array(z.string()),
  skipped: z.array(z.object({ key: z.string(), why: z.string() })),
});

const none = z.strictObject({});

export const rotationDueMethods = {
  'rotation.due': method(
    none,
    z.object({
      /** The first due first. */
      keys: z.array(DueKey),
      /** Rotations that wait for a person. */
      waiting: z.int(),
      timeZone: z.string(),
    }),
    'Access keys and credentials that have a maximum age, and when they are due',
  ),
  'rotation.schedule': method(
    z.strictObject({
      target: z.strictObject({ kind: z.enum(['key', 'account']), name: Name }),
      /** Null: none of its own. */
      schedule: RotationSchedule.nullable(),
    }),
    none,
    'Say what becomes of access keys that are due: of one, or of those of a remote account that have no schedule of their own',
  ),
  'rotation.snooze': method(
    z.strictObject({
      key: Name,
      /** Null: not any more. */
      seconds: z
        .int()
        .min(60)
        .max(366 * 86_400, 'a key is left alone for at most 366 days')
        .nullable(),
    }),
    none,
    'Say nothing of a key that is due, and do not rotate it by itself, for a while',
  ),
  'rotation.startDue': method(
    z.strictObject({
      /** Every active key, and every credential, that AWS made longer ago than this, instead of those that are due. */
      olderThanSeconds: z.int().min(1).optional(),
      /** These, whether they are due or not: names of access keys, with or without `key:`, and `credential:NAME`. */
      keys: z.array(Rotated).min(1, 'name at least one access key or credential').max(1000).optional(),
      /** Default: of each key as its schedule says, or a day. */
      quarantineSeconds: QuarantineSeconds.optional(),
      /** As of `rotation.start`. */
      whenOnline: z.boolean().default(false),
      /** Only say which. */
      plan: z.boolean().default(false),
    }),
    Begun,
    'Begin to rotate every access key and credential that is due, one at a time in each account',
  ),
  'rotation.calendar': method(
    z.strictObject({
      /** With the ids that IAM knows them by. */
      withIds: z.boolean().default(false),
    }),
    z.object({ text: z.string(), events: z.int() }),
    'When access keys and credentials are due, as a calendar (RFC 5545)',
  ),
} as const;
