import { wipe } from '../../crypto/wipe.ts';
import { IMPORT_KEY_SPECS, KEY_PAIRS } from '../algorithms/key-pairs.ts';
import { fieldsOf, oneOf, recordIdOf } from '../input.ts';
import { sealObject } from '../object.ts';
import { attributesOf } from '../object-attributes.ts';
import type { HsmOutput } from '../protocol.ts';
import { type TokenState, workingKeys } from '../state.ts';

const FIRST_VERSION = 1;

export async function generateImportKey(state: TokenState, input: unknown): Promise<HsmOutput<'generateImportKey'>> {
  const fields = fieldsOf(input, 'input', ['id', 'spec', 'label', 'createdAt', 'notAfter']);
  const spec = oneOf(fields['spec'], 'spec', IMPORT_KEY_SPECS);
  const { label, createdAt, notAfter } = fields;
  const policy = notAfter === undefined ? {} : { notAfter };
  const attributes = attributesOf(
    { class: 'private-key', spec, usage: ['unwrap'], extractable: false, label, createdAt, policy },
    recordIdOf(fields['id'], 'id'),
  );
  workingKeys(state);
  const material = await KEY_PAIRS[spec].generate(state.ports.random);
  try {
    const blob = sealObject(workingKeys(state), state.ports.random, { attributes, material }, FIRST_VERSION);
    return { attributes, blob, publicKey: KEY_PAIRS[spec].privateKey(material).spki };
  } finally {
    wipe(material);
  }
}
