import type { Draft } from '../draft.ts';
import type { Found } from '../things.ts';
import type { SignInRecord } from './record.ts';

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
  withoutRegistration(draft, withoutLogin(draft, value));
  draft.remove('signIn', id);
  draft.record('signIn.remove', value.name);
}
