import { expect, test } from 'vitest';
import type { ErrorCode, WireError } from '../../../src/contract/errors.ts';
import { KeyholdError } from '../../../src/contract/errors.ts';
import { asWireError } from '../../../src/renderer/api/error.ts';
import { doEach, failuresAsError } from '../../../src/renderer/lib/do-each.ts';

const refuse = (code: ErrorCode, message = 'No.') => new KeyholdError(code, message);

function run(items: string[], refusals: Record<string, KeyholdError>, stopAfter = Number.POSITIVE_INFINITY) {
  const begun: string[] = [];
  const through: number[] = [];
  const outcome = doEach(items, {
    async work(item) {
      begun.push(item);
      const refusal = refusals[item];
      if (refusal !== undefined) throw refusal;
    },
    wire: asWireError,
    stopped: () => begun.length >= stopAfter,
    through: (count) => through.push(count),
  });
  return outcome.then((result) => ({ ...result, begun, through }));
}

test('what is refused of one does not keep the rest from it', async () => {
  const { done, failed, left, through } = await run(['a', 'b', 'c'], { a: refuse('InUse') });
  expect(done).toEqual(['b', 'c']);
  expect(failed.map(({ item, error }) => [item, error.code])).toEqual([['a', 'InUse']]);
  expect(left).toEqual([]);
  expect(through).toEqual([1, 2, 3]);
});

test('what stands in the way of one and all ends it', async () => {
  const { done, failed, left, begun } = await run(['a', 'b', 'c'], { b: refuse('Locked') });
  expect({ done, left, begun }).toEqual({ done: ['a'], left: ['c'], begun: ['a', 'b'] });
  expect(failed).toHaveLength(1);
});

test('nothing further is begun once nobody wants it', async () => {
  const { done, left } = await run(['a', 'b', 'c'], {}, 1);
  expect({ done, left }).toEqual({ done: ['a'], left: ['b', 'c'] });
});

test('failures say of which they are, those of one sentence together', () => {
  const error = (message: string): WireError => ({ code: 'InUse', message });
  const named = (item: string) => item;
  expect(failuresAsError([], named, 3)).toBeNull();
  expect(failuresAsError([{ item: 'a', error: error('No.') }], named, 1)).toEqual(error('No.'));
  const failed = [
    { item: 'a', error: error('In use.') },
    { item: 'b', error: error('Gone.') },
    { item: 'c', error: error('In use.') },
  ];
  expect(failuresAsError(failed, named, 4)?.message).toBe('“a”, “c”: In use. “b”: Gone.');
  const many = Array.from({ length: 9 }, (_, index) => ({ item: `k${index}`, error: error('No.') }));
  expect(failuresAsError(many, named, 9)?.message).toBe('“k0”, “k1”, “k2”, “k3”, “k4”, “k5” and 3 more: No.');
});
