import { z } from 'zod';
import { method } from './method.ts';
import { Instant, Name, RecordId, ReplyKey, Sealed, SealedReply, Secret } from './schemas.ts';

const none = z.strictObject({});
const done = z.strictObject({});

export const OtpAlgorithm = z.enum(['SHA1', 'SHA256', 'SHA512']);
export type OtpAlgorithm = z.infer<typeof OtpAlgorithm>;
/** Who issued a seed, and for whom: what a person reads. */
export const OtpText = z
  .string()
  .max(128, 'at most 128 characters')
  .regex(/^\P{C}*$/u, 'no control characters');
export const OtpDigits = z.int().min(6, 'a code has 6 to 8 digits').max(8, 'a code has 6 to 8 digits');
export const OtpPeriod = z.int().min(1, 'a period has 1 to 3,600 seconds').max(3600, 'a period has 1 to 3,600 seconds');
/** The serial number by which AWS knows an MFA device: the ARN of a virtual one. */
export const MfaSerial = z
  .string()
  .regex(/^[\w+=/:,.@-]{9,256}$/, 'a serial number looks like arn:aws:iam::123456789012:mfa/alice');

/** Something that makes one-time codes, without its seed. */
export const OtpDevice = z.object({
  id: RecordId,
  name: Name,
  issuer: OtpText,
  /** The account at the issuer. */
  label: OtpText,
  type: z.enum(['totp', 'hotp']),
  algorithm: OtpAlgorithm,
  digits: OtpDigits,
  /** Seconds; TOTP only. */
  period: OtpPeriod.optional(),
  favourite: z.boolean(),
  /** Of an AWS user's virtual MFA device. */
  mfaSerial: MfaSerial.optional(),
  /** AWS knows the device but has not been shown its codes: `totp.enrollStep` goes on, `totp.enrollCancel` takes it back. */
  enrolling: z.object({ profile: z.string(), userName: z.string() }).optional(),
  createdAt: Instant,
  lastUsedAt: Instant.optional(),
});
export type OtpDevice = z.infer<typeof OtpDevice>;

const Code = z.object({ code: z.string(), validFrom: Instant, validUntil: Instant });

/** What a device's owner may read now. */
export const OtpCodes = z.object({
  name: Name,
  /** Null where the code of this time step has been used, and for HOTP. */
  current: Code.nullable(),
  next: Code.nullable(),
  /** When the first code that has not been used becomes valid; null for HOTP. */
  usableFrom: Instant.nullable(),
});
export type OtpCodes = z.infer<typeof OtpCodes>;

/** This computer's clock against AWS's, where an answer of AWS has shown it; positive: this one is behind. */
const Drift = z.object({ seconds: z.int(), warning: z.string().optional() }).nullable();

/** Methods about one-time codes. */
export const totpMethods = {
  'totp.list': method(none, z.object({ devices: z.array(OtpDevice) }), 'Devices that make one-time codes'),
  'totp.add': method(
    z.strictObject({
      name: Name,
      issuer: OtpText.default(''),
      label: OtpText.default(''),
      type: z.enum(['totp', 'hotp']).default('totp'),
      algorithm: OtpAlgorithm.default('SHA1'),
      digits: OtpDigits.default(6),
      /** TOTP only; 30 where it is missing. */
      period: OtpPeriod.optional(),
      /** HOTP only: the first counter to use. */
      counter: z
        .int()
        .min(0)
        .max(2 ** 52)
        .optional(),
      /** Sealed for `otp-seed`: the raw bytes. */
      seed: Sealed,
      favourite: z.boolean().default(false),
      mfaSerial: MfaSerial.optional(),
    }),
    OtpDevice,
    'Put the seed of one-time codes into the vault',
  ),
  'totp.matches': method(
    z.strictObject({ seed: Sealed }),
    z.object({ name: Name.nullable() }),
    'The device that holds this seed already, if any',
  ),
  'totp.update': method(
    z.strictObject({
      name: Name,
      rename: Name.optional(),
      issuer: OtpText.optional(),
      label: OtpText.optional(),
      favourite: z.boolean().optional(),
      mfaSerial: MfaSerial.nullable().optional(),
    }),
    OtpDevice,
    'Rename a device or change what is said of it',
  ),
  'totp.remove': method(
    z.strictObject({
      name: Name,
      /** Also one whose enrolment at AWS is not complete: AWS keeps the device, and nobody has its codes. */
      abandon: z.boolean().optional(),
    }),
    done,
    'Remove a device and its seed',
  ),
  'totp.codes': method(
    z.strictObject({
      /** Default: all. */
      names: z.array(Name).max(500).optional(),
    }),
    z.object({ codes: z.array(OtpCodes), now: Instant, drift: Drift }),
    'Codes to read; uses up none, and shows none that has been used',
  ),
  'totp.use': method(
    z.strictObject({ name: Name }),
    z.discriminatedUnion('outcome', [
      z.object({
        outcome: z.literal('code'),
        code: z.string(),
        /** TOTP only. */
        validUntil: Instant.optional(),
        mfaSerial: MfaSerial.optional(),
        drift: Drift,
      }),
      /** The code of this time step has been used: ask again then. */
      z.object({ outcome: z.literal('wait'), waitMs: z.int().min(1), until: Instant }),
    ]),
    'A code to be used: nobody gets the same one again',
  ),
  'totp.export': method(
    z.strictObject({ name: Name, authorize: Secret, replyKey: ReplyKey }),
    z.object({
      device: OtpDevice,
      /** HOTP only. */
      counter: z.int().optional(),
      seed: SealedReply,
    }),
    'The seed, sealed to the caller, who proves a secret of the vault again',
  ),
  'totp.enrollBegin': method(
    z.strictObject({
      /** Of the device, here and at AWS. Default: the user's name. */
      name: Name.optional(),
      profile: Name,
      /** Default: the user whose access key the profile has. */
      userName: z
        .string()
        .regex(/^[\w+=,.@-]{1,64}$/, 'a user name at AWS has 1 to 64 letters, digits and +=,.@-')
        .optional(),
    }),
    OtpDevice,
    'Make a virtual MFA device for an IAM user at AWS, and keep its seed',
  ),
  'totp.enrollStep': method(
    z.strictObject({ name: Name }),
    z.discriminatedUnion('outcome', [
      z.object({ outcome: z.literal('wait'), waitMs: z.int().min(1), until: Instant, have: z.int() }),
      z.object({ outcome: z.literal('done'), device: OtpDevice }),
    ]),
    'Take a code for the enrolment of a virtual MFA device; with two in a row, AWS gets them and the device is in use',
  ),
  'totp.enrollCancel': method(
    z.strictObject({ name: Name }),
    done,
    'Take an enrolment back that is not complete: AWS forgets the device, and so does the vault',
  ),
};
