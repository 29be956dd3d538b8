import type { IncomingMessage } from 'node:http';
import { REVOCATION_WORDS } from '../../core/sessions/revocation-words.ts';

/** What services answer to a session that is no more: JSON services and query ones have names of their own, and S3 another. */
const ENDED =
  /\b(?:ExpiredToken|ExpiredTokenException|InvalidClientTokenId|InvalidAccessKeyId|InvalidToken|UnrecognizedClientException|TokenRefreshRequired)\b/;
const STATUS: ReadonlySet<number> = new Set([400, 401, 403]);
/** Errors are short; of anything longer only the beginning is looked at. */
const MOST_BYTES = 8192;

interface Told {
  /** AWS says that the session which signed the request has ended. */
  ended(): void;
  /** AWS denies the request in the words that it has for a revoked session as well. */
  denied(): void;
}

/** Looks at an answer as it passes, and tells once what AWS says in it of the session that signed the request. Changes nothing of it. */
export function watchForEnd(answer: IncomingMessage, { ended, denied }: Told): void {
  if (!STATUS.has(answer.statusCode ?? 0)) return;
  const named = answer.headers['x-amzn-errortype'];
  if (typeof named === 'string' && ENDED.test(named)) {
    ended();
    return;
  }
  let text = '';
  const look = (chunk: Buffer): void => {
    text += chunk.subarray(0, MOST_BYTES - text.length).toString('latin1');
    const found = ENDED.test(text);
    if (found || text.length >= MOST_BYTES) answer.off('data', look);
    if (found) ended();
  };
  answer.on('data', look);
  // Only then is it known that no policy is named.
  answer.on('end', () => {
    if (REVOCATION_WORDS.test(text) && !ENDED.test(text)) denied();
  });
}
