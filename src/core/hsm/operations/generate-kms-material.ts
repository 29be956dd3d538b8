import { wipe } from '../../crypto/wipe.ts';
import { KEY_PAIRS } from '../algorithms/key-pairs.ts';
import { SYMMETRIC_KEY_BYTES } from '../algorithms/specs.ts';
import { fieldsOf } from '../input.ts';
import { namingKeyOf } from '../material-id.ts';
import { NEW_MATERIAL_FIELDS, newMaterialOf, sealKmsMaterial } from '../new-kms-material.ts';
import type { HsmOutput } from '../protocol.ts';
import type { TokenState } from '../state.ts';

export async function generateKmsMaterial(
  state: TokenState,
  input: unknown,
): Promise<HsmOutput<'generateKmsMaterial'>> {
  const fields = fieldsOf(input, 'input', NEW_MATERIAL_FIELDS);
  const wanted = newMaterialOf(fields);
  const naming = namingKeyOf(state, fields['naming']);
  const { random } = state.ports;
  const material =
    wanted.kind === 'symmetric'
      ? random.bytes(SYMMETRIC_KEY_BYTES[wanted.spec])
      : await KEY_PAIRS[wanted.spec].generate(random);
  try {
    return sealKmsMaterial(state, wanted, naming, material);
  } finally {
    wipe(material);
  }
}
