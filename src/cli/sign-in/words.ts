import { quotedName } from '../../contract/quoted-name.ts';
import type { SignIn, SignInSettings } from '../../contract/sign-ins.ts';
import { count, relativeTime } from '../words.ts';

/** How it stands with a sign-in, in a few words. */
export function stateWords(signIn: SignIn, now: number): string {
  const { state, renewable, expiresAt, settings, signedInAt } = signIn;
  if (settings.type === 'saml' && signedInAt !== undefined && state !== 'pending') {
    const when = relativeTime(signedInAt, now);
    return state === 'active' ? `signed in ${when}` : `signed in ${when}; again for new sessions`;
  }
  switch (state) {
    case 'none':
      return 'nobody is signed in';
    case 'pending':
      return 'waiting for the browser';
    case 'expired':
      return 'ended: sign in again';
    case 'active':
      if (renewable) return 'signed in, renews by itself';
      return expiresAt === undefined ? 'signed in' : `signed in, ends ${relativeTime(expiresAt, now)}`;
  }
}

/** After somebody has signed in. */
export function signedInText(signIn: SignIn, now: number): string {
  const { name, profiles, renewable, expiresAt, settings } = signIn;
  const until =
    renewable || expiresAt === undefined
      ? `It renews by itself until ${settings.type === 'sso' ? 'the Identity Center' : 'the provider'} wants you again.`
      : `It ends ${relativeTime(expiresAt, now)}.`;
  const next =
    profiles.length > 0
      ? `${count(profiles.length, 'profile')} can be used now: ${profiles.slice(0, 5).join(', ')}${profiles.length > 5 ? ', …' : ''}`
      : `No profile works with it yet. Add ${addWith(signIn)}`;
  return `Signed in to ${name}. ${until}\n${next}\n`;
}

function addWith({ name, settings }: SignIn): string {
  return settings.type === 'oidc'
    ? `one with: keyhold profile add NAME --account ACCOUNT --sign-in ${quotedName(name)} --role-arn ARN`
    : `some with: keyhold ${settings.type} import ${quotedName(name)}`;
}

/** The address of what somebody signs in to. */
export function whereOf(settings: SignInSettings): string {
  return settings.type === 'oidc' ? settings.issuer : settings.startUrl;
}
