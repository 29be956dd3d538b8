import type { RotationSchedule } from '../../contract/schedule.ts';
import type { Found, Thing, Things } from '../things.ts';
import { dueAt } from './due-at.ts';
import { rotationUnderWay } from './rotations-of-key.ts';
import type { Subject } from './subject.ts';

/** What is said once a day without a schedule. */
const DEFAULT: RotationSchedule = { auto: 'remind' };
const DEFAULT_QUARANTINE_SECONDS = 86_400;

/** Its own counts, or else its account's. */
export function scheduleOf(things: Things, key: Thing<'accessKey'>): RotationSchedule {
  return key.schedule ?? things.must('account', key.account).schedule ?? DEFAULT;
}

/** How long what is replaced is kept where nobody says so: schedules are of access keys. */
export function quarantineOf(things: Things, subject: Subject): number {
  const schedule = subject.kind === 'accessKey' ? scheduleOf(things, subject.value) : DEFAULT;
  return schedule.quarantineSeconds ?? DEFAULT_QUARANTINE_SECONDS;
}

export function isSnoozed(key: Thing<'accessKey'>, now: number): boolean {
  return key.snoozedUntil !== undefined && key.snoozedUntil > now;
}

/** Keys that are older than they may be, are not being rotated, and that nobody has put off. */
export function dueKeys(things: Things, now: number): Found<'accessKey'>[] {
  return things
    .all('accessKey')
    .filter(
      ({ id, value }) =>
        (dueAt(things, value) ?? Number.POSITIVE_INFINITY) <= now &&
        !isSnoozed(value, now) &&
        rotationUnderWay(things, id) === undefined,
    );
}
