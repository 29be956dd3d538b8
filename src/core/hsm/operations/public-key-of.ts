import { fieldsOf } from '../input.ts';
import type { HsmOutput } from '../protocol.ts';
import type { TokenState } from '../state.ts';
import { anyKeyPair } from '../use-key-pair.ts';

export function publicKeyOf(state: TokenState, input: unknown): HsmOutput<'publicKeyOf'> {
  const fields = fieldsOf(input, 'input', ['key']);
  return { publicKey: anyKeyPair(state, fields['key']).pair.spki };
}
