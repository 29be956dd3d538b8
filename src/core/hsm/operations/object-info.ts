import { fieldsOf, listOf, recordIdOf } from '../input.ts';
import type { HsmOutput } from '../protocol.ts';
import type { TokenState } from '../state.ts';
import { loadObject } from '../use-object.ts';

const MOST_IDS = 100_000;

export function objectInfo(state: TokenState, input: unknown): HsmOutput<'objectInfo'> {
  const fields = fieldsOf(input, 'input', ['key']);
  return { attributes: structuredClone(loadObject(state, fields['key']).attributes) };
}

export function dropObjects(state: TokenState, input: unknown): HsmOutput<'dropObjects'> {
  const fields = fieldsOf(input, 'input', ['ids']);
  for (const id of listOf(fields['ids'], 'ids', MOST_IDS, recordIdOf)) state.objects.drop(id);
  return {};
}
