import { connect } from 'node:net';
import { expect, it } from 'vitest';
import type { TouchCall } from '../../src/core/gates/touch-call.ts';
import { startHarness } from './harness.ts';

/** A client that hangs up while its request is under way; `ask` is when the signal is asked for. */
async function hangUp(ask: 'before' | 'after'): Promise<AbortSignal> {
  const harness = await startHarness();
  const seen = Promise.withResolvers<TouchCall>();
  const done = Promise.withResolvers<void>();
  harness.fake.backend.onBehalfOf = async (call, work) => {
    seen.resolve(call);
    await done.promise;
    return work();
  };
  const socket = connect(harness.door.port, '127.0.0.1');
  socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
  const call = await seen.promise;
  const early = ask === 'before' ? call.signal : undefined;
  expect(early?.aborted ?? false).toBe(false);
  socket.destroy();
  const signal = async (): Promise<AbortSignal | undefined> => early ?? call.signal;
  await expect.poll(async () => (await signal())?.aborted).toBe(true);
  done.resolve();
  const found = await signal();
  if (found === undefined) throw new Error('a request has no signal');
  return found;
}

it('whoever asks for a touch hears that the client has hung up', async () => {
  expect((await hangUp('before')).aborted).toBe(true);
});

it('and hears it, too, when it has done so before', async () => {
  expect((await hangUp('after')).aborted).toBe(true);
});
