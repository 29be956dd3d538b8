import { z } from 'zod';
import { ROLE_ARN } from './roles.ts';

/** Where an identity provider's page posts its answer: AWS's sign-in of each partition, also of one region and of a provider that encrypts. */
export const SAML_SIGN_IN_URL =
  /^https:\/\/(?:(?:[a-z0-9-]+\.)?signin\.(?:aws\.amazon\.com|amazonaws-us-gov\.com)|(?:[a-z0-9-]+\.)?signin\.amazonaws\.cn)\/saml(?:\/acs\/[A-Za-z0-9_-]{1,64})?$/;

/** The account's id is the first group. */
export const SAML_PROVIDER_ARN = /^arn:aws[a-z-]*:iam::(\d{12}):saml-provider\/[\w.-]{1,128}$/;

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
