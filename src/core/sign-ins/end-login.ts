import type { KeyholdError } from '../../contract/errors.ts';
import type { Draft } from '../draft.ts';
import { omitUndefined } from '../omit-undefined.ts';
import type { Found } from '../things.ts';
import type { SignInParts } from './driver.ts';
import { withoutClientSecret } from './oidc/client-secret.ts';
import type { SignInRecord } from './record.ts';
import { signInRequired } from './sign-in-required.ts';

/** Drafts the end of what a login was kept in; answers the record without it, as it is after a sign-out. */
export function withoutLogin(draft: Draft, value: SignInRecord): SignInRecord {
  const { login, ended: _ended, signedInAt: _signedInAt, saml: _saml, ...rest } = value;
  for (const handle of [login?.access, login?.refresh]) if (handle !== undefined) draft.removeObject(handle.id);
  return rest;
}

/** The same for what this vault is to the token service. */
export function withoutRegistration(draft: Draft, { registration, ...rest }: SignInRecord): SignInRecord {
  if (registration !== undefined) draft.removeObject(registration.secret.id);
  return rest;
}

export function removeSignIn(draft: Draft, { id, value }: Found<'signIn'>): void {
  withoutClientSecret(draft, withoutRegistration(draft, withoutLogin(draft, value)));
  draft.remove('signIn', id);
  draft.record('signIn.remove', value.name);
}

/** What is kept is of no use: it goes, the record says why, and the person hears of it. Answers what to throw; undefined where a person has signed in again while the old login was refused. */
export async function endLogin(
  { session, ports }: SignInParts,
  id: string,
  reason: string,
  isIt: (login: NonNullable<SignInRecord['login']>) => boolean,
): Promise<KeyholdError | undefined> {
  const name = await session.write<string | undefined>(
    'daemon',
    (draft) => {
      const value = session.things.must('signIn', id);
      if (value.login === undefined || !isIt(value.login)) return () => undefined;
      const { signedInAt } = value;
      const ended = { at: ports.clock.now(), reason };
      draft.put('signIn', id, omitUndefined({ ...withoutLogin(draft, value), signedInAt, ended }));
      draft.record('signIn.end', value.name, { decision: 'denied', reason });
      return () => value.name;
    },
    ['signIn'],
  );
  if (name === undefined) return undefined;
  const error = signInRequired(name, reason);
  // Programs may be all that runs: the person hears of it once, wherever there is a screen.
  session.notice('warning', error.message);
  return error;
}
