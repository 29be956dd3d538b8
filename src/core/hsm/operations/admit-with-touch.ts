import { admitTouched } from '../gates/admit-touched.ts';
import { fieldsOf, oneOf, recordIdOf } from '../input.ts';
import type { HsmInput, HsmOutput } from '../protocol.ts';
import type { TokenState } from '../state.ts';

const ACTS: readonly HsmInput<'admitWithTouch'>['act'][] = [
  'remove-security-key',
  'make-recovery-code',
  'enrol-security-key',
];

export async function admitWithTouch(state: TokenState, input: unknown): Promise<HsmOutput<'admitWithTouch'>> {
  const fields = fieldsOf(input, 'input', ['act', 'target', 'guarded', 'enrolled', 'lostKey']);
  oneOf(fields['act'], 'act', ACTS);
  const object = recordIdOf(fields['target'], 'target');
  await admitTouched(state, { op: 'admitWithTouch', object }, input, fields);
  return {};
}
