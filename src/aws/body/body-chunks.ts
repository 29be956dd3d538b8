import type { Clock } from '../../core/ports.ts';
import type { Exchange } from '../exchange.ts';
import { AwsError } from '../protocol/aws-error.ts';

/** The client's connection ended before its request or its answer did. There is nobody to answer. */
export class ClientGone extends Error {
  override readonly name = 'ClientGone';
}

/** Whether the request has a body at all (RFC 9112 section 6.3). */
export function hasBody(x: Exchange): boolean {
  return x.header('transfer-encoding') !== undefined || !/^0*$/.test(x.header('content-length') ?? '');
}

/** Tells a client that waits for it to send its body. Does nothing the second time. */
export function continueOnce(x: Exchange): () => void {
  let done = !x.expectsContinue;
  return () => {
    if (done) return;
    done = true;
    x.response.writeContinue();
  };
}

/** The whole body, where all of it has come with the header, as small ones do; undefined otherwise, and then nothing of it has been read. */
export function bodyThere(x: Exchange): Buffer | undefined {
  const { request } = x;
  const length = x.header('transfer-encoding') === undefined ? Number(x.header('content-length')) : Number.NaN;
  if (request.readableLength === 0 || request.readableLength !== length) return undefined;
  const there = bytesOf(request.read());
  x.audit.bytesIn += there.length;
  return there;
}

/**
 * The body as it arrives; asks for the next piece only when the one before is done with (back-pressure). `onStart` runs before the
 * first piece is awaited.
 * @throws AwsError `RequestTimeout` when the client sends nothing for `idleMs`; ClientGone
 */
export async function* bodyChunks(
  x: Exchange,
  clock: Clock,
  idleMs: number,
  onStart: () => void,
): AsyncGenerator<Buffer> {
  onStart();
  const request = x.request;
  // Most bodies have come with their header. Waiting for those costs more than checking the signature.
  if (request.readableLength > 0) {
    const there = bytesOf(request.read());
    x.audit.bytesIn += there.length;
    yield there;
    if (x.header('transfer-encoding') === undefined && there.length === Number(x.header('content-length'))) return;
  }
  // Leaving the loop early must not tear down the connection: an answer is still to be written.
  const iterator: AsyncIterator<unknown> = request.iterator({ destroyOnReturn: false });
  for (;;) {
    const next = await withTimeout(iterator.next(), clock, idleMs);
    if (next.done === true) return;
    const chunk = bytesOf(next.value);
    x.audit.bytesIn += chunk.length;
    yield chunk;
  }
}

function bytesOf(value: unknown): Buffer {
  if (!Buffer.isBuffer(value)) throw new TypeError('A request body must be read as bytes.');
  return value;
}

function withTimeout<T>(promise: Promise<T>, clock: Clock, milliseconds: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = clock.setTimer(milliseconds, () => {
      reject(new AwsError('RequestTimeout', `The request body stopped arriving for ${milliseconds / 1000} seconds.`));
    });
    promise.then(
      (value) => {
        timer.cancel();
        resolve(value);
      },
      (error: unknown) => {
        timer.cancel();
        reject(new ClientGone('The client closed the connection before its request was complete.', { cause: error }));
      },
    );
  });
}
