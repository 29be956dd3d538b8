import { KeyholdError } from '../../contract/errors.ts';
import type { Clock } from '../ports.ts';

const FREE_FAILURES = 5;
const LONGEST_WAIT_SECONDS = 60;

/** Wrong secrets since the last right one. */
export interface Attempts {
  failures: number;
  /** Monotonic, ms. */
  lastFailure: number;
}

export const NO_ATTEMPTS: Attempts = { failures: 0, lastFailure: 0 };

type MonotonicClock = Pick<Clock, 'monotonic'>;

/**
 * Refuses with `TooManyAttempts` while the wait after the last wrong secret runs: none for the first four, then 1, 2, 4 … 60 s. A
 * refused attempt costs no Argon2id and does not lengthen the wait.
 */
export function requireAttemptAllowed({ failures, lastFailure }: Attempts, clock: MonotonicClock): void {
  if (failures < FREE_FAILURES) return;
  const wait = Math.min(2 ** (failures - FREE_FAILURES), LONGEST_WAIT_SECONDS);
  const remaining = lastFailure + wait * 1000 - clock.monotonic();
  if (remaining <= 0) return;
  const retryAfterSeconds = Math.ceil(remaining / 1000);
  throw new KeyholdError('TooManyAttempts', `Too many wrong secrets. Wait ${retryAfterSeconds} s and try again.`, {
    retryAfterSeconds,
  });
}

export function afterAttempt({ failures }: Attempts, clock: MonotonicClock, succeeded: boolean): Attempts {
  return succeeded ? NO_ATTEMPTS : { failures: failures + 1, lastFailure: clock.monotonic() };
}
