import { KeyholdError } from '../../contract/errors.ts';

const MOST_WAITING = 32;

/** A queue of one worker. More than 32 waiting are refused: each would cost a full Argon2id. */
export function createExclusive(): <T>(run: () => Promise<T>) => Promise<T> {
  let tail: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  return async (run) => {
    if (waiting >= MOST_WAITING) {
      throw new KeyholdError(
        'TooManyAttempts',
        'Too many secrets are being tried at once. Wait a moment and try again.',
        {
          retryAfterSeconds: 1,
        },
      );
    }
    waiting++;
    const turn = tail.then(run);
    tail = turn.catch(() => undefined);
    try {
      return await turn;
    } finally {
      waiting--;
    }
  };
}
