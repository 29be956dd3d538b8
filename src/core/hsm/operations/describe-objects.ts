import { wipe } from '../../crypto/wipe.ts';
import { fieldsOf } from '../input.ts';
import { openObject } from '../object.ts';
import type { HsmOutput } from '../protocol.ts';
import { type TokenState, verifyingKeys } from '../state.ts';
import { sealedRecordsOf } from '../vault-input.ts';

export function describeObjects(state: TokenState, input: unknown): HsmOutput<'describeObjects'> {
  const fields = fieldsOf(input, 'input', ['records']);
  const records = sealedRecordsOf(fields['records'], 'objects');
  const keys = verifyingKeys(state);
  const attributes = records.map((record) => {
    const object = openObject(keys, record.id, record.version, record.sealed);
    if (object === null) return null;
    wipe(object.material);
    return object.attributes;
  });
  return { attributes };
}
