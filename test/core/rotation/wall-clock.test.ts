import { describe, expect, test } from 'vitest';
import { instantOf, isInWindow, localDate, nextInWindow, wallClock } from '../../../src/core/rotation/wall-clock.ts';
import { seeded } from '../../support/seeded.ts';

const HOUR = 3_600_000;
const BERLIN = 'Europe/Berlin';
/** Offsets of a quarter and of half an hour, a change of half an hour, the south, and a day that was left out. */
const ZONES = [BERLIN, 'America/New_York', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'Pacific/Apia', 'UTC'];
const at = (text: string) => Date.parse(text);

describe('the clock on the wall', () => {
  test('is what it is in the zone, summer and winter', () => {
    expect(wallClock(at('2026-07-01T22:30:00Z'), BERLIN)).toEqual({ year: 2026, month: 7, day: 2, minutes: 30 });
    expect(wallClock(at('2026-12-31T23:30:00Z'), BERLIN)).toEqual({ year: 2027, month: 1, day: 1, minutes: 30 });
    expect(localDate(at('2026-07-01T22:30:00Z'), BERLIN)).toBe('2026-07-02');
  });

  test('leads back to the instant, in every zone and at every time of the year', () => {
    const random = seeded(20);
    for (let tries = 0; tries < 400; tries++) {
      const zone = ZONES[tries % ZONES.length] ?? 'UTC';
      const when = at('2024-01-01T00:00:00Z') + random.below(4 * 365 * 24 * 60) * 60_000;
      const wall = wallClock(when, zone);
      const back = instantOf(wall, zone);
      expect(wallClock(back, zone)).toEqual(wall);
      // Where the clock says it twice, the first.
      expect(back <= when && when - back <= HOUR).toBe(true);
    }
  });

  test('that is put forward or back: what it skips is the moment of the change, what it says twice the first', () => {
    const spring = { year: 2026, month: 3, day: 29, minutes: 150 };
    expect(instantOf(spring, BERLIN)).toBe(at('2026-03-29T01:00:00Z'));
    const autumn = { year: 2026, month: 10, day: 25, minutes: 150 };
    expect(instantOf(autumn, BERLIN)).toBe(at('2026-10-25T00:30:00Z'));
    // Apia had no 30 December 2011.
    expect(instantOf({ year: 2011, month: 12, day: 30, minutes: 720 }, 'Pacific/Apia')).toBe(
      at('2011-12-30T10:00:00Z'),
    );
  });
});

describe('a window', () => {
  const office = { days: ['tue'], from: '09:00', to: '17:00' } as const;
  const window = (given: { days: readonly string[]; from: string; to: string }) =>
    ({
      ...given,
      days: [...given.days],
    }) as Parameters<typeof isInWindow>[0];

  test('is open from its first minute and not in its last, at the same time by the clock all year', () => {
    for (const [date, utc] of [
      ['2026-01-06', 8],
      ['2026-07-07', 7],
    ] as const) {
      const opens = at(`${date}T0${utc}:00:00Z`);
      expect(isInWindow(window(office), opens - 1, BERLIN)).toBe(false);
      expect(isInWindow(window(office), opens, BERLIN)).toBe(true);
      expect(isInWindow(window(office), opens + 8 * HOUR - 1, BERLIN)).toBe(true);
      expect(isInWindow(window(office), opens + 8 * HOUR, BERLIN)).toBe(false);
      expect(nextInWindow(window(office), opens - 24 * HOUR, BERLIN)).toBe(opens);
      expect(nextInWindow(window(office), opens + 9 * HOUR, BERLIN)).toBeGreaterThan(opens + 6 * 24 * HOUR);
    }
  });

  test('that ends in the morning belongs to the evening before', () => {
    const night = window({ days: ['sat'], from: '22:00', to: '04:00' });
    expect(isInWindow(night, at('2026-11-28T23:00:00Z'), 'UTC')).toBe(true);
    expect(isInWindow(night, at('2026-11-29T03:59:00Z'), 'UTC')).toBe(true);
    expect(isInWindow(night, at('2026-11-29T04:00:00Z'), 'UTC')).toBe(false);
    expect(isInWindow(night, at('2026-11-29T23:00:00Z'), 'UTC')).toBe(false);
  });

  test('of a whole day, and over a change of the clock', () => {
    const sunday = window({ days: ['sun'], from: '00:00', to: '00:00' });
    // 23 hours on that day.
    expect(isInWindow(sunday, at('2026-03-28T23:00:00Z'), BERLIN)).toBe(true);
    expect(isInWindow(sunday, at('2026-03-29T21:59:00Z'), BERLIN)).toBe(true);
    expect(isInWindow(sunday, at('2026-03-29T22:00:00Z'), BERLIN)).toBe(false);
    // The clock is put forward past it: there is none that day, and one a week later.
    const lost = window({ days: ['sun'], from: '02:10', to: '02:50' });
    expect(nextInWindow(lost, at('2026-03-28T12:00:00Z'), BERLIN)).toBe(at('2026-04-05T00:10:00Z'));
    // Half of it is left.
    const half = window({ days: ['sun'], from: '02:30', to: '03:30' });
    expect(nextInWindow(half, at('2026-03-28T12:00:00Z'), BERLIN)).toBe(at('2026-03-29T01:00:00Z'));
  });

  test('that opens next is open then, and was not in between', () => {
    const random = seeded(21);
    const time = () => `${String(random.below(24)).padStart(2, '0')}:${random.pick(['00', '30'])}`;
    for (let tries = 0; tries < 120; tries++) {
      const zone = ZONES[tries % ZONES.length] ?? 'UTC';
      const some = window({ days: random.pick([['wed'], ['sun', 'mon']]), from: time(), to: time() });
      const now = at('2026-03-20T00:00:00Z') + random.below(300 * 24 * 60) * 60_000;
      const opens = nextInWindow(some, now, zone) ?? Number.NaN;
      expect(isInWindow(some, opens, zone)).toBe(true);
      for (let look = now; look < opens; look += HOUR / 2) expect(isInWindow(some, look, zone)).toBe(false);
    }
  });
});
