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

const SignInName = z.string().min(1, 'name the sign-in').max(64);

/** A role that AWS IAM Identity Center has assigned to whoever is signed in, in the profile's account. */
export const SsoOrigin = z.strictObject({
  kind: z.literal('sso'),
  signIn: SignInName,
  roleName: z
    .string()
    .regex(/^[\w+=,.@-]{1,64}$/, 'a role’s name has 1 to 64 letters, digits and +=,.@-_; it is not an ARN'),
});
export type SsoOrigin = z.infer<typeof SsoOrigin>;

/** The account's id is the first group. */
export const SAML_PROVIDER_ARN = /^arn:aws[a-z-]*:iam::(\d{12}):saml-provider\/[\w.-]{1,128}$/;

/** Credentials of a role that a SAML assertion offers; the profile names the role. */
export const SamlOrigin = z.strictObject({
  kind: z.literal('saml'),
  signIn: SignInName,
  principalArn: z
    .string()
    .regex(SAML_PROVIDER_ARN, 'a SAML provider’s ARN looks like arn:aws:iam::123456789012:saml-provider/corp'),
});
export type SamlOrigin = z.infer<typeof SamlOrigin>;

/** A role that is assumed with a token of an OpenID Connect provider: out of a file that something else writes, or of a sign-in. The profile names the role. */
export const WebIdentityOrigin = z
  .strictObject({
    kind: z.literal('webIdentity'),
    /** Absolute path, as AWS_WEB_IDENTITY_TOKEN_FILE; read again for each session. */
    tokenFile: z.string().min(1, 'name the file').max(4096).optional(),
    signIn: SignInName.optional(),
  })
  .refine(({ tokenFile, signIn }) => (tokenFile === undefined) !== (signIn === undefined), {
    error: 'give either a token file or a sign-in',
  });
export type WebIdentityOrigin = z.infer<typeof WebIdentityOrigin>;

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
export const Origin = z.discriminatedUnion('kind', [
  ProcessOrigin,
  SsoOrigin,
  SamlOrigin,
  WebIdentityOrigin,
  RolesAnywhereOrigin,
]);
export type Origin = z.infer<typeof Origin>;
