import { expect, test } from 'vitest';
import type { Weekday } from '../../../../src/contract/schedule.ts';
import { boardRows, lastSnoozeEnd } from '../../../../src/renderer/features/rotation/board.ts';
import {
  daysWords,
  scheduleOf,
  scheduleWords,
  timeError,
} from '../../../../src/renderer/features/rotation/schedule-words.ts';
import { sampleVault } from '../../../support/fake-contract.ts';

test('days in a row are a span, others a list', () => {
  const words = ([...lists]: Weekday[][]) => lists.map(daysWords);
  expect(words([['mon', 'tue', 'wed', 'thu', 'fri'], ['thu', 'tue'], ['sat', 'sun'], ['wed'], []])).toEqual([
    'Mon–Fri',
    'Tue, Thu',
    'Sat, Sun',
    'Wed',
    'no day',
  ]);
  expect(daysWords(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'])).toBe('every day');
});

test('what becomes of a key that is due', () => {
  const window = { days: ['tue' as const], from: '09:00', to: '17:00' };
  expect(scheduleWords({ auto: 'rotate', window, quarantineSeconds: 604_800 })).toBe(
    'Rotated by itself, Tue, 09:00–17:00, quarantine 7 days',
  );
  expect(scheduleWords({ auto: 'rotate' })).toBe('Rotated by itself, at any time');
  expect(scheduleWords(undefined)).toBe('A reminder once a day (usual)');
  expect(scheduleOf({}, { schedule: { auto: 'remind' } })).toEqual({ schedule: { auto: 'remind' }, from: 'account' });
  expect(scheduleOf({ schedule: { auto: 'off' } }, { schedule: { auto: 'remind' } }).from).toBe('key');
  expect(scheduleOf({}, undefined).from).toBe('none');
  expect(['09:00', '23:59', '24:00', '9:00', ''].map((text) => timeError(text) === null)).toEqual([
    true,
    true,
    false,
    false,
    false,
  ]);
});

test('a key that is left alone is not on the board until then', () => {
  const now = Date.parse('2026-11-23T12:00:00.000Z');
  const { keys } = sampleVault(8, now);
  const left = keys.map((key) => ({ ...key, snoozedUntil: new Date(now + 1000).toISOString() }));
  const rows = (of: typeof keys, ...when: [now: number, dueBy?: number]) =>
    boardRows({ keys: of, credentials: [], rotations: [] }, ...when);
  expect(rows(keys, now)).toHaveLength(2);
  expect(rows(left, now)).toEqual([]);
  expect(rows(left, now + 2000)).toHaveLength(2);
  // Nor where it will be due again later that day.
  expect(rows(left, now, now + 3_600_000)).toEqual([]);
  expect(lastSnoozeEnd(left, now)).toBe(0);
  expect(rows(left, lastSnoozeEnd(left, now + 2000), now + 3_600_000)).toHaveLength(2);
});
