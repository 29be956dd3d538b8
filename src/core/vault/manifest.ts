import { fromHex, toHex } from '../crypto/bytes.ts';
import { sha256 } from '../crypto/sha256.ts';
import { corrupt } from './findings.ts';
import { KIND_NUMBERS, kindOfNumber, type RecordKind } from './kinds.ts';

export const PAGE_COUNT = 256;
/** id (16) || u64 version || u8 kind number || last 16 bytes of `sealed`, or of an outdated one a mark (docs/format.md, "Integrity of the set"). */
export const ENTRY_BYTES = 41;
export const TAG_BYTES = 16;
const ID_BYTES = 16;
const KIND_AT = 24;
const TAG_AT = 25;

export interface ManifestEntry {
  /** 32 lower-case hex digits. */
  id: string;
  version: number;
  kind: RecordKind;
  /** Last 16 bytes of the sealed record, of an outdated one the first 16 of its SHA-256: a view into the page, where it was read from one. */
  tag: Uint8Array;
  /** It is sealed under a KEK before the current ones, and bound as it was when the keys were changed. */
  outdated?: true;
}

/** In the kind's byte. */
const OUTDATED = 0x80;

/** The manifest page of a record: the first byte of its id. */
export function pageOf(id: string): number {
  return Number.parseInt(id.slice(0, 2), 16);
}

/** Entries of one page, in any order, as the page's bytes (sorted by id). */
export function encodePage(entries: readonly ManifestEntry[]): Uint8Array {
  const out = new Uint8Array(entries.length * ENTRY_BYTES);
  const view = new DataView(out.buffer);
  const sorted = [...entries].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
  for (const [index, entry] of sorted.entries()) {
    const at = index * ENTRY_BYTES;
    out.set(fromHex(entry.id), at);
    view.setBigUint64(at + ID_BYTES, BigInt(entry.version));
    view.setUint8(at + KIND_AT, KIND_NUMBERS[entry.kind] | (entry.outdated === true ? OUTDATED : 0));
    out.set(entry.tag.subarray(0, TAG_BYTES), at + TAG_AT);
  }
  return out;
}

/**
 * The entries of a page's bytes, sorted by id. `VaultCorrupt` when the bytes are not canonical: a broken length, an unknown
 * kind, version 0, ids that are not strictly ascending or belong to another page.
 */
export function decodePage(page: number, bytes: Uint8Array): ManifestEntry[] {
  const where = `page ${page}`;
  if (bytes.length % ENTRY_BYTES !== 0) throw corrupt(where, 'its length is not a whole number of entries');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries: ManifestEntry[] = [];
  let previous = '';
  for (let at = 0; at < bytes.length; at += ENTRY_BYTES) {
    const id = toHex(bytes.subarray(at, at + ID_BYTES));
    if (pageOf(id) !== page) throw corrupt(where, 'it lists a record of another page');
    if (id <= previous) throw corrupt(where, 'its entries are out of order');
    previous = id;
    const version = Number(view.getBigUint64(at + ID_BYTES));
    if (!Number.isSafeInteger(version) || version < 1) throw corrupt(where, 'an entry has an impossible version');
    const byte = view.getUint8(at + KIND_AT);
    const kind = kindOfNumber(byte & ~OUTDATED);
    if (kind === undefined) throw corrupt(where, 'an entry has an unknown kind');
    const entry: ManifestEntry = { id, version, kind, tag: bytes.subarray(at + TAG_AT, at + ENTRY_BYTES) };
    if ((byte & OUTDATED) !== 0) entry.outdated = true;
    entries.push(entry);
  }
  return entries;
}

/** How many entries of a page that has been decoded before are of a kind. */
export function countOfKind(bytes: Uint8Array, kind: RecordKind): number {
  let count = 0;
  for (let at = KIND_AT; at < bytes.length; at += ENTRY_BYTES) {
    if (((bytes[at] ?? 0) & ~OUTDATED) === KIND_NUMBERS[kind]) count++;
  }
  return count;
}

/** The entry of this record on a page that has been decoded before; undefined when it is not listed. */
export function entryOf(bytes: Uint8Array, page: number, id: string): ManifestEntry | undefined {
  const at = placeOf(bytes, id);
  return at === -1 ? undefined : decodePage(page, bytes.subarray(at, at + ENTRY_BYTES))[0];
}

/** What stands for an outdated record's sealed bytes in its entry. */
export function markOf(sealed: Uint8Array): Uint8Array {
  return sha256(sealed).subarray(0, TAG_BYTES);
}

/** Whether the entry is of this content. */
export function isOfEntry(sealed: Uint8Array, entry: Pick<ManifestEntry, 'tag' | 'outdated'>): boolean {
  const field = entry.outdated === true ? markOf(sealed) : sealed.subarray(-TAG_BYTES);
  return Buffer.compare(field, entry.tag) === 0;
}

/** The record's version alone: what every use of a key asks. */
export function versionOf(bytes: Uint8Array, id: string): number | undefined {
  const at = placeOf(bytes, id);
  if (at === -1) return undefined;
  let version = 0;
  for (let byte = at + ID_BYTES; byte < at + KIND_AT; byte++) version = version * 256 + (bytes[byte] ?? 0);
  return version;
}

/** Where the record's entry begins; -1 when there is none. */
function placeOf(bytes: Uint8Array, id: string): number {
  if (id.length !== 2 * ID_BYTES) return -1;
  let [low, high] = [0, bytes.length / ENTRY_BYTES];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const at = middle * ENTRY_BYTES;
    const order = compareId(id, bytes, at);
    if (order === 0) return at;
    if (order < 0) high = middle;
    else low = middle + 1;
  }
  return -1;
}

/** As a comparison of the bytes would; digit by digit, because every use of a key looks its object up and a buffer for the id costs more than that. */
function compareId(id: string, bytes: Uint8Array, at: number): number {
  for (let digit = 0; digit < 2 * ID_BYTES; digit++) {
    const byte = bytes[at + (digit >>> 1)] ?? 0;
    const code = id.charCodeAt(digit);
    // 0-9 and a-f; what comes between them in ASCII is no digit.
    const wanted = code < 58 ? code - 48 : code < 97 ? -1 : code - 87;
    const difference = wanted - (digit % 2 === 0 ? byte >>> 4 : byte & 15);
    if (difference !== 0) return difference;
  }
  return 0;
}
