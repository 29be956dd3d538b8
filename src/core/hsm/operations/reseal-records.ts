import { KeyholdError } from '../../../contract/errors.ts';
import { readU32, readU64, toHex } from '../../crypto/bytes.ts';
import { equal } from '../../crypto/equal.ts';
import { wipe } from '../../crypto/wipe.ts';
import type { Random } from '../../ports.ts';
import { isContentOf, isOutdated, kindOfEntry, markCurrent } from '../entry-content.ts';
import { bytesOf, fieldsOf, invalid } from '../input.ts';
import { isSealedKind, kindOfNumber, USERS_ID } from '../kinds.ts';
import { firstLockedKey } from '../locked-log.ts';
import { ENTRY_BYTES, ENTRY_VERSION_AT, headMac, MAC_BYTES, pageMac } from '../manifest.ts';
import type { HeadState, HsmOutput } from '../protocol.ts';
import { openRecord, type RecordName, SEALING_RANDOM_BYTES, sealRecord, tagOf } from '../sealed-record.ts';
import { type TokenState, workingKeys } from '../state.ts';
import { admitReseal, followed } from '../users/follow.ts';
import { headOf, LONGEST_SEALED, newPagesOf } from '../vault-input.ts';
import { currentKek } from '../vault-keys.ts';

const ID_BYTES = 16;
const LENGTH_BYTES = 4;
const MOST_BYTES = 64 * 1024 * 1024;

/** One transaction that changes nothing but the keys under which records are sealed: whoever could read them can, and nobody else. */
export function resealRecords(state: TokenState, input: unknown): HsmOutput<'resealRecords'> {
  const fields = fieldsOf(input, 'input', ['records', 'pages', 'head']);
  const records = Uint8Array.from(bytesOf(fields['records'], 'records', 0, MOST_BYTES));
  const head = headOf(fields['head']);
  const keys = workingKeys(state);
  const before = admitReseal(state, head);
  const pages = new Map(
    newPagesOf(fields['pages']).map(({ page, entries }) => {
      if (!equal(macOf(head, page), pageMac(keys.manifest, keys.vaultId, page, entries))) {
        throw changed(`page ${page}`, 'it is not what the head was made over');
      }
      return [page, new Uint8Array(entries)];
    }),
  );
  const places = placesOf(records);
  const random = pooled(state.ports.random, places.length * SEALING_RANDOM_BYTES);
  const current = { records: currentKek(keys, 'records'), objects: currentKek(keys, 'objects') };
  let users = before;
  for (const { id, sealed } of places) {
    const entry = entryOf(pages, id);
    const name = entry === null ? null : nameOf(id, entry);
    if (entry === null || name === null) throw changed(`record ${toHex(id)}`, 'no page lists it');
    // Under an older KEK, only what was bound when the keys were changed.
    const plaintext = isOutdated(entry) && isContentOf(entry, sealed) ? openRecord(keys, name, sealed) : null;
    if (plaintext === null) throw changed(`record ${name.kind} ${name.id}`, 'its content does not verify');
    try {
      const kek = isSealedKind(name.kind) ? current.objects : current.records;
      // As long as before: the layout adds the same to every content.
      sealed.set(sealRecord(keys, kek, random, name, plaintext));
      markCurrent(entry, sealed);
      if (name.id === USERS_ID) users = { ...users, tag: toHex(tagOf(sealed)) };
    } finally {
      wipe(plaintext);
    }
  }
  const pageMacs = new Uint8Array(head.pageMacs);
  const sealedPages = [...pages].map(([page, entries]) => {
    const mac = pageMac(keys.manifest, keys.vaultId, page, entries);
    pageMacs.set(mac, page * MAC_BYTES);
    return { page, entries, mac };
  });
  followed(state, { before, after: users }, { ...head, pageMacs });
  return {
    records,
    pages: sealedPages,
    headMac: headMac(keys.manifest, keys.vaultId, { ...head, pageMacs }),
    lockedKey: firstLockedKey(keys, head.auditSeq, head.auditHash),
  };
}

function macOf({ pageMacs }: HeadState, page: number): Uint8Array {
  return pageMacs.subarray(page * MAC_BYTES, (page + 1) * MAC_BYTES);
}

/** Views into the bytes. Throws `InvalidInput`. */
function placesOf(records: Uint8Array): { id: Uint8Array; sealed: Uint8Array }[] {
  const places: { id: Uint8Array; sealed: Uint8Array }[] = [];
  for (let at = 0; at < records.length; ) {
    const start = at + ID_BYTES + LENGTH_BYTES;
    const end = start + readU32(records, at + ID_BYTES);
    if (start > records.length || end > records.length || end - start > LONGEST_SEALED) {
      throw invalid('records', 'whole records');
    }
    places.push({ id: records.subarray(at, at + ID_BYTES), sealed: records.subarray(start, end) });
    at = end;
  }
  return places;
}

/** The same random bytes, asked for at once: each question costs more than the bytes. */
function pooled(random: Random, length: number): Random {
  const pool = random.bytes(length);
  let at = 0;
  return {
    bytes(count) {
      at += count;
      return at > pool.length ? random.bytes(count) : pool.subarray(at - count, at);
    },
  };
}

function nameOf(id: Uint8Array, entry: Uint8Array): RecordName | null {
  const kind = kindOfNumber(kindOfEntry(entry));
  const version = readU64(entry, ENTRY_VERSION_AT);
  return kind === undefined || version === null ? null : { id: toHex(id), kind, version };
}

/** The entry of this record on the page of its id; a view that may be written to. */
function entryOf(pages: ReadonlyMap<number, Uint8Array>, id: Uint8Array): Uint8Array | null {
  const entries = pages.get(id[0] ?? 0) ?? new Uint8Array();
  let [low, high] = [0, entries.length / ENTRY_BYTES];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const at = middle * ENTRY_BYTES;
    const order = Buffer.compare(id, entries.subarray(at, at + ID_BYTES));
    if (order === 0) return entries.subarray(at, at + ENTRY_BYTES);
    if (order < 0) high = middle;
    else low = middle + 1;
  }
  return null;
}

function changed(where: string, message: string): KeyholdError {
  return new KeyholdError(
    'VaultTampered',
    `The vault was changed from outside (${where}: edited). Restore a backup you trust with "keyhold hsm restore".`,
    { findings: [{ severity: 'error', where, what: 'edited', message }] },
  );
}
