import { type RotationSchedule, type RotationWindow, WEEKDAYS, type Weekday } from '../../../contract/schedule.ts';
import type { AccessKey, Account } from '../../../contract/schemas.ts';
import { quarantineWords } from './rotation-words.ts';

const DAYS: Readonly<Record<Weekday, string>> = {
  mon: 'Mon',
  tue: 'Tue',
  wed: 'Wed',
  thu: 'Thu',
  fri: 'Fri',
  sat: 'Sat',
  sun: 'Sun',
};

export const WEEKDAY_CHIPS = WEEKDAYS.map((id) => ({ id, label: DAYS[id] }));

/** What counts for a key: its own schedule, or else its account’s. */
export function scheduleOf(
  key: Pick<AccessKey, 'schedule'>,
  account: Pick<Account, 'schedule'> | undefined,
): { schedule: RotationSchedule | undefined; from: 'key' | 'account' | 'none' } {
  if (key.schedule !== undefined) return { schedule: key.schedule, from: 'key' };
  return { schedule: account?.schedule, from: account?.schedule === undefined ? 'none' : 'account' };
}

/** `Mon–Fri`, `Tue, Thu` */
export function daysWords(days: readonly Weekday[]): string {
  const indexes = WEEKDAYS.flatMap((day, index) => (days.includes(day) ? [index] : []));
  const first = indexes[0];
  const last = indexes.at(-1);
  if (first === undefined || last === undefined) return 'no day';
  if (indexes.length === 7) return 'every day';
  const name = (index: number) => DAYS[WEEKDAYS[index] ?? 'mon'];
  if (indexes.length > 2 && last - first === indexes.length - 1) return `${name(first)}–${name(last)}`;
  return indexes.map(name).join(', ');
}

export function windowWords({ days, from, to }: RotationWindow): string {
  return `${daysWords(days)}, ${from}–${to}`;
}

/** What becomes of a key that is due, in a few words; without a schedule, what is usual. */
export function scheduleWords(schedule: RotationSchedule | undefined): string {
  switch (schedule?.auto) {
    case undefined:
      return 'A reminder once a day (usual)';
    case 'off':
      return 'Shown here alone';
    case 'remind':
      return 'A reminder once a day';
    case 'rotate': {
      const when = schedule.window === undefined ? 'at any time' : windowWords(schedule.window);
      const kept =
        schedule.quarantineSeconds === undefined ? '' : `, quarantine ${quarantineWords(schedule.quarantineSeconds)}`;
      return `Rotated by itself, ${when}${kept}`;
    }
  }
}

/** What is wrong with a time of day, or null. */
export function timeError(text: string): string | null {
  return /^(?:[01]\d|2[0-3]):[0-5]\d$/.test(text.trim()) ? null : 'Write it like 09:00.';
}
