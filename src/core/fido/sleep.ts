import type { Clock } from '../ports.ts';
import { cancelled } from './device-errors.ts';

/** Rejects with `Cancelled` as soon as the signal is aborted. */
export function sleep(clock: Clock, milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) return reject(cancelled());
    const onAbort = (): void => {
      timer.cancel();
      reject(cancelled());
    };
    const timer = clock.setTimer(milliseconds, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
