import { fieldsOf, integerOf } from '../input.ts';
import type { HsmOutput } from '../protocol.ts';
import type { TokenState } from '../state.ts';

const MOST_BYTES = 65_536;

export function randomBytes(state: TokenState, input: unknown): HsmOutput<'random'> {
  const fields = fieldsOf(input, 'input', ['length']);
  return { bytes: state.ports.random.bytes(integerOf(fields['length'], 'length', 1, MOST_BYTES)) };
}
