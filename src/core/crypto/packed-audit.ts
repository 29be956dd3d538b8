import { putU32, readLp } from './bytes.ts';

/**
 * How entries of the audit log cross the HSM's channel: a busy door has hundreds of them in one transaction, and each array of its own costs both processes more than
 * what is in it. Nothing of this is on disk.
 */

const LENGTH_BYTES = 4;
const HASH_BYTES = 32;

/** lp(event) … */
export function packEvents(events: readonly string[]): Uint8Array {
  const lengths = events.map((event) => Buffer.byteLength(event, 'utf8'));
  const out = Buffer.alloc(lengths.reduce((sum, length) => sum + LENGTH_BYTES + length, 0));
  let at = 0;
  for (const [index, event] of events.entries()) {
    putU32(out, at, lengths[index] ?? 0);
    at += LENGTH_BYTES;
    at += out.write(event, at, 'utf8');
  }
  return new Uint8Array(out.buffer, out.byteOffset, out.length);
}

/** Views of the events; null for bytes that are no whole number of them. */
export function unpackEvents(packed: Uint8Array): Uint8Array[] | null {
  const events: Uint8Array[] = [];
  for (let at = 0; at < packed.length; ) {
    const event = readLp(packed, at);
    if (event === null) return null;
    events.push(event.value);
    at = event.next;
  }
  return events;
}

/** An entry as the HSM has sealed and chained it; its number is its place. */
export interface PackedRow {
  sealed: Uint8Array;
  hash: Uint8Array;
  mac: Uint8Array;
}

/** How many bytes an entry takes: lp(sealed) || hash || mac. */
export function packedRowBytes(sealedBytes: number): number {
  return LENGTH_BYTES + sealedBytes + 2 * HASH_BYTES;
}

/** Where the parts of an entry that begins `at` go. */
export function rowParts(out: Uint8Array, at: number, sealedBytes: number): PackedRow {
  putU32(out, at, sealedBytes);
  const sealed = at + LENGTH_BYTES;
  const hash = sealed + sealedBytes;
  const mac = hash + HASH_BYTES;
  return {
    sealed: out.subarray(sealed, hash),
    hash: out.subarray(hash, mac),
    mac: out.subarray(mac, mac + HASH_BYTES),
  };
}

/** Views of the entries; null for bytes that are no whole number of them. */
export function unpackRows(packed: Uint8Array): PackedRow[] | null {
  const rows: PackedRow[] = [];
  for (let at = 0; at < packed.length; ) {
    const sealed = readLp(packed, at);
    if (sealed === null || sealed.next + 2 * HASH_BYTES > packed.length) return null;
    const mac = sealed.next + HASH_BYTES;
    at = mac + HASH_BYTES;
    rows.push({ sealed: sealed.value, hash: packed.subarray(sealed.next, mac), mac: packed.subarray(mac, at) });
  }
  return rows;
}
