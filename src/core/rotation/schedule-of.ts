import type { RotationSchedule } from '../../contract/schedule.ts';
import type { Found, Thing, Things } from '../things.ts';
import { dueAt } from './due-at.ts';
import { rotationsOfKey, rotationUnderWay } from './rotations-of-key.ts';
import type { Subject } from './subject.ts';

/** What is said once a day without a schedule. */
const DEFAULT: RotationSchedule = { auto: 'remind' };
const DEFAULT_QUARANTINE_SECONDS = 86_400;
const DAY_MS = 86_400_000;

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

/** Why a key that is to be rotated by itself is not, in a sentence. Undefined where nothing is in the way. */
export function whyNotByItself(things: Things, { id, value }: Found<'accessKey'>, now: number): string | undefined {
  if (value.gate !== undefined) return 'It wants a touch of a security key, so somebody has to begin it.';
  const last = rotationsOfKey(things, id)[0]?.value;
  if (last?.endedAt === undefined || last.outcome === 'done' || last.endedAt + DAY_MS <= now) return undefined;
  return last.outcome === 'rolledBack'
    ? 'Its rotation was taken back less than a day ago.'
    : `Its rotation was refused less than a day ago. ${last.evidence.at(-1)?.text ?? ''}`.trim();
}
