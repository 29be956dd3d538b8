import { readU32 } from '../crypto/bytes.ts';
import type { Hsm } from '../hsm/protocol.ts';
import { corrupt, finding, recordPlace, tampered } from './findings.ts';
import { isOfEntry, type ManifestEntry } from './manifest.ts';
import { parsePayload } from './payload.ts';
import type { StoredRecord } from './rows.ts';

/** Of the id of a sealed record's KEK (docs/format.md, "Sealed record"). */
const KEK_AT = 1;

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

/**
 * The row itself, if it is still what was loaded or committed. `current` are the KEKs of what is not outdated, while there are others: who has one of those can give any content any tag.
 */
export function sameAsLoaded(
  row: StoredRecord,
  header: ManifestEntry,
  current: readonly number[] | null = null,
): StoredRecord {
  const same = row.kind === header.kind && row.version === header.version && isOfEntry(row.sealed, header);
  const known = header.outdated === true || current === null || current.includes(readU32(row.sealed, KEK_AT));
  if (same && known) return row;
  const place = recordPlace(header.kind, header.id);
  throw tampered([finding(place, 'edited', 'it was changed while the vault was open')]);
}
