import { z } from 'zod';

/**
 * A program that prints credentials, as `credential_process` of ~/.aws/config names it: its words, which no shell reads. What it prints is
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html, version 1.
 */
export const ProcessOrigin = z.strictObject({
  kind: z.literal('process'),
  command: z.array(z.string().min(1).max(4096)).min(1, 'name the program').max(64),
});
export type ProcessOrigin = z.infer<typeof ProcessOrigin>;

/** A role that AWS IAM Identity Center has assigned to whoever is signed in, in the profile's account. */
export const SsoOrigin = z.strictObject({
  kind: z.literal('sso'),
  /** Its name. */
  signIn: z.string().min(1, 'name the sign-in').max(64),
  roleName: z
    .string()
    .regex(/^[\w+=,.@-]{1,64}$/, 'a role’s name has 1 to 64 letters, digits and +=,.@-_; it is not an ARN'),
});
export type SsoOrigin = z.infer<typeof SsoOrigin>;

/** Where the credentials of a profile come from that has neither an access key of this vault nor another profile as its source. */
export const Origin = z.discriminatedUnion('kind', [ProcessOrigin, SsoOrigin]);
export type Origin = z.infer<typeof Origin>;
