import type { Finding } from '../../contract/schemas.ts';
import { toHex } from '../crypto/bytes.ts';
import { finding, recordPlace } from './findings.ts';
import { isOfEntry, type ManifestEntry } from './manifest.ts';
import type { StoredHeader } from './rows.ts';

export interface RecordFinding extends Finding {
  /** Set where the row is there, so that its name can be looked up. */
  id?: string;
}

/**
 * Compares the rows on disk with what the manifest says they are; both sorted by id, and the manifest's can be gone through more than
 * once; `contentOf` reads the sealed bytes of an outdated one. Names every row that is deleted, unknown, swapped, rolled back or edited.
 */
export function compareRecords(
  rows: Iterable<StoredHeader>,
  entries: Iterable<ManifestEntry>,
  contentOf: (id: string) => Uint8Array | undefined = () => undefined,
): RecordFinding[] {
  const findings: RecordFinding[] = [];
  let owners: Map<string, string> | undefined;
  const ownerOf = (tag: Uint8Array): string | undefined => {
    owners ??= new Map(Array.from(entries, (entry) => [toHex(entry.tag), entry.id]));
    return owners.get(toHex(tag));
  };
  const listed = entries[Symbol.iterator]();
  const next = (): ManifestEntry | undefined => {
    const { value, done } = listed.next();
    return done === true ? undefined : value;
  };
  let entry = next();
  for (const row of rows) {
    for (; entry !== undefined && entry.id < row.id; entry = next()) findings.push(missing(entry));
    const place = recordPlace(row.kind, row.id);
    if (entry === undefined || entry.id !== row.id) {
      findings.push({ ...finding(place, 'unknown', 'the manifest does not list this record'), id: row.id });
      continue;
    }
    const sameTag = isSame(row, entry, contentOf);
    const { kind, version } = entry;
    entry = next();
    if (row.kind === kind && row.version === version && sameTag) continue;
    const owner = sameTag ? undefined : ownerOf(row.tag);
    const [what, message] =
      owner !== undefined && owner !== row.id
        ? ['swapped', `it holds the content of record ${owner.slice(0, 8)}…`]
        : row.version < version
          ? ['rolled back', `it has version ${row.version}; the vault’s manifest says ${version}`]
          : ['edited', 'its kind, version or content differs from the manifest'];
    findings.push({ ...finding(place, what, message), id: row.id });
  }
  for (; entry !== undefined; entry = next()) findings.push(missing(entry));
  return findings;
}

/** Of an outdated record the tag says too little. */
function isSame(row: StoredHeader, entry: ManifestEntry, contentOf: (id: string) => Uint8Array | undefined): boolean {
  if (entry.outdated !== true) return Buffer.compare(row.tag, entry.tag) === 0;
  const sealed = contentOf(row.id);
  return sealed !== undefined && isOfEntry(sealed, entry);
}

function missing(entry: ManifestEntry): RecordFinding {
  return finding(recordPlace(entry.kind, entry.id), 'deleted', `version ${entry.version} is gone`);
}
