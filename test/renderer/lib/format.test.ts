import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  ageInDays,
  formatAge,
  formatBytes,
  formatLatency,
  formatRelative,
  formatSeconds,
  listNames,
  plural,
  sentence,
  shortKeyId,
} from '../../../src/renderer/lib/format.ts';

const NOW = Date.parse('2026-11-23T12:00:00.000Z');
const agoIso = (ms: number) => new Date(NOW - ms).toISOString();
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe('ages', () => {
  test.each([
    [0, 'today'],
    [DAY - 1, 'today'],
    [DAY, '1 day'],
    [211 * DAY, '211 days'],
    [-HOUR, 'today'],
  ])('%d ms is %s', (ms, text) => {
    expect(formatAge(agoIso(ms), NOW)).toBe(text);
  });

  test('are never negative', () => {
    fc.assert(fc.property(fc.integer({ min: -10 * DAY, max: 10_000 * DAY }), (ms) => ageInDays(agoIso(ms), NOW) >= 0));
  });
});

describe('relative times', () => {
  test.each([
    [0, 'just now'],
    [44_000, 'just now'],
    [3 * MINUTE, '3 min ago'],
    [59 * MINUTE + 40_000, '1 h ago'],
    [5 * HOUR, '5 h ago'],
    [DAY - 10 * MINUTE, '1 d ago'],
    [12 * DAY, '12 d ago'],
    [-30_000, 'in under a minute'],
    [-28 * MINUTE, 'in 28 min'],
    [400 * DAY, '19 Oct 2025'],
  ])('%d ms ago is %s', (ms, text) => {
    expect(formatRelative(agoIso(ms), NOW)).toBe(text);
  });
});

test.each([
  [0.42, '0.4 ms'],
  [31.4, '31 ms'],
  [1640, '1.6 s'],
])('%d ms of latency is %s', (ms, text) => {
  expect(formatLatency(ms)).toBe(text);
});

test.each([
  [512, '512 B'],
  [1536, '1.5 KiB'],
  [3 * 1024 ** 3, '3.0 GiB'],
])('%d bytes are %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

test('names are listed as one reads them', () => {
  expect(listNames([])).toBe('');
  expect(listNames(['a'])).toBe('a');
  expect(listNames(['a', 'b'])).toBe('a and b');
  expect(listNames(['a', 'b', 'c', 'd', 'e'])).toBe('a, b, c and 2 more');
});

test('counts, ids and sentences', () => {
  expect(plural(1, 'client')).toBe('1 client');
  expect(plural(1200, 'client')).toBe('1,200 clients');
  expect(shortKeyId('AKIAIOSFODNN7EXAMPLE')).toBe('AKIA…MPLE');
  expect(shortKeyId('SHORT')).toBe('SHORT');
  expect(sentence('give it a name')).toBe('Give it a name.');
  expect(sentence('Really?')).toBe('Really?');
  expect(formatSeconds(7.2)).toBe('8 s');
  expect(formatSeconds(65)).toBe('1 min 05 s');
});
