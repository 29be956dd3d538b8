import type { Random } from '../ports.ts';

/** Asking the system's generator costs some microseconds whatever the length: as much as encrypting a page with what it answers. */
const POOL_BYTES = 4096;

/**
 * Random bytes that are no secret once they are used (nonces, and nothing that a key is made of): drawn from `random` in one go and handed out piece by piece, each once.
 */
export function noncePool(random: Random): Random {
  let pool: Uint8Array = new Uint8Array();
  let at = 0;
  return {
    bytes(length) {
      if (length > POOL_BYTES) return random.bytes(length);
      if (length > pool.length - at) {
        pool = random.bytes(POOL_BYTES);
        at = 0;
      }
      const piece = pool.slice(at, at + length);
      at += length;
      return piece;
    },
  };
}
