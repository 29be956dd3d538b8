import { expect, test } from 'vitest';
import { lockWords } from '../../../src/renderer/features/shell/status-words.ts';

const at = Date.parse('2026-11-29T12:15:00.000Z');
const status = { locksAt: '2026-11-29T12:15:00.000Z' };
const minutes = (count: number) => at - count * 60_000;

test.each([
  [125, 'Locks in 2 h 5 min'],
  [120, 'Locks in 2 h'],
  [14.2, 'Locks in 15 min'],
  [1, 'Locks in 1 min'],
  [0.5, 'Locks in under a minute'],
  [0, 'Locks now'],
])('%s minutes before it: %s', (left, text) => {
  expect(lockWords(status, false, minutes(left)).text).toBe(text);
});

test('out of reach the page says when it puts away what it shows', () => {
  expect(lockWords(status, true, minutes(3)).text).toBe('This page clears in 3 min');
  expect(lockWords(status, true, minutes(-1)).text).toBe('This page clears now');
});

test('without a time to lock there is none to tell', () => {
  expect(lockWords({}, false, at).text).toBe('Stays open until you lock it');
  expect(lockWords({}, true, at).text).toBe('State not known');
});
