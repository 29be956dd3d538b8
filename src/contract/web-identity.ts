import { z } from 'zod';

/** STS takes no longer token (STS API reference, AssumeRoleWithWebIdentity). */
export const MOST_TOKEN_CHARACTERS = 20_000;

/** An OpenID Connect provider, and what this vault is to it: a client that proves itself by PKCE, and by its secret where it has one. */
export const OidcSettings = z.strictObject({
  type: z.literal('oidc'),
  /** As the provider writes it in its tokens; its discovery document is below. */
  issuer: z
    .url({ protocol: /^https?$/, error: 'an issuer is an https:// address' })
    .max(512, 'an issuer has at most 512 characters')
    .regex(/^[^\s\p{C}\\?#]*$/u, 'an issuer has no space, backslash, query or fragment')
    .regex(/^[^:]*:\/\/[^/@]*(?:\/|$)/, 'an issuer holds no user name or password')
    .regex(/^(?:https:|http:\/\/(?:localhost|127\.0\.0\.1)(?::\d+)?(?:\/|$))/, 'an issuer is an https:// address'),
  clientId: z.string().regex(/^[\x21-\x7e]{1,255}$/, 'a client id has 1 to 255 characters and no spaces'),
  scopes: z
    .array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,255}$/, 'a scope has no spaces, like openid'))
    .max(20, 'a sign-in has at most 20 scopes')
    .refine((scopes) => scopes.includes('openid'), 'without the scope openid there is no token for AWS')
    .default(['openid', 'offline_access']),
  /** How the client's secret is shown to the provider (OpenID Connect Core 1.0, section 9); missing: a public client, which has none. */
  clientAuth: z.enum(['client_secret_basic', 'client_secret_post']).optional(),
});
export type OidcSettings = z.infer<typeof OidcSettings>;
