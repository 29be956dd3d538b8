import { fieldsOf } from '../../input.ts';
import type { TokenOutput } from '../protocol.ts';
import { loggedInToken, type TokenProcessState } from '../state.ts';
import { tokenFacts } from '../token-facts.ts';

export function tokenInfo(state: TokenProcessState, input: unknown): Promise<TokenOutput<'tokenInfo'>> {
  fieldsOf(input, 'input', []);
  const { sessions, module, slot } = loggedInToken(state);
  return sessions.use(() => ({ token: tokenFacts(module, slot) }));
}
