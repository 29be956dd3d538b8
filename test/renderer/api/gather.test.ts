import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { gather } from '../../../src/renderer/api/gather.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Work that takes so long, and what was begun of it. */
function work(takesMs: number) {
  const begun: string[] = [];
  return {
    begun,
    run: (name: string) => {
      begun.push(name);
      return new Promise<void>((resolve) => setTimeout(resolve, takesMs));
    },
  };
}

test('the first change is read at once, and those that come meanwhile together afterwards', async () => {
  const { begun, run } = work(40);
  const reread = gather(run);
  reread('kms');
  expect(begun).toEqual(['kms']);
  for (let index = 0; index < 400; index++) {
    reread('kms');
    await vi.advanceTimersByTimeAsync(1);
  }
  await vi.advanceTimersByTimeAsync(1000);
  // 400 changes in 400 ms: at 0, at 290 and at 580.
  expect(begun).toHaveLength(3);
});

test('each name has its own turn, and rests when nothing changes any more', async () => {
  const { begun, run } = work(10);
  const reread = gather(run);
  reread('kms');
  reread('keys');
  await vi.advanceTimersByTimeAsync(5000);
  expect(begun).toEqual(['kms', 'keys']);
  reread('kms');
  expect(begun).toEqual(['kms', 'keys', 'kms']);
});

test('what takes long is not begun again before it has rested as long', async () => {
  const { begun, run } = work(2000);
  const reread = gather(run);
  reread('kms');
  reread('kms');
  await vi.advanceTimersByTimeAsync(3999);
  expect(begun).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(2);
  expect(begun).toHaveLength(2);
});
