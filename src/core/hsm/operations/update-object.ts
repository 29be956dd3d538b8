import { fieldsOf } from '../input.ts';
import { sealObject } from '../object.ts';
import { labelOf, policyOf } from '../object-attributes.ts';
import type { HsmOutput, ObjectAttributes } from '../protocol.ts';
import { type TokenState, workingKeys } from '../state.ts';
import { loadObject } from '../use-object.ts';

export function updateObject(state: TokenState, input: unknown): HsmOutput<'updateObject'> {
  const fields = fieldsOf(input, 'input', ['key', 'label', 'policy']);
  const object = loadObject(state, fields['key']);
  const attributes: ObjectAttributes = { ...object.attributes };
  if (fields['label'] !== undefined) attributes.label = labelOf(fields['label']);
  if (fields['policy'] !== undefined) attributes.policy = policyOf(fields['policy']);
  const version = object.version + 1;
  const { material } = object;
  const blob = sealObject(workingKeys(state), state.ports.random, { attributes, material }, version);
  return { attributes, blob, version };
}
