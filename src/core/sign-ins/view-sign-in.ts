import type { KeyholdError } from '../../contract/errors.ts';
import type { SignIn, SignInAttempt } from '../../contract/sign-ins.ts';
import { omitUndefined } from '../omit-undefined.ts';
import { profilesReferringTo } from '../sessions/origins/profiles-referring-to.ts';
import type { Found, Things } from '../things.ts';
import { instant } from '../views.ts';
import type { SignInRecord } from './record.ts';

/** A token that renews is of use while the token service knows this vault. */
export function isRenewable({ login, registration }: SignInRecord, now: number): boolean {
  return login?.refresh !== undefined && registration !== undefined && registration.expiresAt > now;
}

function stateOf(value: SignInRecord, now: number): 'none' | 'active' | 'expired' {
  const { login, ended } = value;
  if (login === undefined) return ended === undefined ? 'none' : 'expired';
  return login.expiresAt > now || isRenewable(value, now) ? 'active' : 'expired';
}

export function viewSignIn(
  things: Things,
  { id, value }: Found<'signIn'>,
  { attempt, failure }: { attempt?: SignInAttempt; failure?: { at: number; error: KeyholdError } },
  now: number,
): SignIn {
  const { name, settings, login, ended, createdAt } = value;
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
    state: attempt === undefined ? stateOf(value, now) : 'pending',
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
