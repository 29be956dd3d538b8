import { z } from 'zod';
import { method } from './method.ts';
import { SamlSettings } from './saml.ts';
import { Instant, Name, NewEndpointUrl, RecordId, Region, Sealed } from './schemas.ts';
import { OidcSettings } from './web-identity.ts';

const none = z.strictObject({});
const done = z.strictObject({});

/** What AWS grants for listing accounts and getting credentials of their roles, with a token that renews itself. */
export const DEFAULT_SCOPES: readonly string[] = ['sso:account:access'];

/** AWS IAM Identity Center. */
export const SsoSettings = z.strictObject({
  type: z.literal('sso'),
  /** `https://d-1234567890.awsapps.com/start` */
  startUrl: z
    .url({ protocol: /^https?$/, error: 'a start URL looks like https://d-1234567890.awsapps.com/start' })
    .max(512, 'a start URL has at most 512 characters')
    .regex(/^[^\s\p{C}\\]*$/u, 'a start URL has no space or backslash')
    .regex(/^(?![^/]*\/\/[^/]*@)/, 'a start URL holds no user name or password'),
  /** Where the Identity Center is, whatever region its profiles work in. */
  region: Region,
  scopes: z
    .array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,255}$/, 'a scope has no spaces, like sso:account:access'))
    .min(1, 'name a scope, like sso:account:access')
    .max(20, 'a sign-in has at most 20 scopes')
    .default([...DEFAULT_SCOPES]),
  /** Instead of AWS's own hosts, for both the token service and the portal. */
  endpointUrl: NewEndpointUrl.optional(),
});

export type SsoSettings = z.infer<typeof SsoSettings>;

/** What is signed in to, by type. */
export const SignInSettings = z.discriminatedUnion('type', [SsoSettings, SamlSettings, OidcSettings]);
export type SignInSettings = z.infer<typeof SignInSettings>;
export type SignInType = SignInSettings['type'];

/** `browser`: the browser comes back to this computer by itself. `device`: a code is typed, or confirmed, in a browser anywhere. */
export const SignInFlow = z.enum(['browser', 'device']);
export type SignInFlow = z.infer<typeof SignInFlow>;

/** Somebody is signing in. */
export const SignInAttempt = z.object({
  /** For `signIn.finish` and `signIn.cancel`. */
  id: RecordId,
  name: Name,
  type: z.enum(['sso', 'saml', 'oidc']),
  flow: SignInFlow,
  /** To be opened in a browser; it holds the code already. */
  url: z.url(),
  /** Of the device flow: what the page shows has to be the same. */
  userCode: z.string().optional(),
  /** Of the device flow: where the code can be typed on another device. */
  verificationUrl: z.url().optional(),
  /** Nobody waits any longer then. */
  expiresAt: Instant,
});
export type SignInAttempt = z.infer<typeof SignInAttempt>;

export const SignIn = z.object({
  id: RecordId,
  name: Name,
  settings: SignInSettings,
  /** `none`: nobody has signed in. `pending`: somebody is about to (`attempt`). `active`: credentials can be got. `expired`: a person has to sign in again. */
  state: z.enum(['none', 'pending', 'active', 'expired']),
  attempt: SignInAttempt.optional(),
  /** Who signed in, where the other side tells. */
  who: z.string().optional(),
  signedInAt: Instant.optional(),
  /** Of the token in use. */
  expiresAt: Instant.optional(),
  /** Whether that token is renewed without a person, until the other side refuses it. */
  renewable: z.boolean(),
  /** Names of those that work with it. */
  profiles: z.array(Name),
  /** Why the last attempt came to nothing, or why a person has to sign in again. */
  failure: z.object({ at: Instant, code: z.string(), message: z.string() }).optional(),
  createdAt: Instant,
});
export type SignIn = z.infer<typeof SignIn>;

export const signInMethods = {
  'signIn.list': method(none, z.object({ signIns: z.array(SignIn) }), 'Sign-ins, and who is signed in'),
  'signIn.add': method(
    z.strictObject({
      name: Name,
      settings: SignInSettings,
      /** Of a provider's client with `clientAuth`; sealed for `oidc-client-secret`. */
      clientSecret: Sealed.optional(),
    }),
    SignIn,
    'Add a sign-in',
  ),
  'signIn.update': method(
    z.strictObject({
      name: Name,
      rename: Name.optional(),
      /** The whole of them, of the same type; other ones end the present login, but for another `clientAuth`. */
      settings: SignInSettings.optional(),
      /** In the place of the one before, which nobody is signed out for. */
      clientSecret: Sealed.optional(),
    }),
    SignIn,
    'Change a sign-in',
  ),
  'signIn.remove': method(
    z.strictObject({ name: Name, cascade: z.boolean().optional() }),
    done,
    'Remove a sign-in; with cascade also the profiles that work with it, and their clients',
  ),
  'signIn.begin': method(
    z.strictObject({
      name: Name,
      /** Default: `browser`. */
      flow: SignInFlow.optional(),
    }),
    SignInAttempt,
    'Begin to sign in, in the place of an attempt that is under way; answers what to open in a browser',
  ),
  'signIn.finish': method(
    z.strictObject({ id: RecordId }),
    SignIn,
    'Wait until an attempt to sign in has ended; fails with what it failed with',
  ),
  'signIn.cancel': method(
    z.strictObject({ id: RecordId }),
    z.object({ cancelled: z.boolean() }),
    'Give an attempt to sign in up',
  ),
  'signIn.logout': method(
    z.strictObject({ name: Name }),
    z.object({
      /** False where nobody was signed in. */
      loggedOut: z.boolean(),
      /** Why the other side does not know of it, where it could not be told. */
      problem: z.string().optional(),
    }),
    'Sign out here and on the other side, and forget the credentials that came of it',
  ),
} as const;
