import { type RotationWindow, WEEKDAYS, type Weekday } from '../../contract/schedule.ts';
import { usageError } from '../errors.ts';

const WINDOW = /^(\S+) (\d{1,2}:\d\d)\s?[-–]\s?(\d{1,2}:\d\d)$/;

/** `Tue 09:00-17:00`, `mon-fri 22:00-04:00`, `sat,sun 08:00-20:00`, `daily 02:00-05:00`. Throws `InvalidInput`. */
export function parseWindow(text: string): RotationWindow {
  const [, days, from, to] = WINDOW.exec(text.trim().toLowerCase().replace(/\s+/g, ' ')) ?? [];
  if (days === undefined || from === undefined || to === undefined) {
    throw usageError(
      `"${text}" is no window. Write it like "tue 09:00-17:00", "mon-fri 22:00-04:00" or "daily 02:00-05:00".`,
    );
  }
  return { days: parseDays(days), from: from.padStart(5, '0'), to: to.padStart(5, '0') };
}

export function windowText({ days, from, to }: RotationWindow): string {
  const named = days.length === WEEKDAYS.length ? 'daily' : days.join(',');
  return `${named} ${from}-${to}`;
}

function parseDays(text: string): Weekday[] {
  if (text === 'daily') return [...WEEKDAYS];
  const chosen = new Set(text.split(',').flatMap(parseRange));
  return WEEKDAYS.filter((day) => chosen.has(day));
}

function parseRange(text: string): Weekday[] {
  const [first, last = first] = text.split('-').map(indexOf);
  if (first === undefined || last === undefined) throw usageError(`"${text}" is no day of the week.`);
  const length = ((last - first + 7) % 7) + 1;
  return Array.from({ length }, (_, ahead) => WEEKDAYS[(first + ahead) % 7] ?? 'mon');
}

function indexOf(text: string): number {
  const found = WEEKDAYS.findIndex((day) => text.length >= 2 && (text.startsWith(day) || day.startsWith(text)));
  if (found === -1) throw usageError(`"${text}" is no day of the week; they are ${WEEKDAYS.join(', ')}, or daily.`);
  return found;
}
