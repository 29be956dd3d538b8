import { KeyholdError } from '../../contract/errors.ts';

/** Only a person can get what was asked for. `reason` is a sentence. */
export function signInRequired(name: string, reason = 'Nobody is signed in.'): KeyholdError {
  const quoted = /^[\w.@+-]+$/.test(name) ? name : `"${name}"`;
  return new KeyholdError('SignInRequired', `${reason} Sign in to ${name} with: keyhold login ${quoted}`, {
    signIn: name,
  });
}
