import { expect, test } from 'vitest';
import { daysError, maxAgeFrom, maxAgeOf, maxAgeWords } from '../../../../src/renderer/features/rotation/max-age.ts';

test('a key’s own maximum age counts, then its account’s, then the usual one', () => {
  const ages = [
    maxAgeOf({ maxAgeDays: 30 }, { maxAgeDays: 60 }),
    maxAgeOf({}, { maxAgeDays: 1 }),
    maxAgeOf({}, {}),
    maxAgeOf({}, undefined),
  ];
  expect(ages.map((age) => `${maxAgeWords(age)}, ${maxAgeFrom(age)}`)).toEqual([
    '30 days, set for this key',
    '1 day, set for its account',
    'none set, marked as old after 90 days',
    'none set, marked as old after 90 days',
  ]);
});

test('days are a whole number in AWS’s lifetime', () => {
  expect(['90', ' 1 ', '3650'].map(daysError)).toEqual([null, null, null]);
  expect(['', 'soon', '1.5', '-3'].map(daysError)).toEqual(Array(4).fill('Type a number of days, like 90.'));
  expect(daysError('0')).toBe('A key may be used for a day at least.');
  expect(daysError('3651')).toBe('A maximum age is at most 3,650 days.');
});
