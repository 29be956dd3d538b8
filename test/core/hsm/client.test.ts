import { describe, expect, test } from 'vitest';
import { createHsmClient } from '../../../src/core/hsm/client.ts';
import type { HsmRequestFrame, HsmResponseFrame } from '../../../src/core/hsm/protocol.ts';
import type { HsmChannel } from '../../../src/core/ports.ts';
import { createTestVault, inProcessHsm, startTestHsm } from '../../support/hsm.ts';

/** A channel whose other end is the test. */
function fakeChannel() {
  const batches: HsmRequestFrame[][] = [];
  let deliver: (frames: HsmResponseFrame[]) => void = () => undefined;
  let exit: (info: { code: number | null; signal: string | null }) => void = () => undefined;
  let broken = false;
  const channel: HsmChannel = {
    pid: 7,
    send(frames) {
      if (broken) throw new Error('closed');
      batches.push(frames);
    },
    onFrames: (listener) => {
      deliver = listener;
    },
    onExit: (listener) => {
      exit = listener;
    },
    kill: async () => exit({ code: null, signal: 'SIGKILL' }),
  };
  return {
    channel,
    batches,
    deliver: (...frames: HsmResponseFrame[]) => deliver(frames),
    exit: () => exit({ code: 70, signal: null }),
    breakPipe: () => {
      broken = true;
    },
  };
}

const tick = () => new Promise((resolve) => setImmediate(resolve));
const REF = { id: 'ab'.repeat(16), version: 4 };

