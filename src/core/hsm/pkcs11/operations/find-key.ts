import { fieldsOf } from '../../input.ts';
import { readAttributes, readPublicKey } from '../attributes.ts';
import type { TokenOutput } from '../protocol.ts';
import { loggedInToken, type TokenProcessState } from '../state.ts';
import { keyIdOf } from '../token-input.ts';

export function findKey(state: TokenProcessState, input: unknown): Promise<TokenOutput<'findKey'>> {
  const fields = fieldsOf(input, 'input', ['keyId']);
  const keyId = keyIdOf(fields['keyId']);
  const token = loggedInToken(state);
  return token.sessions.use((session) => {
    // The handle may be of a key that is gone: whether it is there is what is asked.
    token.keys.forget(keyId);
    const key = token.keys.find(session, keyId);
    if (key === null) return { key: null };
    const attributes = readAttributes(token, session, key.own);
    const publicKey = key.publicHalf === undefined ? null : readPublicKey(token, session, key.publicHalf, key.spec);
    return { key: { attributes, ...(publicKey === null ? {} : { publicKey }) } };
  });
}
