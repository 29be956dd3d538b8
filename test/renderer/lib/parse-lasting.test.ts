import { expect, test } from 'vitest';
import { formatLasting } from '../../../src/renderer/lib/format.ts';
import { parseLasting } from '../../../src/renderer/lib/parse-lasting.ts';

test.each([
  ['3600', 3600],
  ['1 h', 3600],
  ['1 h 30 min', 5400],
  ['90m', 5400],
  [' 12H ', 43_200],
  ['45 s', 45],
  ['', null],
  ['an hour', null],
  ['1.5 h', null],
  ['-5', null],
  ['h', null],
  ['1 d', null],
])('“%s” lasts %s seconds', (text, seconds) => {
  expect(parseLasting(text)).toBe(seconds);
});

test('what is written can be read', () => {
  for (const seconds of [40, 60, 900, 3600, 5400, 43_200, 129_600]) {
    expect(parseLasting(formatLasting(seconds))).toBe(seconds);
  }
});
