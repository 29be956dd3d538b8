import { describe, expect, test } from 'vitest';
import type { HsmResponseFrame } from '../../../src/core/hsm/protocol.ts';
import { serve } from '../../../src/core/hsm/serve.ts';
import { wipedOnceSent } from '../../../src/core/hsm/wiped-once-sent.ts';

const tick = () => new Promise((resolve) => setImmediate(resolve));
const frames = (...ids: number[]) => ids.map((id) => ({ id, op: 'echo', input: id }));

/** Answers what it was given, after `before` of it. */
function serving(before: (id: unknown) => Promise<void> | void = () => undefined) {
  const begun: unknown[] = [];
  const posted: number[][] = [];
  const receive = serve(
    {
      async handle(_op, input) {
        begun.push(input);
        await before(input);
        return input;
      },
    },
    (answers: HsmResponseFrame[]) => posted.push(answers.map(({ id }) => id)),
  );
  return { begun, posted, receive };
}

describe('serving a batch', () => {
  test('begins in order and answers in small groups', async () => {
    const { begun, posted, receive } = serving();
    const ids = Array.from({ length: 20 }, (_, index) => index + 1);
    receive(frames(...ids));
    await tick();
    await tick();
    expect(begun).toEqual(ids);
    expect(posted.flat()).toEqual(ids);
    expect(Math.max(...posted.map(({ length }) => length))).toBeLessThanOrEqual(8);
  });

  test('lets nobody wait for an operation that takes long', async () => {
    let finish = (): void => undefined;
    const { posted, receive } = serving((id) => (id === 1 ? new Promise<void>((done) => (finish = done)) : undefined));
    receive(frames(1, 2));
    await tick();
    await tick();
    expect(posted.flat()).toEqual([2]);
    finish();
    await tick();
    await tick();
    expect(posted.flat()).toEqual([2, 1]);
  });

  test('answers batches that come while another is worked on, and none that is empty or no batch', async () => {
    const { posted, receive } = serving();
    receive([]);
    receive('nonsense');
    receive(frames(1, 2));
    receive(frames(3));
    await tick();
    await tick();
    expect(posted.flat()).toEqual([1, 2, 3]);
  });

  test('wipes what an answer was the last place of, once it has been sent', async () => {
    const [secret, kept] = [new Uint8Array(4).fill(7), new Uint8Array(4).fill(8)];
    const posted: HsmResponseFrame[] = [];
    const receive = serve({ handle: async () => ({ seed: wipedOnceSent(secret), kept }) }, (answers) =>
      posted.push(...structuredClone(answers)),
    );
    receive(frames(1));
    await tick();
    await tick();
    expect(posted).toEqual([{ id: 1, output: { seed: new Uint8Array(4).fill(7), kept } }]);
    expect([...secret]).toEqual([0, 0, 0, 0]);
    expect([...kept]).toEqual([8, 8, 8, 8]);
  });

  test('answers what is no frame with nothing, and goes on', async () => {
    const { posted, receive } = serving();
    receive([null, { id: 'x' }, ...frames(7)]);
    await tick();
    await tick();
    expect(posted).toEqual([[7]]);
  });
});
