import { randomBytes } from 'node:crypto';
import type { Random } from '../ports.ts';

/** The operating system's generator, as Node seeds it. */
export const systemRandom: Random = {
  bytes: (length) => new Uint8Array(randomBytes(length)),
};
