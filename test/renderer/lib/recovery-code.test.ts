import fc from 'fast-check';
import { expect, test } from 'vitest';
import { chooseGroups, groupMatches, recoveryGroups } from '../../../src/renderer/lib/recovery-code.ts';

test('a code falls into its groups', () => {
  expect(recoveryGroups('0ABC-1DEF-2GHJ')).toEqual(['0ABC', '1DEF', '2GHJ']);
});

test('two different groups are asked for, in reading order, whatever the dice', () => {
  const dice = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 12 }), dice, dice, (count, a, b) => {
      const rolls = [a, b];
      const [first, second] = chooseGroups(count, () => rolls.shift() ?? 0);
      expect(first).toBeGreaterThanOrEqual(0);
      expect(second).toBeLessThan(count);
      expect(first).toBeLessThan(second);
    }),
  );
});

test('case and spaces do not matter, anything else does', () => {
  expect(groupMatches(' 0abc ', '0ABC')).toBe(true);
  expect(groupMatches('0ABD', '0ABC')).toBe(false);
  expect(groupMatches('', undefined)).toBe(false);
});
