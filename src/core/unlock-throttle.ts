import { KeyholdError } from '../contract/errors.ts';
import type { UnlockFailures } from './vault/unlock-failures.ts';

const FREE_FAILURES = 5;
const MAX_DELAY_SECONDS = 60;

/**
 * Seconds until another secret may be tried: none for the first five failures in a row, then 1, 2, 4 … 60. The failures are kept in the vault file, so
 * restarting the daemon does not shorten the wait; Argon2id is what really holds a guesser up.
 */
export function retryAfterSeconds({ count, lastAt }: UnlockFailures, now: number): number {
  if (count < FREE_FAILURES) return 0;
  const delay = Math.min(MAX_DELAY_SECONDS, 2 ** Math.min(count - FREE_FAILURES, 16)) * 1000;
  // A clock set back must not lengthen the wait beyond the delay itself.
  const since = Math.max(0, now - lastAt);
  return Math.max(0, Math.ceil((delay - since) / 1000));
}

/** Throws `TooManyAttempts` while the wait lasts. */
export function assertAttemptAllowed(failures: UnlockFailures, now: number): void {
  const seconds = retryAfterSeconds(failures, now);
  if (seconds === 0) return;
  throw new KeyholdError('TooManyAttempts', `Too many wrong attempts. Wait ${seconds} s and try again.`, {
    retryAfterSeconds: seconds,
  });
}
