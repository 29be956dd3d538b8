import { timingSafeEqual } from 'node:crypto';

/** Compares without telling by time where two byte strings differ. Their lengths are not secret. */
export function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
