import type { Hsm } from '../hsm/protocol.ts';
import { isRecordKind, isSealedKind } from './kinds.ts';
import { parsePayload } from './payload.ts';
import type { Rows } from './rows.ts';

/** The name inside a record that still opens (as its row says it is), for a message to a person; else null. */
export async function nameOfRecord(rows: Rows, hsm: Hsm, id: string): Promise<string | null> {
  const row = rows.record(id);
  if (row === null || isSealedKind(row.kind) || !isRecordKind(row.kind)) return null;
  const { plaintexts } = await hsm.call('openRecords', { records: [row] });
  const plaintext = plaintexts[0];
  if (plaintext === undefined || plaintext === null) return null;
  const data = parsePayload(plaintext);
  if (typeof data !== 'object' || data === null || !('name' in data)) return null;
  return typeof data.name === 'string' ? data.name : null;
}
