import { fieldsOf } from '../../input.ts';
import { tokenError } from '../ckr.ts';
import type { TokenOutput } from '../protocol.ts';
import { loadedModule, type TokenProcessState } from '../state.ts';
import { tokensOf } from '../token-facts.ts';

export function listTokens(state: TokenProcessState, input: unknown): TokenOutput<'listTokens'> {
  fieldsOf(input, 'input', []);
  try {
    return { tokens: tokensOf(loadedModule(state)).map(({ facts }) => facts) };
  } catch (error) {
    throw tokenError(error);
  }
}
