import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MalformedInput } from '../../../src/aws/protocol/malformed-input.ts';
import {
  dateFromSeconds,
  formatTimestamp,
  fromBase64,
  parseBigInteger,
  parseNumber,
  parseTimestamp,
  toBase64,
  wellFormed,
} from '../../../src/aws/protocol/scalars.ts';

test('base64 (RFC 4648, section 10)', () => {
  for (const [text, encoded] of [
    ['', ''],
    ['f', 'Zg=='],
    ['fo', 'Zm8='],
    ['foo', 'Zm9v'],
    ['foobar', 'Zm9vYmFy'],
  ] as const) {
    expect(Buffer.from(fromBase64(encoded)).toString()).toBe(text);
    expect(toBase64(Buffer.from(text))).toBe(encoded);
  }
  for (const wrong of ['Zg', 'Zg=', 'Zg===', 'Z===', 'Zm9v\n', 'Zm 9', 'Zm-_', '====', 'Zg==Zg==']) {
    expect(() => fromBase64(wrong), wrong).toThrow(MalformedInput);
  }
  // A view in the middle of a buffer.
  expect(toBase64(Buffer.from('xfoox').subarray(1, 4))).toBe('Zm9v');
});

describe('timestamps', () => {
  const date = new Date('2026-01-02T03:04:05.678Z');
  test.each([
    ['2026-01-02T03:04:05.678Z', 'date-time'],
    ['2026-01-02T05:04:05.678+02:00', 'date-time'],
    ['2026-01-02T03:04:05.678Z', 'http-date'],
    ['2026-01-02T03:04:05.678Z', 'epoch-seconds'],
    ['1767323045.678', 'epoch-seconds'],
    ['Fri, 02 Jan 2026 03:04:05.678 GMT', 'http-date'],
  ] as const)('%s as %s', (text, format) => {
    expect(parseTimestamp(text, format)).toEqual(date);
  });
  test.each([
    ['Fri, 02 Jan 2026 03:04:05 GMT', 'date-time'],
    ['1767323045', 'date-time'],
    ['2026-01-02', 'date-time'],
    ['2026-01-02T03:04:05', 'date-time'],
    ['2026-02-30T25:04:05Z', 'date-time'],
    ['', 'epoch-seconds'],
    ['1e400', 'epoch-seconds'],
  ] as const)('%s is no %s', (text, format) => {
    expect(() => parseTimestamp(text, format)).toThrow(MalformedInput);
  });
  test('are written as AWS writes them', () => {
    const whole = new Date('2026-01-02T03:04:05Z');
    expect(formatTimestamp(whole, 'date-time')).toBe('2026-01-02T03:04:05Z');
    expect(formatTimestamp(date, 'date-time')).toBe('2026-01-02T03:04:05.678Z');
    expect(formatTimestamp(whole, 'http-date')).toBe('Fri, 02 Jan 2026 03:04:05 GMT');
    expect(formatTimestamp(date, 'epoch-seconds')).toBe('1767323045.678');
  });
  test('seconds keep their milliseconds (property)', () => {
    fc.assert(
      fc.property(fc.date({ noInvalidDate: true, min: new Date('1900-01-01'), max: new Date('9999-12-31') }), (one) => {
        expect(dateFromSeconds(one.getTime() / 1000)).toEqual(one);
        for (const format of ['date-time', 'epoch-seconds'] as const) {
          expect(parseTimestamp(formatTimestamp(one, format), format)).toEqual(one);
        }
      }),
      { seed: 3339 },
    );
  });
});

test('numbers and whole numbers as text', () => {
  expect([parseNumber('-1.5e3'), parseNumber('.5'), parseNumber('Infinity'), parseNumber('NaN')]).toEqual([
    -1500,
    0.5,
    Number.POSITIVE_INFINITY,
    Number.NaN,
  ]);
  expect(parseBigInteger('-18446744073709551616')).toBe(-(2n ** 64n));
  for (const wrong of ['', ' 1', '1 ', '0x1', '1_0', 'infinity', '1e', '__proto__']) {
    expect(() => parseNumber(wrong), wrong).toThrow(MalformedInput);
    expect(() => parseBigInteger(wrong), wrong).toThrow(MalformedInput);
  }
});

test('half a surrogate pair is no text', () => {
  expect(wellFormed('\u{1f511}')).toBe('\u{1f511}');
  expect(() => wellFormed('\ud83d')).toThrow(MalformedInput);
});
