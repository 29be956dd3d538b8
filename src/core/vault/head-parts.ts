import { concat, lp, u32, u64, utf8 } from '../crypto/bytes.ts';
import { equal } from '../crypto/equal.ts';
import { sha256 } from '../crypto/sha256.ts';
import type { HeadState } from '../hsm/protocol.ts';
import { PAGE_COUNT } from './manifest.ts';

const HINT_BYTES = 4;
/** 256 × 4 bytes of page MACs || SHA-256(slots) || SHA-256(keks). */
export const PARTS_BYTES = PAGE_COUNT * HINT_BYTES + 32 + 32;

/**
 * The `parts` column of the head (docs/format.md, "Head"): what the head was made over, in short, so that when its MAC does not
 * verify the part that changed can be named. Never trusted: the MAC alone decides.
 */
export function headParts(head: Pick<HeadState, 'pageMacs' | 'slots' | 'keks'>): Uint8Array {
  const out = new Uint8Array(PARTS_BYTES);
  for (let page = 0; page < PAGE_COUNT; page++) {
    out.set(head.pageMacs.subarray(page * 32, page * 32 + HINT_BYTES), page * HINT_BYTES);
  }
  const slots = concat(...head.slots.flatMap((slot) => [lp(slot.descriptor), lp(slot.wrapped)]));
  const keks = concat(
    ...head.keks.flatMap((kek) => [u32(kek.id), lp(utf8(kek.purpose)), u64(kek.createdAt), lp(kek.wrapped)]),
  );
  out.set(sha256(slots), PAGE_COUNT * HINT_BYTES);
  out.set(sha256(keks), PAGE_COUNT * HINT_BYTES + 32);
  return out;
}

export interface PartsDifference {
  pages: number[];
  slots: boolean;
  keks: boolean;
}

/** What differs between the stored parts and the parts as they are now. */
export function compareParts(stored: Uint8Array, actual: Uint8Array): PartsDifference {
  const differs = (from: number, length: number) =>
    !equal(stored.subarray(from, from + length), actual.subarray(from, from + length));
  const pages: number[] = [];
  for (let page = 0; page < PAGE_COUNT; page++) if (differs(page * HINT_BYTES, HINT_BYTES)) pages.push(page);
  const base = PAGE_COUNT * HINT_BYTES;
  return { pages, slots: differs(base, 32), keks: differs(base + 32, 32) };
}
