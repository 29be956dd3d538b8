import type { Finding } from '../../contract/schemas.ts';
import { toHex } from '../crypto/bytes.ts';
import { finding, recordPlace } from './findings.ts';
import type { ManifestEntry } from './manifest.ts';
import type { StoredHeader } from './rows.ts';

export interface RecordFinding extends Finding {
  /** Set where the row is there, so that its name can be looked up. */
  id?: string;
}

/**
 * Compares the rows on disk with what the manifest says they are; both sorted by id. Names every row that is deleted, unknown,
 * swapped, rolled back or edited.
 */
export function compareRecords(rows: readonly StoredHeader[], entries: readonly ManifestEntry[]): RecordFinding[] {
  const findings: RecordFinding[] = [];
  let owners: Map<string, string> | undefined;
  const ownerOf = (tag: Uint8Array): string | undefined => {
    owners ??= new Map(entries.map((entry) => [toHex(entry.tag), entry.id]));
    return owners.get(toHex(tag));
  };
  let at = 0;
  for (const row of rows) {
    while (at < entries.length) {
      const entry = entries[at];
      if (entry === undefined || entry.id >= row.id) break;
      findings.push(missing(entry));
      at++;
    }
    const entry = entries[at];
    const place = recordPlace(row.kind, row.id);
    if (entry === undefined || entry.id !== row.id) {
      findings.push({ ...finding(place, 'unknown', 'the manifest does not list this record'), id: row.id });
      continue;
    }
    at++;
    const sameTag = Buffer.compare(row.tag, entry.tag) === 0;
    if (row.kind === entry.kind && row.version === entry.version && sameTag) continue;
    const owner = sameTag ? undefined : ownerOf(row.tag);
    const [what, message] =
      owner !== undefined && owner !== row.id
        ? ['swapped', `it holds the content of record ${owner.slice(0, 8)}…`]
        : row.version < entry.version
          ? ['rolled back', `it has version ${row.version}; the vault’s manifest says ${entry.version}`]
          : ['edited', 'its kind, version or content differs from the manifest'];
    findings.push({ ...finding(place, what, message), id: row.id });
  }
  for (const entry of entries.slice(at)) findings.push(missing(entry));
  return findings;
}

function missing(entry: ManifestEntry): RecordFinding {
  return finding(recordPlace(entry.kind, entry.id), 'deleted', `version ${entry.version} is gone`);
}
