import { type Answering, answer } from './answer.ts';
import type { HsmResponseFrame } from './protocol.ts';

/**
 * Answers batches of request frames. Answers that become ready together leave together, so a slow Argon2id never holds up a
 * signature.
 */
export function serve(token: Answering, post: (frames: HsmResponseFrame[]) => void): (batch: unknown) => void {
  let outbox: HsmResponseFrame[] = [];
  const flush = (): void => {
    const frames = outbox;
    outbox = [];
    post(frames);
  };
  const reply = async (frame: unknown): Promise<void> => {
    const response = await answer(token, frame);
    if (response === null) return;
    if (outbox.length === 0) setImmediate(flush);
    outbox.push(response);
  };
  return (batch) => {
    if (!Array.isArray(batch)) return;
    for (const frame of batch) void reply(frame);
  };
}
