import { KeyholdError } from '../../contract/errors.ts';
import type { Params } from '../../contract/methods.ts';
import type { Things } from '../things.ts';
import { keysByToken } from './token-keys.ts';

/** What an account's KMS keys have in tokens of this vault: no account file holds it. */
export interface TokenKeys {
  keys: number;
  /** Names of the tokens. */
  tokens: string[];
}

/** Needs KMS_KINDS and hsmToken. */
export function tokenKeysOf(things: Things, account: string): TokenKeys {
  const keys = things.all('kmsKey').flatMap(({ value }) => (value.account === account ? [value] : []));
  const byToken = keysByToken(things, keys);
  return {
    keys: [...byToken.values()].reduce((sum, { length }) => sum + length, 0),
    tokens: [...byToken.keys()].map((id) => things.must('hsmToken', id).name),
  };
}

/** Destroyed is for good, and left behind is easily forgotten: whoever removes the account has to say which. */
export function tokenKeysUndecided(account: string, { keys, tokens }: TokenKeys): KeyholdError {
  const one = keys === 1;
  return new KeyholdError(
    'InUse',
    `The account ${account} has ${placeOf({ keys, tokens })}, and no account file holds ${one ? 'it' : 'them'}. Have ${one ? 'it' : 'them'} destroyed there for good (--destroy-token-keys), or left there, so that the account can come back to ${one ? 'it' : 'them'} from a file (--keep-token-keys).`,
    { dependents: [], tokenKeys: keys, tokens },
  );
}

/** For the log. */
export function fateOf(found: TokenKeys, fate: Params<'account.remove'>['tokenKeys']): { reason?: string } {
  if (found.keys === 0 || fate === undefined) return {};
  const which = placeOf(found);
  if (fate === 'destroy') return { reason: `with ${which}` };
  return { reason: `${which} ${found.keys === 1 ? 'stays' : 'stay'} there` };
}

function placeOf({ keys, tokens }: TokenKeys): string {
  const counted = keys === 1 ? 'a key' : `${keys} keys`;
  return `${counted} in the ${tokens.length === 1 ? 'token' : 'tokens'} ${tokens.join(', ')}`;
}
