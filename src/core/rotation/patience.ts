import type { Clock } from '../ports.ts';
import { type Fault, isFault } from './faults.ts';

export function pause(clock: Clock, milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    clock.setTimer(milliseconds, resolve);
  });
}

/** How long to wait before each further try, in ms. */
const BACK_OFF: readonly number[] = [500, 1000, 2000, 4000];

/** Calls that may be made twice: tried again, a few times, where AWS is slow, away or at fault. */
export async function patiently<T>(clock: Clock, call: () => Promise<T>): Promise<T> {
  return tryAgain(clock, ['slow', 'network', 'server'], call);
}

/** Calls that must not be made twice: tried again only where AWS says that it did nothing. */
export async function unlessDone<T>(clock: Clock, call: () => Promise<T>): Promise<T> {
  return tryAgain(clock, ['slow'], call);
}

async function tryAgain<T>(clock: Clock, faults: readonly Fault[], call: () => Promise<T>): Promise<T> {
  for (const wait of BACK_OFF) {
    try {
      return await call();
    } catch (error) {
      if (!isFault(error, ...faults)) throw error;
      await pause(clock, wait);
    }
  }
  return call();
}
