import type { Clock } from '../../core/ports.ts';
import type { Exchange } from '../exchange.ts';

/**
 * Reads and drops what is left of a request, for at most `lingerMs`. Closing a connection with unread bytes resets it, and the client
 * would then never see the answer it was just sent.
 */
export function drainRequest(x: Exchange, clock: Clock, lingerMs: number): Promise<void> {
  const { request } = x;
  if (request.complete || request.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      timer.cancel();
      resolve();
    };
    const timer = clock.setTimer(lingerMs, done);
    request.once('end', done).once('close', done).once('error', done);
    // A listener, not only resume(): a pending read of the pipeline may still hold the stream.
    request.on('data', () => {}).resume();
  });
}
