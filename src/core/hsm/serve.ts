import { type Answering, answer } from './answer.ts';
import type { HsmResponseFrame } from './protocol.ts';
import { wipeSent } from './wiped-once-sent.ts';

/** So many answers leave together: with more of them the daemon would wait for the last before it goes on with the first. */
const ANSWERS_TOGETHER = 8;
/** An operation that has taken so long (ms) is answered at once, and so is what was answered before it. */
const SLOW_MS = 0.1;

/**
 * Answers batches of request frames, begun in order. Answers that become ready together leave together, in small groups: each message costs both processes something,
 * and while this one works the other should too. A slow Argon2id never holds up a signature. `post` has copied what it is given when it
 * returns.
 */
export function serve(token: Answering, post: (frames: HsmResponseFrame[]) => void): (batch: unknown) => void {
  const waiting: unknown[] = [];
  let outbox: HsmResponseFrame[] = [];
  const flush = (): void => {
    if (outbox.length === 0) return;
    const frames = outbox;
    outbox = [];
    post(frames);
    for (const frame of frames) if ('output' in frame) wipeSent(frame.output);
  };
  const reply = async (frame: unknown): Promise<void> => {
    const started = performance.now();
    const answering = answer(token, frame);
    const slow = performance.now() - started > SLOW_MS;
    const response = await answering;
    if (response === null) return;
    if (outbox.length === 0) setImmediate(flush);
    outbox.push(response);
    if (slow || outbox.length >= ANSWERS_TOGETHER) flush();
  };
  const next = (): void => {
    const frame = waiting.shift();
    void reply(frame);
    // After the answer to this one, where it is ready at once.
    if (waiting.length > 0) queueMicrotask(next);
  };
  return (batch) => {
    if (!Array.isArray(batch) || batch.length === 0) return;
    const idle = waiting.length === 0;
    waiting.push(...batch);
    if (idle) next();
  };
}
