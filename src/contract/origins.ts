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

const ANYWHERE_ARN = 'arn:aws[a-z-]*:rolesanywhere:([a-z0-9-]+):(\\d{12})';
/** Region and account are the first two groups. */
export const TRUST_ANCHOR_ARN = new RegExp(`^${ANYWHERE_ARN}:trust-anchor/[\\w-]{1,64}$`);
export const ANYWHERE_PROFILE_ARN = new RegExp(`^${ANYWHERE_ARN}:profile/[\\w-]{1,64}$`);

/** IAM Roles Anywhere: the profile’s role for a certificate of this vault (CreateSession). */
export const RolesAnywhereOrigin = z.strictObject({
  kind: z.literal('rolesAnywhere'),
  certificate: z.string().min(1, 'name the certificate').max(64),
  trustAnchorArn: z
    .string()
    .regex(
      TRUST_ANCHOR_ARN,
      'the ARN of a trust anchor looks like arn:aws:rolesanywhere:eu-central-1:123456789012:trust-anchor/…',
    ),
  /** Of a profile of Roles Anywhere, which says which roles it may be. */
  profileArn: z
    .string()
    .regex(
      ANYWHERE_PROFILE_ARN,
      'the ARN of a profile of Roles Anywhere looks like arn:aws:rolesanywhere:eu-central-1:123456789012:profile/…',
    ),
});
export type RolesAnywhereOrigin = z.infer<typeof RolesAnywhereOrigin>;

/** Where the credentials of a profile come from that has neither an access key of this vault nor another profile as its source. */
export const Origin = z.discriminatedUnion('kind', [ProcessOrigin, RolesAnywhereOrigin]);
export type Origin = z.infer<typeof Origin>;
