import { KeyholdError } from '../../../contract/errors.ts';
import { afterAttempt, NO_ATTEMPTS, requireAttemptAllowed } from '../attempts.ts';
import type { TokenState } from '../state.ts';
import { checkPassword, usualCost } from './credential.ts';
import { findUser } from './new-user.ts';
import type { HsmUser } from './roster.ts';
import { rosterNow } from './state.ts';

/** Names that are tried are not kept without end. */
const MOST_NAMES = 1024;

/**
 * The user of this name and password. Same answer and same work whatever is wrong; after five wrong ones for a name, a growing wait. Call it exclusively.
 * Throws `WrongSecret`, `TooManyAttempts`.
 */
export async function provePassword(state: TokenState, name: string, password: Uint8Array): Promise<HsmUser> {
  const roster = rosterNow(state);
  const { attempts } = state.users;
  const { clock } = state.ports;
  const folded = name.toLowerCase();
  const before = attempts.get(folded) ?? NO_ATTEMPTS;
  requireAttemptAllowed(before, clock);
  const user = findUser(roster, name);
  const right = await checkPassword(state, user, usualCost(roster.users), password);
  if (attempts.size >= MOST_NAMES && !attempts.has(folded)) attempts.clear();
  if (right && user !== undefined) {
    attempts.delete(folded);
    return user;
  }
  attempts.set(folded, afterAttempt(before, clock, false));
  throw new KeyholdError('WrongSecret', 'That is not the name and password of an HSM user. Check both and try again.');
}
