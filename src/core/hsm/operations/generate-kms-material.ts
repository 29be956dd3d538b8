import { KeyholdError } from '../../../contract/errors.ts';
import { wipe } from '../../crypto/wipe.ts';
import { isSymmetricSpec, SYMMETRIC_KEY_BYTES } from '../algorithms/specs.ts';
import { fieldsOf } from '../input.ts';
import { NEW_MATERIAL_FIELDS, newMaterialOf, sealKmsMaterial } from '../new-kms-material.ts';
import type { HsmOutput } from '../protocol.ts';
import { type TokenState, workingKeys } from '../state.ts';

export async function generateKmsMaterial(
  state: TokenState,
  input: unknown,
): Promise<HsmOutput<'generateKmsMaterial'>> {
  const fields = fieldsOf(input, 'input', NEW_MATERIAL_FIELDS);
  const { spec } = fields;
  if (!isSymmetricSpec(spec)) {
    throw new KeyholdError('Unsupported', 'Key pairs cannot be made yet. Choose a symmetric spec.');
  }
  const wanted = newMaterialOf(fields, 'secret-key');
  workingKeys(state);
  const material = state.ports.random.bytes(SYMMETRIC_KEY_BYTES[spec]);
  try {
    return sealKmsMaterial(state, wanted, material, undefined);
  } finally {
    wipe(material);
  }
}
