import { z } from 'zod';
import { method } from './method.ts';
import { QuarantineSeconds } from './schedule.ts';
import { Instant, MaxAgeDays, Name, RecordId } from './schemas.ts';
import { MfaSerial } from './totp.ts';

/** In order. The last three take a rotation back. */
export const ROTATION_STEPS = [
  'preflight',
  'create',
  'verify',
  'switch',
  'retire',
  'watch',
  'delete',
  'reactivate',
  'return',
  'discard',
] as const;
export const RotationStep = z.enum(ROTATION_STEPS);
export type RotationStep = z.infer<typeof RotationStep>;

/** What a rotation that does not go on waits for. */
export const RotationHalt = z.enum([
  /** AWS cannot be reached, or answers with errors of its own: it is tried again by itself. */
  'network',
  /** AWS was not reachable when it was begun, and is now: somebody has to say that it is still wanted. */
  'begunOffline',
  /** The new key does not work yet: it is tried again by itself. */
  'unverified',
  /** A permission is missing. */
  'permission',
  /** AWS wants MFA, and no device of this vault fits, or it did not take the code. */
  'mfa',
  /** The user has two keys. */
  'quota',
  /** AWS does not take the key that would have to sign. */
  'badKey',
  /** The use of the key wants a touch, and nobody was there to be asked. */
  'touch',
  /** A key has appeared, changed or gone upstream, or here, that this rotation did not touch. */
  'changed',
  /** The old key is used elsewhere. */
  'usedElsewhere',
  /** AWS does not say when the old key was last used. */
  'unwatched',
  /** A new key was made and its secret never arrived. It is switched off, and deleted once AWS would have told of a use; a person may say sooner that it is nobody’s. */
  'inDoubt',
  /** What AWS answered fits nothing that is known. */
  'refused',
]);
export type RotationHalt = z.infer<typeof RotationHalt>;

export const Rotation = z.object({
  id: RecordId,
  /** The access key’s name in the vault (or the credential’s), and its account’s. */
  key: z.string(),
  account: z.string(),
  /** What is rotated, where it is no access key: ids are of that, then. */
  adapter: z.enum(['service', 'sshKey']).optional(),
  /** `planned`: AWS could not be reached when it was begun, and nothing has been done yet. */
  state: z.enum(['planned', 'running', 'quarantine', 'waiting', 'done', 'rolledBack', 'refused']),
  /** Where it stands and what to do, in a sentence. */
  message: z.string(),
  /** What is done next. */
  step: RotationStep,
  halt: RotationHalt.optional(),
  /** What it waits for: `confirm` after a look at the message, `resume` after something was put right; nothing where it goes on by itself. */
  needs: z.enum(['confirm', 'resume']).optional(),
  /** It is tried again by itself then, or sooner with `resume`. */
  retryAt: Instant.optional(),
  canRollBack: z.boolean(),
  quarantineSeconds: z.int(),
  quarantineUntil: Instant.optional(),
  user: z.string().optional(),
  oldAccessKeyId: z.string(),
  newAccessKeyId: z.string().optional(),
  startedAt: Instant,
  endedAt: Instant.optional(),
  /** What was done, in order: short, and without secrets. */
  evidence: z.array(z.object({ step: RotationStep, at: Instant, text: z.string() })),
});
export type Rotation = z.infer<typeof Rotation>;

/** An access key of the user, as AWS has it. */
export const UpstreamKey = z.object({
  accessKeyId: z.string(),
  status: z.enum(['active', 'inactive']),
  createdAt: Instant,
  /** Null: never. Absent: AWS does not say. */
  lastUsedAt: Instant.nullable().optional(),
  lastUsedService: z.string().optional(),
  /** Its name in this vault. */
  name: z.string().optional(),
});

export const RotationPlan = z.object({
  key: Name,
  account: Name,
  accessKeyId: z.string(),
  /** Absent where AWS could not be asked. */
  user: z.string().optional(),
  keys: z.array(UpstreamKey),
  mfaSerial: MfaSerial.optional(),
  quarantineSeconds: z.int(),
  /** What will be done, a sentence a step. */
  steps: z.array(z.string()),
  /** What is worth knowing before it is begun. */
  notes: z.array(z.string()),
  /** Why it cannot be begun, each with what to do. */
  blockers: z.array(z.object({ halt: RotationHalt, message: z.string() })),
});
export type RotationPlan = z.infer<typeof RotationPlan>;

/** A name; `key:` or `credential:` before it where both are called so. */
export const Rotated = z.string().min(1, 'give it a name').max(80);
const Wanted = z.strictObject({
  key: Rotated,
  /** Default: as the schedule of the access key says, or its account’s; a day without one, and for credentials. */
  quarantineSeconds: QuarantineSeconds.optional(),
  /** The virtual MFA device of the user, whose codes this vault makes. Default: the one that fits. */
  mfaSerial: MfaSerial.optional(),
});
const Begin = Wanted.extend({
  /** Where AWS cannot be reached, keep it as planned, and ask once it can; the same is asked anyway of one that waited for long. */
  whenOnline: z.boolean().default(false),
});
const ByKey = z.strictObject({ key: Rotated });

export const rotationMethods = {
  'rotation.plan': method(
    Wanted,
    RotationPlan,
    'What a rotation of an access key or credential would do, without doing any of it',
  ),
  'rotation.start': method(
    Begin,
    Rotation,
    'Begin to rotate an access key or credential; it goes on by itself, and `changed: rotations` tells how far it is',
  ),
  'rotation.list': method(
    z.strictObject({}),
    z.object({ rotations: z.array(Rotation) }),
    'Rotations, newest first, with those that have ended',
  ),
  'rotation.get': method(ByKey, Rotation, 'The newest rotation of an access key'),
  'rotation.resume': method(ByKey, Rotation, 'Go on with a rotation that waits, where nothing has to be confirmed'),
  'rotation.confirm': method(ByKey, Rotation, 'Go on with a rotation in spite of what its message says'),
  'rotation.setMaxAge': method(
    z.strictObject({
      target: z.strictObject({ kind: z.enum(['key', 'account', 'credential']), name: Name }),
      /** Null: none of its own. */
      maxAgeDays: MaxAgeDays.nullable(),
    }),
    z.strictObject({}),
    'Say how old an access key, a credential, or those of a remote account, may become before they are due for rotation',
  ),
  'rotation.rollback': method(
    ByKey,
    Rotation,
    'Take a rotation back: the old key is active and in use again, and the new one is deleted',
  ),
} as const;
