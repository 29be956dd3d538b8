import { equal } from '../crypto/equal.ts';
import { sha256 } from '../crypto/sha256.ts';
import { ENTRY_BYTES, ENTRY_KIND_AT, ENTRY_TAG_AT } from './manifest.ts';
import { tagOf } from './sealed-record.ts';

/**
 * Set in an entry's kind while its record is still sealed under a KEK before the current ones. Who has that KEK can make another content with the same GCM tag, which commits to no key; so
 * such an entry has the start of the SHA-256 of the sealed bytes in the tag's place (docs/format.md, "Integrity of the set").
 */
const OUTDATED = 0x80;
export const MARK_BYTES = ENTRY_BYTES - ENTRY_TAG_AT;

/** What stands for the sealed bytes of an outdated record. */
export function markOf(sealed: Uint8Array): Uint8Array {
  return sha256(sealed).subarray(0, MARK_BYTES);
}

export function isOutdated(entry: Uint8Array): boolean {
  return ((entry[ENTRY_KIND_AT] ?? 0) & OUTDATED) !== 0;
}

/** The kind's number, outdated or not. */
export function kindOfEntry(entry: Uint8Array): number {
  return (entry[ENTRY_KIND_AT] ?? 0) & ~OUTDATED;
}

/** What an entry says of this content. */
export function fieldFor(outdated: boolean, sealed: Uint8Array): Uint8Array {
  return outdated ? markOf(sealed) : tagOf(sealed);
}

export function isContentOf(entry: Uint8Array, sealed: Uint8Array): boolean {
  return equal(entry.subarray(ENTRY_TAG_AT), fieldFor(isOutdated(entry), sealed));
}

/** The page with all of its entries outdated, and in place of their tags these marks. */
export function outdatedPage(entries: Uint8Array, marks: Uint8Array): Uint8Array {
  const page = new Uint8Array(entries);
  for (let at = 0, mark = 0; at < page.length; at += ENTRY_BYTES, mark += MARK_BYTES) {
    page[at + ENTRY_KIND_AT] = (page[at + ENTRY_KIND_AT] ?? 0) | OUTDATED;
    page.set(marks.subarray(mark, mark + MARK_BYTES), at + ENTRY_TAG_AT);
  }
  return page;
}

/** The entry of a record that is sealed under a current KEK now. */
export function markCurrent(entry: Uint8Array, sealed: Uint8Array): void {
  entry[ENTRY_KIND_AT] = kindOfEntry(entry);
  entry.set(tagOf(sealed), ENTRY_TAG_AT);
}

export function countOutdated(entries: Uint8Array): number {
  let count = 0;
  for (let at = ENTRY_KIND_AT; at < entries.length; at += ENTRY_BYTES) {
    if (((entries[at] ?? 0) & OUTDATED) !== 0) count++;
  }
  return count;
}
