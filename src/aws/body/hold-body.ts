import type { DoorParts } from '../door-parts.ts';
import type { Exchange } from '../exchange.ts';
import { AwsError } from '../protocol/aws-error.ts';
import { bodyChunks, bodyThere, hasBody } from './body-chunks.ts';

/**
 * Reads the whole body into memory. For signatures that cover a hash which was not declared, for form bodies (the action is in them)
 * and for small bodies.
 * @throws AwsError `BodyTooLarge`, `Busy`, `RequestTimeout`; ClientGone
 */
export async function holdBody(x: Exchange, door: DoorParts, onStart: () => void): Promise<Buffer> {
  if (!hasBody(x)) return Buffer.alloc(0);
  const { limits, clock, held } = door;
  const tooLarge = (): AwsError =>
    new AwsError(
      'BodyTooLarge',
      `The request body is larger than ${limits.bodyBufferBytes} bytes, the most that Keyhold holds.`,
    );
  if (Number(x.header('content-length') ?? 0) > limits.bodyBufferBytes) throw tooLarge();
  const deadline = clock.monotonic() + limits.bodyBufferMs;
  const parts: Buffer[] = [];
  let length = 0;
  // Given back when the answer is through: until then the bytes are in memory.
  x.response.once('close', () => {
    held.bytes -= length;
  });
  const take = (chunk: Buffer): void => {
    length += chunk.length;
    held.bytes += chunk.length;
    if (length > limits.bodyBufferBytes) throw tooLarge();
    if (held.bytes > limits.bodyBufferTotalBytes) {
      throw new AwsError('Busy', 'Keyhold is holding too many request bodies at once; try again in a moment.');
    }
    if (clock.monotonic() > deadline) {
      throw new AwsError('RequestTimeout', `The request body took longer than ${limits.bodyBufferMs / 1000} seconds.`);
    }
    parts.push(chunk);
  };
  const there = bodyThere(x);
  if (there !== undefined) {
    onStart();
    take(there);
    return there;
  }
  x.waited = true;
  for await (const chunk of bodyChunks(x, clock, limits.bodyIdleMs, onStart)) take(chunk);
  return Buffer.concat(parts, length);
}
