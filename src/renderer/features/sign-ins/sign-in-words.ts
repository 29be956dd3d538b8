import type { SignIn, SignInType } from '../../../contract/sign-ins.ts';
import { formatRelative } from '../../lib/format.ts';

export type SignInState = SignIn['state'];

const STATES: Readonly<Record<SignInState, string>> = {
  none: 'not signed in',
  pending: 'signing in',
  active: 'signed in',
  expired: 'sign in again',
};

export function stateWord(state: SignInState): string {
  return STATES[state];
}

const TYPES: Readonly<Record<SignInType, string>> = {
  sso: 'IAM Identity Center',
  saml: 'SAML 2.0',
  oidc: 'OpenID Connect',
};

export function typeWord(type: SignInType): string {
  return TYPES[type];
}

/** Where it signs in to, short enough for a row: `d-1234567890.awsapps.com`. */
export function hostOf({ settings }: Pick<SignIn, 'settings'>): string {
  return hostOfUrl(settings.type === 'oidc' ? settings.issuer : settings.startUrl);
}

function hostOfUrl(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url;
}

/** A login that has ended says so by itself only when it is looked at: nobody announces it. */
export function stateAt({ state, expiresAt, renewable }: SignIn, now: number): SignInState {
  if (state !== 'active' || renewable || expiresAt === undefined) return state;
  return Date.parse(expiresAt) <= now ? 'expired' : state;
}

/** How long it holds, in a sentence. */
export function lastsWords(signIn: SignIn, now: number): string {
  switch (stateAt(signIn, now)) {
    case 'none':
      return 'Nobody has signed in yet.';
    case 'pending':
      return 'Somebody is signing in.';
    case 'expired':
      return 'It has ended: the next request of a profile fails until somebody signs in.';
    case 'active':
      if (signIn.renewable) return 'Renewed by itself, until the other side asks for a person.';
      return signIn.expiresAt === undefined
        ? 'Until you sign out.'
        : `Ends ${formatRelative(signIn.expiresAt, now)}, then somebody has to sign in again.`;
  }
}
