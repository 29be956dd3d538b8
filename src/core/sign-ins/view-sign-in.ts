import type { KeyholdError } from '../../contract/errors.ts';
import type { SignIn, SignInAttempt } from '../../contract/sign-ins.ts';
import { omitUndefined } from '../omit-undefined.ts';
import { profilesReferringTo } from '../sessions/origins/profiles-referring-to.ts';
import type { Found, Things } from '../things.ts';
import { instant } from '../views.ts';
import type { SignInRecord } from './record.ts';

/** A token that renews is of use while the token service knows this vault. */
export function isRenewable({ login, registration, settings }: SignInRecord, now: number): boolean {
  if (settings.type === 'oidc') return login?.refresh !== undefined;
  return login?.refresh !== undefined && registration !== undefined && registration.expiresAt > now;
}

function stateOf(value: SignInRecord, now: number, holdsAssertion: boolean): 'none' | 'active' | 'expired' {
  const { login, ended, saml } = value;
  if (saml !== undefined) return holdsAssertion && saml.usableUntil > now ? 'active' : 'expired';
  if (login === undefined) return ended === undefined ? 'none' : 'expired';
  return login.expiresAt > now || isRenewable(value, now) ? 'active' : 'expired';
}

export function viewSignIn(
  things: Things,
  { id, value }: Found<'signIn'>,
  {
    attempt,
    failure,
    holdsAssertion,
  }: { attempt?: SignInAttempt; failure?: { at: number; error: KeyholdError }; holdsAssertion: boolean },
  now: number,
): SignIn {
  const { name, settings, ended, createdAt, saml } = value;
  const login = value.login ?? (saml === undefined ? undefined : { ...saml, expiresAt: saml.usableUntil });
  const why =
    failure !== undefined && failure.at >= (value.signedInAt ?? 0)
      ? { at: failure.at, code: failure.error.code, message: failure.error.message }
      : ended === undefined
        ? undefined
        : { at: ended.at, code: 'SignInRequired', message: ended.reason };
  return {
    id,
    name,
    settings,
    state: attempt === undefined ? stateOf(value, now, holdsAssertion) : 'pending',
    renewable: isRenewable(value, now),
    profiles: profilesReferringTo(things, id).map((profile) => profile.value.name),
    createdAt: instant(createdAt),
    ...omitUndefined({
      attempt,
      who: login?.who,
      signedInAt: value.signedInAt === undefined ? undefined : instant(value.signedInAt),
      expiresAt: login === undefined ? undefined : instant(login.expiresAt),
      failure: why === undefined ? undefined : { ...why, at: instant(why.at) },
    }),
  };
}
