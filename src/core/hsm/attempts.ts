import { KeyholdError } from '../../contract/errors.ts';
import type { TokenState } from './state.ts';

const FREE_FAILURES = 5;
const LONGEST_WAIT_SECONDS = 60;

/**
 * Refuses with `TooManyAttempts` while the wait after the last wrong secret runs: none for the first four, then 1, 2, 4 … 60 s. A
 * refused attempt costs no Argon2id and does not lengthen the wait.
 */
export function requireAttemptAllowed(state: TokenState): void {
  const { failures, lastFailure } = state.attempts;
  if (failures < FREE_FAILURES) return;
  const wait = Math.min(2 ** (failures - FREE_FAILURES), LONGEST_WAIT_SECONDS);
  const remaining = lastFailure + wait * 1000 - state.ports.clock.monotonic();
  if (remaining <= 0) return;
  const retryAfterSeconds = Math.ceil(remaining / 1000);
  throw new KeyholdError('TooManyAttempts', `Too many wrong secrets. Wait ${retryAfterSeconds} s and try again.`, {
    retryAfterSeconds,
  });
}

export function noteAttempt(state: TokenState, succeeded: boolean): void {
  state.attempts = succeeded
    ? { failures: 0, lastFailure: 0 }
    : { failures: state.attempts.failures + 1, lastFailure: state.ports.clock.monotonic() };
}
