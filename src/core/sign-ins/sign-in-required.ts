import { KeyholdError } from '../../contract/errors.ts';
import { quotedName } from '../../contract/quoted-name.ts';

/** Only a person can get what was asked for. `reason` is a sentence. */
export function signInRequired(name: string, reason = 'Nobody is signed in.'): KeyholdError {
  return new KeyholdError('SignInRequired', `${reason} Sign in to ${name} with: keyhold login ${quotedName(name)}`, {
    signIn: name,
  });
}
