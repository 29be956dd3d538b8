import { type RotationWindow, WEEKDAYS, type Weekday } from '../../contract/schedule.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** Days until the same day of the week, and one more where the window of the first is lost to a clock that is put forward. */
const MOST_DAYS = 15;

/** What calendar and clock on a wall say; `month` from 1. */
export interface WallClock {
  year: number;
  month: number;
  day: number;
  /** Since midnight, as the clock says: a day with a change of the clock has others. */
  minutes: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat('en-US-u-ca-gregory-nu-latn', {
    timeZone: zone,
    hourCycle: 'h23',
    ...{ year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric' },
  });
  formats.set(zone, made);
  return made;
}

/** `zone` is an IANA name. */
export function wallClock(at: number, zone: string): WallClock {
  const parts = new Map(
    formatOf(zone)
      .formatToParts(at)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const of = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? Number.NaN;
  return { year: of('year'), month: of('month'), day: of('day'), minutes: of('hour') * 60 + of('minute') };
}

/** The first instant at which the clock on the wall says this, or, where it is put forward past it, the one at which that happens. */
export function instantOf(wall: WallClock, zone: string): number {
  const wanted = asUtc(wall);
  const shown = (at: number): number => asUtc(wallClock(at, zone));
  const offsets = [wanted - DAY_MS, wanted + DAY_MS].map((at) => shown(at) - at);
  const fits = offsets.map((offset) => wanted - offset).filter((at) => shown(at) === wanted);
  if (fits.length > 0) return Math.min(...fits);
  let [before, after] = [wanted - Math.max(...offsets), wanted - Math.min(...offsets)];
  while (after - before > MINUTE_MS) {
    const middle = before + Math.floor((after - before) / 2 / MINUTE_MS) * MINUTE_MS;
    if (shown(middle) < wanted) before = middle;
    else after = middle;
  }
  return after;
}

function asUtc({ year, month, day, minutes }: WallClock): number {
  return Date.UTC(year, month - 1, day, 0, minutes);
}

function weekdayOf({ year, month, day }: WallClock): Weekday {
  // 1970-01-01 was a Thursday.
  const days = Math.floor(Date.UTC(year, month - 1, day) / DAY_MS);
  return WEEKDAYS[(((days + 3) % 7) + 7) % 7] ?? 'mon';
}

function later(wall: WallClock, days: number): WallClock {
  const date = new Date(Date.UTC(wall.year, wall.month - 1, wall.day + days));
  return { ...wall, year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
}

function minutesOf(time: string): number {
  const [hours = '0', minutes = '0'] = time.split(':');
  return Number(hours) * 60 + Number(minutes);
}

export function isInWindow({ days, from, to }: RotationWindow, at: number, zone: string): boolean {
  const wall = wallClock(at, zone);
  const [begin, end] = [minutesOf(from), minutesOf(to)];
  const today = days.includes(weekdayOf(wall));
  if (begin < end) return today && wall.minutes >= begin && wall.minutes < end;
  return (today && wall.minutes >= begin) || (days.includes(weekdayOf(later(wall, -1))) && wall.minutes < end);
}

/** When the window is open next, which may be now; undefined for one that a change of the clock swallows each time. */
export function nextInWindow(window: RotationWindow, at: number, zone: string): number | undefined {
  if (isInWindow(window, at, zone)) return at;
  const today = { ...wallClock(at, zone), minutes: minutesOf(window.from) };
  for (let ahead = 0; ahead < MOST_DAYS; ahead++) {
    const wall = later(today, ahead);
    if (!window.days.includes(weekdayOf(wall))) continue;
    const opens = instantOf(wall, zone);
    if (opens > at && isInWindow(window, opens, zone)) return opens;
  }
  return undefined;
}

/** `2026-11-29`, where the zone is at that time. */
export function localDate(at: number, zone: string): string {
  const { year, month, day } = wallClock(at, zone);
  return `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
}
