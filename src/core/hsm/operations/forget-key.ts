import { forgetKeyIn } from '../gates/state.ts';
import { fieldsOf, recordIdOf } from '../input.ts';
import type { HsmOutput } from '../protocol.ts';
import { type TokenState, workingKeys } from '../state.ts';

export function forgetKey(state: TokenState, input: unknown): HsmOutput<'forgetKey'> {
  const id = recordIdOf(fieldsOf(input, 'input', ['id'])['id'], 'id');
  workingKeys(state);
  forgetKeyIn(state.gates, id);
  return {};
}
