import { afterEach, beforeEach, expect, test } from 'vitest';
import { createReplyKey } from '../../../src/client/seal.ts';
import type { HsmRequestFrame } from '../../../src/core/hsm/protocol.ts';
import type { HsmChannel } from '../../../src/core/ports.ts';
import { startTestCore, type TestCore } from '../../support/core.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { enrolSoftKey, finger } from '../../support/gate-keys.ts';
import { inProcessHsm, PASSWORD, testTokenPorts } from '../../support/hsm.ts';

const SEED = '12345678901234567890';
const utf8 = new TextEncoder();
const clock = createFakeClock();
let core: TestCore;
let road: ReturnType<typeof slowRoad>;

/** An HSM that calls of one operation are long on the way to. */
function slowRoad() {
  const held: HsmRequestFrame[] = [];
  let slow: string | undefined;
  let arrive: () => void = () => undefined;
  let inner: HsmChannel | undefined;
  return {
    spawn(): HsmChannel {
      const channel = inProcessHsm(testTokenPorts({ clock }), { stops: true });
      inner = channel;
      return {
        ...channel,
        send(frames) {
          const late = frames.filter(({ op }) => op === slow);
          held.push(...late);
          if (late.length > 0) arrive();
          const others = frames.filter(({ op }) => op !== slow);
          if (others.length > 0) channel.send(others);
        },
      };
    },
    /** Resolves when the next call of this operation is on its way, which ends with `go`. */
    hold(op: string): Promise<void> {
      slow = op;
      return new Promise((resolve) => {
        arrive = resolve;
      });
    },
    go(): void {
      slow = undefined;
      inner?.send(held.splice(0));
    },
  };
}

beforeEach(async () => {
  road = slowRoad();
  core = startTestCore({ clock, spawnHsm: () => road.spawn() });
  await core.create();
});
afterEach(() => core.dispose());

const addHotp = () =>
  core.client.callSealed('totp.add', async (seal) => ({
    ...{ name: 'dev', type: 'hotp' as const, counter: 5 },
    seed: await seal('otp-seed', utf8.encode(SEED)),
  }));
const useCodes = async (count: number) => {
  for (let done = 0; done < count; done += 1) await core.client.call('totp.use', { name: 'dev' });
};

async function exportSeed() {
  const reply = await createReplyKey();
  const { counter, seed } = await core.client.callSealed('totp.export', async (seal) => ({
    name: 'dev',
    authorize: { factor: 'password' as const, sealed: await seal('password', utf8.encode(PASSWORD)) },
    replyKey: reply.publicKey,
  }));
  return { counter, seed: new TextDecoder().decode(await reply.open(seed, 'otp-seed')) };
}

async function changedOnTheWay(op: string, call: () => Promise<unknown>, change: () => Promise<unknown>) {
  const onItsWay = road.hold(op);
  const answer = call();
  answer.catch(() => undefined);
  await onItsWay;
  await change();
  road.go();
  return answer;
}

test('a seed whose counter went on while it was asked for leaves as it is now', async () => {
  await addHotp();
  // The second code makes the HSM hold a version after the one that was asked for.
  const exported = await changedOnTheWay('otpExport', exportSeed, () => useCodes(2));
  expect(exported).toEqual({ counter: 7, seed: SEED });
  expect(core.running.status().state).toBe('unlocked');
});

test('a key that somebody put behind a touch meanwhile wants the touch', async () => {
  await core.populate();
  const hand = finger([await enrolSoftKey(core, 'blue')]);
  core.running.core.touch.use(hand.source);
  const gate = () =>
    core.client.call('gate.set', { target: { kind: 'key', name: 'deploy' }, withinSeconds: 0, keys: 'any' });
  const sign = () =>
    core.client.call('sign.headers', {
      ...{ profile: 'prod', method: 'GET', url: 'https://sts.amazonaws.com/', headers: [] },
      payloadHash: 'UNSIGNED-PAYLOAD',
    });
  expect(await changedOnTheWay('sigv4Sign', sign, gate)).toMatchObject({ headers: expect.anything() });
  expect(hand.asked).toHaveLength(1);
  expect(core.running.status().state).toBe('unlocked');
});

test('an object that was removed while it was asked for is not there, and nothing was tampered with', async () => {
  await addHotp();
  await core.running.core.lifecycle.lock('request', 'cli');
  await core.unlock();
  const remove = () => core.client.call('totp.remove', { name: 'dev' });
  await expect(changedOnTheWay('otpExport', exportSeed, remove)).rejects.toMatchObject({ code: 'NotFound' });
  expect(core.running.status().state).toBe('unlocked');
});
