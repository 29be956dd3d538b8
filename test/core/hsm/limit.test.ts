import { expect, test } from 'vitest';
import { createLimit } from '../../../src/core/hsm/limit.ts';

test('so many at once, the others in order, and a failure makes room too', async () => {
  const limit = createLimit(2);
  const log: string[] = [];
  let running = 0;
  let most = 0;
  const task = (name: string, fails = false) =>
    limit(async () => {
      most = Math.max(most, ++running);
      log.push(name);
      await new Promise(setImmediate);
      running--;
      if (fails) throw new Error(name);
      return name;
    });
  const results = await Promise.allSettled([task('a'), task('b', true), task('c'), task('d', true), task('e')]);
  expect(log).toEqual(['a', 'b', 'c', 'd', 'e']);
  expect(most).toBe(2);
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'rejected', 'fulfilled']);
  expect(await task('f')).toBe('f');
});
