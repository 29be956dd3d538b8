import type { Hsm } from '../hsm/protocol.ts';
import { corrupt, finding, recordPlace, tampered } from './findings.ts';
import { type ManifestEntry, TAG_BYTES } from './manifest.ts';
import { parsePayload } from './payload.ts';
import type { StoredRecord } from './rows.ts';

/** The contents of rows, deeply frozen. Throws `VaultTampered` or `VaultCorrupt` for the first that is not right. */
export async function openRows(hsm: Hsm, rows: readonly StoredRecord[]): Promise<unknown[]> {
  const { plaintexts } = await hsm.call('openRecords', { records: [...rows] });
  return rows.map((row, index) => {
    const plaintext = plaintexts[index];
    const place = recordPlace(row.kind, row.id);
    if (plaintext === undefined || plaintext === null) {
      throw tampered([finding(place, 'edited', 'its content does not verify')]);
    }
    const data = parsePayload(plaintext);
    if (data === null) throw corrupt(place, 'its content is not JSON');
    return data;
  });
}

/** The row itself, if it is still what was loaded or committed. */
export function sameAsLoaded(row: StoredRecord, header: ManifestEntry): StoredRecord {
  const tag = row.sealed.subarray(-TAG_BYTES);
  const same = row.kind === header.kind && row.version === header.version && Buffer.compare(tag, header.tag) === 0;
  if (same) return row;
  const place = recordPlace(header.kind, header.id);
  throw tampered([finding(place, 'edited', 'it was changed while the vault was open')]);
}
