import { randomFillSync } from 'node:crypto';
import type { Random } from '../ports.ts';

/** The operating system's generator, as Node seeds it. */
export const systemRandom: Random = {
  // Where they stay: a copy would leave another behind that nobody wipes.
  bytes: (length) => randomFillSync(new Uint8Array(length)),
};
