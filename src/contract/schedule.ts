import { z } from 'zod';

/** In order, as ISO 8601 counts them. */
export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export const Weekday = z.enum(WEEKDAYS);
export type Weekday = z.infer<typeof Weekday>;

const TimeOfDay = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'a time of day looks like 09:00');

/** By the clock on the wall, in the time zone of this machine. One that does not end after it begins goes into the next day. */
export const RotationWindow = z.strictObject({
  days: z.array(Weekday).min(1, 'name at least one day').max(7),
  from: TimeOfDay,
  to: TimeOfDay,
});
export type RotationWindow = z.infer<typeof RotationWindow>;

/** How long the old key is kept, switched off, before it is deleted. */
export const QuarantineSeconds = z
  .int()
  .min(0)
  .max(366 * 86_400, 'a quarantine lasts at most 366 days');

/** What becomes of keys that are due: nothing, a word once a day, or a rotation in the window (at any time, without one). */
export const RotationSchedule = z.strictObject({
  auto: z.enum(['off', 'remind', 'rotate']),
  window: RotationWindow.optional(),
  quarantineSeconds: QuarantineSeconds.optional(),
});
export type RotationSchedule = z.infer<typeof RotationSchedule>;
