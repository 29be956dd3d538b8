import { z } from 'zod';
import { CredentialService } from '../../contract/credentials.ts';
import { PanicAct, PanicStepState } from '../../contract/panic.ts';
import { AccessKeyId, Name, RecordId } from '../../contract/schemas.ts';

/**
 * Whoever has a key goes on getting sessions with it until AWS takes it no more, everywhere, and by AWS’s clock: those are to be refused too.
 */
export const MARGIN_MS = 120_000;

/** ms since the Unix epoch */
const Time = z.int().min(0);
const ObjectHandle = z.object({ id: RecordId });

const StrangerKind = z.enum(['accessKey', 'password', 'sshKey']);
export type StrangerKind = z.infer<typeof StrangerKind>;

const Step = z.object({
  act: PanicAct,
  account: RecordId,
  accountName: Name,
  target: z.string(),
  /** The access key that it is, or is done for. */
  key: RecordId.optional(),
  keyName: Name.optional(),
  /** The password or SSH public key that it is; `key` is one of the same user then, which may be another than it is kept with. */
  credential: z.object({ id: RecordId, name: Name, service: CredentialService.optional() }).optional(),
  state: PanicStepState,
  /** It was so before: taking the panic back leaves it so. */
  already: z.literal(true).optional(),
  message: z.string().optional(),
  at: Time.optional(),
  /** Though it failed, or is to be done anew, it may have been done: AWS was asked, and its answer is not known. */
  unsure: z.literal(true).optional(),
  /** Of a denial: sessions from before then are refused, whatever became of a later one. */
  upTo: Time.optional(),
});

/** What a panic switches off and how far it is: written before and after whatever it asks AWS, so that it is true at any instant. */
export const PANIC_RECORD = z.object({
  startedAt: Time,
  /** Sessions that were given out before then are refused. */
  cutoff: Time,
  /** A person has begun to take it back, though some of it may be left to do. */
  backAt: Time.optional(),
  outcome: z.enum(['undone', 'closed']).optional(),
  endedAt: Time.optional(),
  /** Access keys that it switched off in the vault; the user, once AWS has told. */
  keys: z.array(
    z.object({
      key: RecordId,
      name: Name,
      account: RecordId,
      wasActive: z.boolean(),
      user: z.object({ name: z.string(), arn: z.string() }).optional(),
    }),
  ),
  /** Clients that it switched off. */
  clients: z.array(RecordId),
  /** Credentials that profiles were given, of AWS or from elsewhere: nothing but this signs with them any more. Gone once the panic has ended. */
  sessions: z.array(
    z.object({
      profileName: Name,
      account: RecordId,
      /** Of the access key at the profile's root. */
      key: RecordId.optional(),
      /** The role's ARN; a user's without. */
      role: z.string().optional(),
      accessKeyId: AccessKeyId,
      secret: ObjectHandle,
      token: ObjectHandle.optional(),
      expiresAt: Time,
    }),
  ),
  steps: z.array(Step),
  /** Active keys of the users, passwords and SSH public keys that this vault does not have. Without `kind` an access key. */
  strangers: z.array(
    z.object({
      account: RecordId.optional(),
      user: z.string(),
      accessKeyId: AccessKeyId,
      kind: StrangerKind.optional(),
      service: z.string().optional(),
    }),
  ),
  /** What AWS was asked to list for that; with why it was not, where it was not. */
  lookups: z
    .array(z.object({ account: RecordId, user: z.string(), kind: StrangerKind, failure: z.string().optional() }))
    .optional(),
});
export type PanicRecord = z.output<typeof PANIC_RECORD>;
export type PanicStepRecord = z.output<typeof Step>;

/** The same act on the same thing. */
export function sameStep(a: PanicStepRecord, b: Pick<PanicStepRecord, 'act' | 'target' | 'account'>): boolean {
  return a.act === b.act && a.target === b.target && a.account === b.account;
}

/** Something of IAM's is made inactive, and by the same call active again. */
export function isDeactivation({ act }: Pick<PanicStepRecord, 'act'>): boolean {
  return act !== 'denyUser' && act !== 'denyRole';
}

/** AWS has surely not done it for this panic. */
export function wasNeverDone({ state, unsure, upTo }: PanicStepRecord): boolean {
  return (state === 'todo' || state === 'failed') && unsure !== true && upTo === undefined;
}
