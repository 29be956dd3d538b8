import { z } from 'zod';
import { method } from './method.ts';
import { Instant, Name } from './schemas.ts';

/**
 * `deactivate`: an access key in IAM; `deactivatePassword` and `deactivateSshKey`: a service-specific credential and an SSH public key of its user. The others: an inline policy that
 * refuses sessions from before the panic, on a user and on a role.
 */
export const PanicAct = z.enum(['deactivate', 'deactivatePassword', 'deactivateSshKey', 'denyUser', 'denyRole']);
export type PanicAct = z.infer<typeof PanicAct>;

/**
 * `asked`: AWS was asked, and the answer is not known. `undoing`: the same of taking it back. What is `failed`, `asked` or `todo` is done by `panic.resume`; `panic.undo` takes back what is
 * `done`, `asked` or `undoing`, and what is `failed` without AWS having answered each time. What AWS has surely not done stays as it is.
 */
export const PanicStepState = z.enum(['todo', 'asked', 'done', 'failed', 'undoing', 'undone']);
export type PanicStepState = z.infer<typeof PanicStepState>;

export const PanicStep = z.object({
  act: PanicAct,
  account: z.string(),
  /** The id of the access key, password or SSH public key, or the ARN of the user or role. */
  target: z.string(),
  /** The access key's name in the vault. */
  key: z.string().optional(),
  /** The name in the vault of a password or SSH public key. */
  credential: z.string().optional(),
  state: PanicStepState,
  /** What was done, or why not, in a sentence. */
  message: z.string(),
  at: Instant.optional(),
});
export type PanicStep = z.infer<typeof PanicStep>;

export const PanicReport = z.object({
  /** `open` until it is taken back or put away: nothing is rotated by itself meanwhile. */
  state: z.enum(['open', 'undone', 'closed']),
  startedAt: Instant,
  /** Sessions that AWS gave out before then are refused. */
  cutoff: Instant,
  /** Switched off in the vault. */
  keys: z.array(z.string()),
  clients: z.int(),
  sessions: z.array(z.string()),
  /** Of those, what is of use again. */
  back: z.object({ keys: z.int(), clients: z.int() }),
  steps: z.array(PanicStep),
  /** What to do next, a sentence each; the first is the most urgent. */
  next: z.array(z.string()),
  /** Every step is done, or was taken back. */
  complete: z.boolean(),
});
export type PanicReport = z.infer<typeof PanicReport>;

const Keys = z.union([z.literal('all'), z.array(Name).min(1, 'name at least one access key').max(1000)]);
const none = z.strictObject({});

export const panicMethods = {
  'panic.plan': method(
    z.strictObject({ keys: Keys.default('all') }),
    z.object({
      keys: z.array(Name),
      /** Passwords and SSH public keys of the keys' users; what is kept with another key, once it is known that it is the same user's. */
      credentials: z.array(Name),
      clients: z.int(),
      sessions: z.array(Name),
      roles: z.array(z.string()),
    }),
    'What a panic would switch off, without doing it',
  ),
  'panic.start': method(
    z.strictObject({
      keys: Keys.default('all'),
      /** Otherwise the vault is locked at the end, whatever became of the rest. */
      keepUnlocked: z.boolean().default(false),
      /** Lock first; AWS is told by `panic.resume`, after an unlock. */
      now: z.boolean().default(false),
    }),
    PanicReport,
    'Switch access keys off, here and at AWS, refuse their older sessions, and lock',
  ),
  'panic.status': method(
    none,
    z.object({ report: PanicReport.nullable() }),
    'What the last panic did, and what is left to do',
  ),
  'panic.resume': method(none, PanicReport, 'Try again what a panic could not do'),
  'panic.undo': method(none, PanicReport, 'Take a panic back, as far as the keys of this vault can'),
  'panic.close': method(none, PanicReport, 'Put the report of a panic away and leave everything as it is'),
} as const;
