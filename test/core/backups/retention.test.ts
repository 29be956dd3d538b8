import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { backupName, parseBackupName } from '../../../src/core/backups/backup-name.ts';
import { outdated } from '../../../src/core/backups/retention.ts';

const DAY = 86_400_000;
/** A Wednesday noon. */
const NOW = Date.UTC(2026, 10, 25, 12);
const DAILY = { everyMs: DAY, keep: 7, keepWeekly: 4 };

const days = (backups: readonly { at: number }[]) => backups.map(({ at }) => Math.round((NOW - at) / DAY));

describe('outdated', () => {
  test('of a daily backup over half a year, a week of days and four weeks are kept', () => {
    const backups = Array.from({ length: 180 }, (_, age) => ({ at: NOW - age * DAY }));
    const old = new Set(outdated(backups, DAILY));
    // Days 0 to 6, and the newest of this week and the three before it (weeks begin on Monday).
    expect(days(backups.filter((backup) => !old.has(backup)))).toEqual([0, 1, 2, 3, 4, 5, 6, 10, 17]);
  });

  test('several of one day count as one, the newest of them', () => {
    const backups = [0, 1, 2, 3].map((hours) => ({ at: NOW - hours * 3_600_000 }));
    expect(outdated(backups, DAILY)).toEqual(backups.slice(1));
  });

  test('time alone removes nothing', () => {
    const backups = [400, 401, 402].map((age) => ({ at: NOW - age * DAY }));
    expect(outdated(backups, DAILY)).toEqual([]);
  });

  test('keeps the newest, and no more than it was told', () => {
    const times = fc.array(fc.integer({ min: 0, max: 400 * DAY }), { maxLength: 60 });
    fc.assert(
      fc.property(times, fc.integer({ min: 1, max: 9 }), fc.integer({ min: 0, max: 9 }), (ages, keep, keepWeekly) => {
        const backups = ages.map((age) => ({ at: NOW - age }));
        const old = new Set(outdated(backups, { everyMs: DAY, keep, keepWeekly }));
        const kept = backups.filter((backup) => !old.has(backup));
        expect(kept.length).toBeLessThanOrEqual(keep + keepWeekly);
        if (backups.length > 0)
          expect(Math.max(...kept.map(({ at }) => at))).toBe(Math.max(...backups.map(({ at }) => at)));
        // What is kept is kept the next time too.
        expect(outdated(kept, { everyMs: DAY, keep, keepWeekly })).toEqual([]);
      }),
    );
  });
});

test('a backup’s name says what it is, and no other name is taken for one', () => {
  const backup = { vault: '9f31c2d4', at: Date.UTC(2026, 10, 23, 22, 15, 4), generation: 1041 };
  expect(backupName(backup)).toBe('keyhold-9f31c2d4-2026-11-23T22-15-04Z-g1041.vault');
  expect(parseBackupName(backupName(backup))).toEqual(backup);
  for (const name of [
    'keyhold-2026-11-23.vault',
    'keyhold-9f31c2d4-2026-11-23T22-15-04Z-g1041.vault.bak',
    'my-keyhold-9f31c2d4-2026-11-23T22-15-04Z-g1041.vault',
    'keyhold-9f31c2d4-2026-99-23T22-15-04Z-g1041.vault',
  ]) {
    expect(parseBackupName(name)).toBeNull();
  }
});
