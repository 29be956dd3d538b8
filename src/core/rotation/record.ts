import { z } from 'zod';
import { CredentialService } from '../../contract/credentials.ts';
import { RotationHalt, RotationStep } from '../../contract/rotation.ts';
import { AccessKeyId, Name, RecordId } from '../../contract/schemas.ts';
import { MfaSerial } from '../../contract/totp.ts';

/** ms since the Unix epoch */
const Time = z.int().min(0);
const ObjectHandle = z.object({ id: RecordId });

/** The journal of one rotation: written before and after whatever it does outside, so that any instant can be the last one. */
export const ROTATION_RECORD = z.object({
  /** The access key's record, which may be gone once the rotation has ended. */
  key: RecordId,
  keyName: Name,
  /**
   * What is rotated, where it is no access key. `key` is the one of the same user that IAM is asked with then, `keyName` the credential's name, and what is called an access key id below is the
   * credential's.
   */
  credential: z
    .object({ id: RecordId, name: Name, type: z.enum(['service', 'sshKey']), service: CredentialService.optional() })
    .optional(),
  account: RecordId,
  accountName: Name,
  /** What is done next. */
  step: RotationStep,
  outcome: z.enum(['done', 'rolledBack', 'refused']).optional(),
  halt: z
    .object({
      why: RotationHalt,
      message: z.string(),
      since: Time,
      /** How often it was tried by itself. */
      tries: z.int().min(0),
      retryAt: Time.optional(),
    })
    .optional(),
  /** It may have been begun while AWS could not be reached: somebody is asked before it goes on, however short that was. */
  planned: z.literal(true).optional(),
  /** What a person has agreed to, and when. */
  confirmed: z.array(z.object({ why: RotationHalt, at: Time })),
  quarantineSeconds: z.int().min(0),
  quarantineUntil: Time.optional(),
  /** When the old key's last use is looked up next. */
  lookAt: Time.optional(),
  user: z.object({ name: z.string(), arn: z.string() }).optional(),
  mfaSerial: MfaSerial.optional(),
  /** Credentials of the user with MFA: calls of IAM are signed with them where its policy asks for that. */
  mfa: z.object({ accessKeyId: AccessKeyId, secret: ObjectHandle, token: ObjectHandle, expiresAt: Time }).optional(),
  old: z.object({
    accessKeyId: AccessKeyId,
    secret: ObjectHandle,
    /** What goes with it in the open, where it is no access key. */
    shown: z.string().optional(),
    issuedAt: Time.optional(),
    expiresAt: Time.optional(),
    /** AWS last saw it used then, though not by this vault. */
    usedElsewhereAt: Time.optional(),
  }),
  /** A key is being made: the keys that were there before. What comes besides them is made by this, and its secret may be lost. */
  creating: z
    .object({
      since: Time,
      askedAt: Time,
      before: z.array(AccessKeyId),
      /** One that has come and is switched off since then. */
      doubted: z.object({ accessKeyId: AccessKeyId, at: Time }).optional(),
    })
    .optional(),
  /** A key pair that IAM has been told of, or is about to be. */
  prepared: z.object({ secret: ObjectHandle, publicKey: z.string() }).optional(),
  /** The new key, from when its secret is in the vault. */
  fresh: z
    .object({
      accessKeyId: AccessKeyId,
      secret: ObjectHandle,
      shown: z.string().optional(),
      createdAt: Time,
      expiresAt: Time.optional(),
      verifiedAt: Time.optional(),
    })
    .optional(),
  switchedAt: Time.optional(),
  evidence: z.array(z.object({ step: RotationStep, at: Time, text: z.string() })),
  startedAt: Time,
  endedAt: Time.optional(),
});
export type RotationRecord = z.output<typeof ROTATION_RECORD>;

const MOST_EVIDENCE = 100;

/** When a person has agreed to it last. */
export function confirmedAt({ confirmed }: RotationRecord, ...whys: readonly RotationHalt[]): number | undefined {
  const times = confirmed.flatMap(({ why, at }) => (whys.includes(why) ? [at] : []));
  return times.length === 0 ? undefined : Math.max(...times);
}

/** The record with one more line of what was done. */
export function withEvidence(record: RotationRecord, at: number, text: string): RotationRecord {
  const evidence = [...record.evidence, { step: record.step, at, text }];
  // The beginning tells more than the many tries in the middle.
  if (evidence.length > MOST_EVIDENCE) evidence.splice(MOST_EVIDENCE / 2, 1);
  return { ...record, evidence };
}
