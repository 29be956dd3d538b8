import { askTouchFor } from '../gates/require-touch.ts';
import { fieldsOf, oneOf } from '../input.ts';
import type { HsmOutput } from '../protocol.ts';
import { type TokenState, workingKeys } from '../state.ts';
import { rosterNow } from '../users/state.ts';
import { touchForChange } from './change-users.ts';
import { askToApprove } from './quorum-token.ts';

/** A person takes their time, and no change of the vault has to wait for them meanwhile. */
export function touchForUsers(state: TokenState, input: unknown): HsmOutput<'touchForUsers'> {
  const fields = fieldsOf(input, 'input', ['for', 'input']);
  workingKeys(state);
  if (oneOf(fields['for'], 'for', ['approveQuorumToken', 'changeUsers']) === 'approveQuorumToken') {
    askToApprove(state, fields['input']);
    return {};
  }
  const { change } = fieldsOf(fields['input'], 'input', ['session', 'change']);
  const wanted = touchForChange(rosterNow(state), change);
  if (wanted !== null) askTouchFor(state, wanted, fields['input']);
  return {};
}
