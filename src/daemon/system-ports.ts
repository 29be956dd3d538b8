import { randomBytes } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import type { Clock, Random } from '../core/ports.ts';

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimer(milliseconds, run) {
    const timer = setTimeout(run, milliseconds);
    // A pending timer alone is no reason to keep the process.
    timer.unref();
    return { cancel: () => clearTimeout(timer) };
  },
};

const POOL_BYTES = 4096;
const MOST_FROM_POOL = 64;
let pool = Buffer.alloc(0);

/**
 * The operating system's generator, as Node seeds it. Every request of the door needs an id for its audit entry, and a call for 16 bytes costs as much as one for
 * thousands: short ones are cut from a block, where they are wiped.
 */
export const systemRandom: Random = {
  bytes(length) {
    if (length > MOST_FROM_POOL) return new Uint8Array(randomBytes(length));
    if (pool.length < length) pool = randomBytes(POOL_BYTES);
    const out = new Uint8Array(pool.subarray(0, length));
    pool.fill(0, 0, length);
    pool = pool.subarray(length);
    return out;
  },
};
