import { fieldsOf } from '../input.ts';
import type { HsmOutput } from '../protocol.ts';
import { type TokenState, workingKeys } from '../state.ts';
import { viewRoster } from '../users/quorum.ts';
import { userOfSession } from '../users/sessions.ts';
import { usersNow } from '../users/state.ts';

export async function viewUsers(state: TokenState, input: unknown): Promise<HsmOutput<'viewUsers'>> {
  const fields = fieldsOf(input, 'input', ['session']);
  workingKeys(state);
  const user = fields['session'] === undefined ? null : await userOfSession(state, fields['session']);
  const { roster } = usersNow(state);
  return {
    view: roster === null ? null : viewRoster(state, roster),
    who: user === null ? null : { name: user.name, role: user.role },
  };
}
