import type { FakeClock } from './fake-clock.ts';

/** Moves the clock in small steps until the promise is settled; fails after `limitMs` of its time. */
export async function drive<T>(clock: FakeClock, promise: Promise<T>, limitMs = 120_000, stepMs = 20): Promise<T> {
  let settled = false;
  const end = (): void => {
    settled = true;
  };
  promise.then(end, end);
  for (let passed = 0; passed <= limitMs; passed += stepMs) {
    await turns();
    if (settled) return promise;
    clock.advance(stepMs);
  }
  throw new Error(`not done within ${limitMs} ms`);
}

/** Lets everything happen that waits for nothing but its turn, crypto on the thread pool excepted. */
export async function turns(count = 40): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await Promise.resolve();
}
