import { fieldsOf } from '../../input.ts';
import type { TokenOutput } from '../protocol.ts';
import type { TokenProcessState } from '../state.ts';

export async function replyKey(state: TokenProcessState, input: unknown): Promise<TokenOutput<'replyKey'>> {
  fieldsOf(input, 'input', []);
  return { publicKey: (await state.recipient).publicKey };
}
