import { wipe } from '../../../crypto/wipe.ts';
import { fieldsOf, integerOf } from '../../input.ts';
import type { TokenOutput } from '../protocol.ts';
import { loggedInToken, type TokenProcessState } from '../state.ts';
import { MOST_RANDOM } from '../token-input.ts';

export function random(state: TokenProcessState, input: unknown): Promise<TokenOutput<'random'>> {
  const fields = fieldsOf(input, 'input', ['length']);
  const length = integerOf(fields['length'], 'length', 1, MOST_RANDOM);
  const token = loggedInToken(state);
  return token.sessions.use((session) => {
    const made = token.module.C_GenerateRandom(session, Buffer.alloc(length));
    const bytes = new Uint8Array(made);
    wipe(made);
    return { bytes };
  });
}
