import type { SignIn, SignInType } from '../../../contract/sign-ins.ts';
import { formatRelative } from '../../lib/format.ts';

/** `used`: by SAML, and too long ago for new sessions; those that there are go on for hours. */
export type SignInState = SignIn['state'] | 'used';

const STATES: Readonly<Record<SignInState, string>> = {
  none: 'not signed in',
  pending: 'signing in',
  active: 'signed in',
  expired: 'sign in again',
  used: 'signed in',
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
export function stateAt({ state, expiresAt, renewable, settings, signedInAt }: SignIn, now: number): SignInState {
  const isOver = state === 'active' && !renewable && expiresAt !== undefined && Date.parse(expiresAt) <= now;
  if (!isOver && state !== 'expired') return state;
  return settings.type === 'saml' && signedInAt !== undefined ? 'used' : 'expired';
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
    case 'used':
      return 'Sessions that there are go on until their end; new ones want somebody to sign in again.';
    case 'active':
      if (signIn.settings.type === 'saml' && signIn.expiresAt !== undefined) {
        return `Good for new sessions, which may last for hours. That ends ${formatRelative(signIn.expiresAt, now)}.`;
      }
      if (signIn.renewable) return 'Renewed by itself, until the other side asks for a person.';
      return signIn.expiresAt === undefined
        ? 'Until you sign out.'
        : `Ends ${formatRelative(signIn.expiresAt, now)}, then somebody has to sign in again.`;
  }
}
