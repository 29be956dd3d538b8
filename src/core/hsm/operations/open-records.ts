import { wipe } from '../../crypto/wipe.ts';
import { fieldsOf } from '../input.ts';
import { openObject } from '../object.ts';
import type { HsmOutput } from '../protocol.ts';
import { openRecord } from '../sealed-record.ts';
import { type TokenState, verifyingKeys } from '../state.ts';
import { openRoster } from '../users/roster.ts';
import { sealedRecordsOf } from '../vault-input.ts';

export function openRecords(state: TokenState, input: unknown): HsmOutput<'openRecords'> {
  const fields = fieldsOf(input, 'input', ['records']);
  const records = sealedRecordsOf(fields['records'], 'records');
  const keys = verifyingKeys(state);
  const failed: number[] = [];
  const plaintexts = records.map((record, index) => {
    const plaintext = openRecord(keys, record, record.sealed);
    if (plaintext === null) failed.push(index);
    return plaintext;
  });
  return { plaintexts, failed };
}

export function checkObjects(state: TokenState, input: unknown): HsmOutput<'checkObjects'> {
  const fields = fieldsOf(input, 'input', ['records']);
  const records = sealedRecordsOf(fields['records'], 'objects');
  const keys = verifyingKeys(state);
  const failed: number[] = [];
  for (const [index, record] of records.entries()) {
    if (record.kind === 'hsmUsers') {
      if (openRoster(keys, record.version, record.sealed) === null) failed.push(index);
      continue;
    }
    const object = openObject(keys, record.id, record.version, record.sealed);
    if (object === null) failed.push(index);
    else wipe(object.material);
  }
  return { failed };
}