describe('the HSM client', () => {
  test('sends a first call at once, the others of one turn together, and pairs answers by id in any order', async () => {
    const { channel, batches, deliver } = fakeChannel();
    const hsm = createHsmClient(channel);
    const calls = [1, 2, 3].map((length) => hsm.call('random', { length }));
    await tick();
    expect(batches.map(({ length }) => length)).toEqual([1, 2]);
    const frames = batches.flat();
    expect(frames.map(({ op, input }) => [op, input])).toEqual([1, 2, 3].map((length) => ['random', { length }]));
    expect(new Set(frames.map(({ id }) => id)).size).toBe(3);
    for (const frame of [...frames].reverse()) deliver({ id: frame.id, output: frame.input });
    deliver({ id: 999, output: 'nobody asked' });
    expect(await Promise.all(calls)).toEqual([1, 2, 3].map((length) => ({ length })));
  });

  test('keeps the blob back, and sends it once when it is asked for', async () => {
    const { channel, batches, deliver } = fakeChannel();
    const hsm = createHsmClient(channel);
    const blob = Uint8Array.of(1, 2, 3);
    const call = hsm.call('objectInfo', { key: { ...REF, blob } });
    await tick();
    const id = batches[0]?.[0]?.id ?? 0;
    expect(batches[0]?.[0]?.input).toEqual({ key: REF });
    deliver({ id, unknownObject: REF.id });
    await tick();
    expect(batches[1]).toEqual([{ id, op: 'objectInfo', input: { key: { ...REF, blob } } }]);
    deliver({ id, unknownObject: REF.id });
    await expect(call).rejects.toMatchObject({ code: 'Internal' });
  });

  test('loads a blob that the call did not carry', async () => {
    const { channel, batches, deliver } = fakeChannel();
    const asked: unknown[] = [];
    const blob = Uint8Array.of(9);
    const hsm = createHsmClient(channel, {
      loadBlob: async (...wanted) => {
        asked.push(wanted);
        return { version: REF.version, blob };
      },
    });
    const call = hsm.call('openToken', { key: REF });
    await tick();
    const id = batches[0]?.[0]?.id ?? 0;
    deliver({ id, unknownObject: REF.id });
    await expect.poll(() => batches.length).toBe(2);
    expect(asked).toEqual([[REF.id]]);
    expect(batches[1]?.[0]?.input).toEqual({ key: { ...REF, blob } });
    deliver({ id, output: { token: blob } });
    expect(await call).toEqual({ token: blob });
  });

  test('a blob goes with the version that it is of, should a commit have replaced the object meanwhile', async () => {
    const { channel, batches, deliver } = fakeChannel();
    const blob = Uint8Array.of(9);
    let version = REF.version + 2;
    const hsm = createHsmClient(channel, { loadBlob: () => ({ version, blob }) });
    const call = hsm.call('openToken', { key: REF });
    await tick();
    const id = batches[0]?.[0]?.id ?? 0;
    deliver({ id, unknownObject: REF.id });
    await expect.poll(() => batches.length).toBe(2);
    expect(batches[1]?.[0]?.input).toEqual({ key: { id: REF.id, version, blob } });
    deliver({ id, output: { token: blob } });
    await call;

    version = REF.version - 1;
    const older = hsm.call('openToken', { key: REF });
    await tick();
    deliver({ id: batches[2]?.[0]?.id ?? 0, unknownObject: REF.id });
    await expect(older).rejects.toMatchObject({ code: 'HsmRefused', message: expect.stringContaining('Try again') });
    expect(batches).toHaveLength(3);
  });

  test('a blob that cannot be loaded rejects the call, with what the loader said', async () => {
    const { channel, batches, deliver } = fakeChannel();
    const none = createHsmClient(channel);
    const call = none.call('openToken', { key: REF });
    await tick();
    deliver({ id: batches[0]?.[0]?.id ?? 0, unknownObject: REF.id });
    await expect(call).rejects.toMatchObject({ code: 'NotFound' });

    const second = fakeChannel();
    const failing = createHsmClient(second.channel, { loadBlob: () => Promise.reject(new Error('disk')) });
    const other = failing.call('openToken', { key: REF });
    await tick();
    second.deliver({ id: second.batches[0]?.[0]?.id ?? 0, unknownObject: REF.id });
    await expect(other).rejects.toMatchObject({ code: 'Internal', cause: new Error('disk') });
  });

  test('errors come back as they were, typed', async () => {
    const { channel, batches, deliver } = fakeChannel();
    const call = createHsmClient(channel).call('sealKey', {});
    await tick();
    const error = { code: 'TooManyAttempts' as const, message: 'Wait.', details: { retryAfterSeconds: 4 } };
    deliver({ id: batches[0]?.[0]?.id ?? 0, error });
    await expect(call).rejects.toMatchObject(error);
  });

  test('when the process ends, everything pending is HsmCrashed, and everything after', async () => {
    const { channel, exit } = fakeChannel();
    const hsm = createHsmClient(channel);
    const exits: unknown[] = [];
    hsm.onExit((info) => exits.push(info));
    const pending = [hsm.call('sealKey', {}), hsm.call('random', { length: 1 })];
    await tick();
    const unsent = hsm.call('sealKey', {});
    exit();
    for (const call of [...pending, unsent, hsm.call('sealKey', {})]) {
      await expect(call).rejects.toMatchObject({ code: 'HsmCrashed' });
    }
    hsm.onExit((info) => exits.push(info));
    const info = { code: 70, signal: null, expected: false };
    expect(exits).toEqual([info, info]);
  });

  test('kill() rejects with Locked: that end was wanted', async () => {
    const { channel } = fakeChannel();
    const hsm = createHsmClient(channel);
    const exits: unknown[] = [];
    hsm.onExit((info) => exits.push(info));
    const pending = hsm.call('sealKey', {});
    await hsm.kill();
    await expect(pending).rejects.toMatchObject({ code: 'Locked' });
    await expect(hsm.call('sealKey', {})).rejects.toMatchObject({ code: 'Locked' });
    expect(exits).toEqual([{ code: null, signal: 'SIGKILL', expected: true }]);
  });

  test('a channel that breaks while sending is a crash', async () => {
    const { channel, breakPipe } = fakeChannel();
    const hsm = createHsmClient(channel);
    breakPipe();
    await expect(hsm.call('sealKey', {})).rejects.toMatchObject({ code: 'HsmCrashed' });
  });

  test('against the token: a hundred calls at once', async () => {
    const hsm = startTestHsm();
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, index) => hsm.call('random', { length: index + 1 })),
    );
    expect(answers.map(({ bytes }) => bytes.length)).toEqual(Array.from({ length: 100 }, (_, index) => index + 1));
  });

  test('a crash of the token’s process in the middle of an Argon2id', async () => {
    const channel = inProcessHsm();
    const hsm = createHsmClient(channel);
    const creating = createTestVault(hsm);
    await hsm.call('random', { length: 1 });
    channel.crash();
    await expect(creating).rejects.toMatchObject({ code: 'HsmCrashed' });
  });
});
