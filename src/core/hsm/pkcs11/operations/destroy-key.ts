import { fieldsOf } from '../../input.ts';
import { withKey } from '../key-handles.ts';
import type { TokenOutput } from '../protocol.ts';
import { loggedInToken, type TokenProcessState } from '../state.ts';
import { keyIdOf } from '../token-input.ts';

export function destroyKey(state: TokenProcessState, input: unknown): Promise<TokenOutput<'destroyKey'>> {
  const fields = fieldsOf(input, 'input', ['keyId']);
  const keyId = keyIdOf(fields['keyId']);
  const token = loggedInToken(state);
  return withKey(token, keyId, async (session, key) => {
    // The public half first: when this is interrupted, the key can still be found and destroyed again.
    if (key.publicHalf !== undefined) token.module.C_DestroyObject(session, key.publicHalf);
    token.module.C_DestroyObject(session, key.own);
    token.keys.forget(keyId);
    return {};
  });
}
