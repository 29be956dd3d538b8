import { z } from 'zod';
import { method } from './method.ts';
import { SAML_PROVIDER_ARN } from './origins.ts';
import { AddedProfiles, ChosenPlace, choicesOf, NameTemplate } from './profiles-of-roles.ts';
import { ROLE_ARN, Role } from './roles.ts';
import { AccountId, Instant, Name, RecordId, Region } from './schemas.ts';

/** Where an identity provider's page posts its answer: AWS's sign-in of each partition, also of one region and of a provider that encrypts. */
export const SAML_SIGN_IN_URL =
  /^https:\/\/(?:(?:[a-z0-9-]+\.)?signin\.(?:aws\.amazon\.com|amazonaws-us-gov\.com)|(?:[a-z0-9-]+\.)?signin\.amazonaws\.cn)\/saml(?:\/acs\/[A-Za-z0-9_-]{1,64})?$/;

/** AWS takes no longer one (STS API reference, AssumeRoleWithSAML). */
export const MOST_SAML_CHARACTERS = 100_000;

/** The form field `SAMLResponse` as an identity provider's page posts it. A bearer secret, and one of five minutes. */
export const SamlResponse = z
  .string()
  .min(1, 'the SAML response is empty')
  .max(MOST_SAML_CHARACTERS, 'AWS takes a SAML response of at most 100,000 characters');

/** A role that an assertion offers, and the provider through which it is assumed. */
export const SamlRole = z.object({
  roleArn: z.string().regex(ROLE_ARN),
  principalArn: z.string().regex(SAML_PROVIDER_ARN),
});
export type SamlRole = z.infer<typeof SamlRole>;

/** An identity provider that speaks SAML 2.0. */
export const SamlSettings = z.strictObject({
  type: z.literal('saml'),
  /** The page of the identity provider that begins a sign-in to AWS. */
  startUrl: z
    .url({ protocol: /^https$/, error: 'a start URL is an https:// address of the identity provider' })
    .max(2048, 'a start URL has at most 2,048 characters')
    .regex(/^[^\s\p{C}\\]*$/u, 'a start URL has no space or backslash')
    .regex(/^[^:]*:\/\/[^/@]*(?:\/|$)/, 'a start URL holds no user name or password'),
  /** Only roles of these accounts are shown and imported; without it, all. */
  accounts: z.array(AccountId).min(1).max(500).optional(),
});
export type SamlSettings = z.infer<typeof SamlSettings>;

/** What the last sign-in offered. */
export const SamlRoles = z.object({
  name: Name,
  /** Who signed in, and when: absent while nobody has. */
  who: z.string().optional(),
  signedInAt: Instant.optional(),
  /** Sessions can be got from that sign-in until then, while the vault stays unlocked. */
  usableUntil: Instant.optional(),
  roles: z.array(
    SamlRole.extend({
      accountId: AccountId,
      roleName: z.string(),
      /** The remote account of that id in this vault. */
      account: Name.optional(),
      /** A profile that works with the role through this sign-in. */
      profile: Name.optional(),
    }),
  ),
});
export type SamlRoles = z.infer<typeof SamlRoles>;

const Renewed = z.object({
  /** Profiles that have a new session of it. */
  renewed: z.array(Name),
  refused: z.array(z.object({ profile: Name, message: z.string() })),
});
export type Renewed = z.infer<typeof Renewed>;

export const samlMethods = {
  'saml.deliver': method(
    z.strictObject({ id: RecordId, samlResponse: SamlResponse }),
    SamlRoles.extend(Renewed.shape),
    'Hand over what the identity provider posts to AWS, for an attempt to sign in; profiles of that sign-in get new sessions at once',
  ),
  'saml.addProfiles': method(
    z.strictObject({
      name: Name,
      choices: choicesOf(ChosenPlace.extend(SamlRole.shape)),
      region: Region.optional(),
      /** Of the sessions; what the role allows at most is known to AWS alone. */
      durationSeconds: Role.shape.durationSeconds,
      nameTemplate: NameTemplate,
    }),
    AddedProfiles.extend(Renewed.shape),
    'Add profiles of roles that the last SAML sign-in offered, and the accounts that are missing; while it is fresh, with their sessions',
  ),
  'saml.roles': method(z.strictObject({ name: Name }), SamlRoles, 'The roles that the last SAML sign-in offered'),
} as const;
