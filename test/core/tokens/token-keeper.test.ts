import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { KeyholdError } from '../../../src/contract/errors.ts';
import type { TokenRequestFrame } from '../../../src/core/hsm/pkcs11/protocol.ts';
import type { Hsm, ObjectRef } from '../../../src/core/hsm/protocol.ts';
import type { TokenChannel } from '../../../src/core/ports.ts';
import { TokenKeeper, type TokenKeeperParts } from '../../../src/core/tokens/token-keeper.ts';
import { spawnTokenProcess } from '../../../src/daemon/token-fork.ts';
import { createFakeClock, type FakeClock } from '../../support/fake-clock.ts';
import { FakeModule, PRESENT_KEY, whyNoFakeModule } from '../../support/fake-pkcs11.ts';
import { createTestVault, startTestHsm } from '../../support/hsm.ts';
import { silentLogger } from '../../support/silent-logger.ts';
import { importPin } from '../../support/token-process.ts';

const reason = whyNoFakeModule();
if (reason !== null) console.warn(`The tests of misbehaving PKCS#11 modules are skipped: ${reason}.`);

const USE_MS = 10_000;
const encrypt = { keyId: PRESENT_KEY, aad: new Uint8Array(3), plaintext: new Uint8Array(8).fill(1) };

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe.skipIf(reason !== null)('a token whose module misbehaves', () => {
  let fake: FakeModule;
  let hsm: Hsm;
  let pin: ObjectRef;
  let clock: FakeClock;
  let keeper: TokenKeeper;
  /** The processes of this test, oldest first. */
  let channels: TokenChannel[];
  /** What was asked of them. */
  let operations: string[];
  let refusals: KeyholdError[];

  beforeAll(async () => {
    fake = new FakeModule();
    hsm = startTestHsm();
    await createTestVault(hsm);
    pin = await importPin(hsm, '1234');
  });
  afterAll(() => fake?.dispose());
  beforeEach(() => {
    fake.reset();
    clock = createFakeClock();
    channels = [];
    operations = [];
    refusals = [];
    keeper = makeKeeper();
  });
  afterEach(async () => {
    await keeper.stop();
    await Promise.all(channels.map((channel) => channel.kill()));
  });

  function makeKeeper(more: Partial<TokenKeeperParts> = {}, module = fake.module): TokenKeeper {
    return new TokenKeeper({
      ports: {
        clock,
        log: silentLogger,
        spawnToken(environment) {
          const channel = spawnTokenProcess(environment);
          channels.push(channel);
          const send = (frames: TokenRequestFrame[]): void => {
            operations.push(...frames.map(({ op }) => op));
            channel.send(frames);
          };
          return { ...channel, send };
        },
      },
      hsm,
      access: () => ({ name: 'test', module, environment: fake.environment, label: 'fake', serial: '1', pin }),
      pinRefusedBefore: () => false,
      onPinRefused: (error) => void refusals.push(error),
      ...more,
    });
  }

  /** Waits until the module has kept so many calls, never to answer them. */
  const hung = (calls: number) => expect.poll(() => fake.hung(), { timeout: 20_000 }).toBe(calls);
  const pids = () => channels.map(({ pid }) => pid ?? 0);
  const aliveOnes = () => expect.poll(() => pids().filter(isAlive).length, { timeout: 10_000 });

  test('is connected when it is first needed, and once', async () => {
    expect(keeper.connection()).toEqual({ state: 'idle' });
    const made = await Promise.all([1, 2, 3].map(() => keeper.call('encrypt', encrypt)));
    expect(channels).toHaveLength(1);
    expect(fake.logins()).toBe(1);
    expect(keeper.connection()).toMatchObject({ state: 'ready', facts: { token: { label: 'fake' }, lanes: 4 } });
    for (const { ciphertext } of made) {
      const { plaintext } = await keeper.call('decrypt', { keyId: PRESENT_KEY, aad: encrypt.aad, ciphertext });
      expect(plaintext).toEqual(encrypt.plaintext);
    }
  });

  test('a call that hangs is given up after its time, its process ended and replaced, and who waited beside it gets an answer', async () => {
    await keeper.connect();
    fake.mode('hang-encrypt');
    const hanging = keeper.call('encrypt', encrypt).catch((error: unknown) => error);
    await hung(1);
    clock.advance(USE_MS / 2);
    const beside = keeper.call('encrypt', encrypt);
    await hung(2);
    fake.mode('ok');
    clock.advance(USE_MS / 2);
    expect(await hanging).toMatchObject({ code: 'Timeout', message: expect.stringContaining('within 10 s (encrypt)') });
    expect((await beside).ciphertext).toHaveLength(12 + 8 + 16);
    expect(channels).toHaveLength(2);
    await aliveOnes().toBe(1);
  });

  test('the same when it hangs the whole process', async () => {
    await keeper.connect();
    fake.mode('hang-random');
    const hanging = keeper.call('random', { length: 4 }).catch((error: unknown) => error);
    await hung(1);
    fake.mode('ok');
    clock.advance(USE_MS / 2);
    const behind = keeper.call('findKey', { keyId: PRESENT_KEY });
    clock.advance(USE_MS / 2);
    expect(await hanging).toMatchObject({ code: 'Timeout' });
    await expect(behind).resolves.toMatchObject({ key: { attributes: { sensitive: true } } });
    await aliveOnes().toBe(1);
  });

  test.each(['hang-initialize', 'hang-login'])(
    'one that hangs while it is connected (%s) is given up, too',
    async (mode) => {
      fake.mode(mode);
      const hanging = keeper.call('encrypt', encrypt).catch((error: unknown) => error);
      await hung(1);
      clock.advance(20_000);
      expect(await hanging).toMatchObject({ code: 'Timeout' });
      await aliveOnes().toBe(0);
      fake.mode('ok');
      await keeper.call('encrypt', encrypt);
    },
  );

  test('a module path that is a pipe, which would be opened for ever, is given up', async () => {
    const pipe = join(fake.folder, 'pipe');
    spawnSync('mkfifo', [pipe]);
    keeper = makeKeeper({}, pipe);
    const hanging = keeper.call('encrypt', encrypt).catch((error: unknown) => error);
    await expect.poll(() => operations, { timeout: 20_000 }).toContain('load');
    clock.advance(20_000);
    expect(await hanging).toMatchObject({ code: 'Timeout' });
    await aliveOnes().toBe(0);
  });

  test('a crash in the module ends its process and nothing else; one that goes on crashing is left alone for a while', async () => {
    await keeper.connect();
    fake.mode('crash');
    await expect(keeper.call('encrypt', encrypt)).rejects.toMatchObject({
      code: 'TokenUnavailable',
      message: expect.stringContaining('ended unexpectedly (SIGABRT)'),
    });
    expect(channels).toHaveLength(2);
    expect(keeper.connection()).toMatchObject({ state: 'away', retryAfterSeconds: 1 });
    await expect(keeper.call('encrypt', encrypt)).rejects.toMatchObject({ details: { retryAfterSeconds: 1 } });
    expect(channels).toHaveLength(2);
    fake.mode('ok');
    clock.advance(1_000);
    await keeper.call('encrypt', encrypt);
    expect(channels).toHaveLength(3);
  });

  test('killed under a call: what changes nothing is asked again, what makes a key is not', async () => {
    await keeper.connect();
    fake.mode('hang-encrypt');
    const using = keeper.call('encrypt', encrypt);
    await hung(1);
    fake.mode('hang-generate');
    const making = keeper
      .call('generateKey', { keyId: '01'.repeat(16), spec: 'AES_256', usage: 'ENCRYPT_DECRYPT', label: '' })
      .catch((error: unknown) => error);
    await hung(2);
    fake.mode('ok');
    process.kill(pids()[0] ?? 0, 'SIGKILL');
    expect(await making).toMatchObject({ code: 'TokenUnavailable', message: expect.stringContaining('SIGKILL') });
    expect((await using).ciphertext).toHaveLength(36);
    expect(channels).toHaveLength(2);
  });

  test.each([
    ['removed', 'CKR_DEVICE_REMOVED'],
    ['session-lost', 'CKR_SESSION_HANDLE_INVALID'],
    ['dead', 'CKR_GENERAL_ERROR'],
  ])(
    'a token that is lost (%s) is looked for again with growing patience, and found when it is back',
    async (mode, ckr) => {
      await keeper.connect();
      fake.mode(mode);
      // One that says so while it is used, is looked for once at once.
      await expect(keeper.call('encrypt', encrypt)).rejects.toMatchObject({ code: 'TokenUnavailable' });
      expect(channels.length).toBe(2);
      fake.mode('absent');
      for (const seconds of [1, 2, 4, 8, 16, 30, 30]) {
        expect(keeper.connection()).toMatchObject({ state: 'away', retryAfterSeconds: seconds });
        const before = channels.length;
        clock.advance(seconds * 1000 - 1);
        await expect(keeper.call('encrypt', encrypt)).rejects.toMatchObject({ code: 'TokenUnavailable' });
        expect(channels).toHaveLength(before);
        clock.advance(1);
        await expect(keeper.call('encrypt', encrypt)).rejects.toMatchObject({
          message: expect.stringContaining('no token labelled fake'),
        });
        expect(channels).toHaveLength(before + 1);
      }
      fake.mode('ok');
      await expect(keeper.call('encrypt', encrypt)).rejects.toMatchObject({ details: { retryAfterSeconds: 30 } });
      // A person need not wait.
      await keeper.connect();
      await keeper.call('encrypt', encrypt);
      fake.mode(mode);
      const error = await keeper.call('encrypt', encrypt).catch((thrown: unknown) => thrown);
      // Of a dead token the second look says less: it could not even be found.
      if (mode !== 'dead') expect(error).toMatchObject({ details: { ckr } });
      await aliveOnes().toBe(0);
    },
  );

  test('a vague answer of a token that responds is about the call, not about the token', async () => {
    await keeper.connect();
    fake.mode('vague');
    await expect(keeper.call('encrypt', encrypt)).rejects.toMatchObject({
      code: 'HsmRefused',
      details: { ckr: 'CKR_GENERAL_ERROR' },
    });
    fake.mode('ok');
    await keeper.call('encrypt', encrypt);
    expect(channels).toHaveLength(1);
  });

  describe('a PIN that is refused', () => {
    test('is tried once, and again only when a person asks', async () => {
      fake.mode('wrong-pin');
      for (let index = 0; index < 5; index++) {
        await expect(keeper.call('encrypt', encrypt)).rejects.toMatchObject({
          code: 'TokenPinRefused',
          details: { ckr: 'CKR_PIN_INCORRECT' },
        });
        clock.advance(60_000);
      }
      expect(fake.logins()).toBe(1);
      expect(refusals).toHaveLength(1);
      expect(keeper.connection()).toMatchObject({ state: 'refused', message: expect.stringContaining('wrong') });
      await expect(keeper.look()).rejects.toMatchObject({ code: 'TokenPinRefused' });
      expect(fake.logins()).toBe(1);
      await expect(keeper.connect()).rejects.toMatchObject({ code: 'TokenPinRefused' });
      expect(fake.logins()).toBe(2);
      fake.mode('ok');
      await expect(keeper.call('encrypt', encrypt)).rejects.toMatchObject({ code: 'TokenPinRefused' });
      await keeper.connect();
      await keeper.call('encrypt', encrypt);
      await aliveOnes().toBe(1);
    });

    test('is not tried after a restart either', async () => {
      keeper = makeKeeper({ pinRefusedBefore: () => true });
      await expect(keeper.call('encrypt', encrypt)).rejects.toMatchObject({ code: 'TokenPinRefused' });
      expect(fake.logins()).toBe(0);
      expect(channels).toHaveLength(0);
    });

    test('that one more wrong try would lock is not tried, unless a person asks for that', async () => {
      fake.mode('final-try');
      await expect(keeper.call('encrypt', encrypt)).rejects.toMatchObject({
        code: 'TokenPinRefused',
        message: expect.stringContaining('One more wrong PIN would lock the token'),
      });
      await expect(keeper.connect()).rejects.toMatchObject({ code: 'TokenPinRefused' });
      expect(fake.logins()).toBe(0);
      await expect(keeper.connect({ finalTry: true })).rejects.toMatchObject({
        details: { ckr: 'CKR_PIN_INCORRECT' },
      });
      expect(fake.logins()).toBe(1);
    });

    test('that is locked is not tried at all', async () => {
      fake.mode('locked');
      await expect(keeper.connect({ finalTry: true })).rejects.toMatchObject({
        code: 'TokenPinRefused',
        details: { ckr: 'CKR_PIN_LOCKED' },
      });
      expect(fake.logins()).toBe(0);
    });
  });

  describe('new keys', () => {
    const make = (keyId: string) =>
      keeper.call('generateKey', { keyId, spec: 'AES_256', usage: 'ENCRYPT_DECRYPT', label: '' });

    test.each([
      ['leaky', 'could be read or taken out'],
      ['forgets', 'does not decrypt with AES-GCM what it has just encrypted'],
    ])('that are not as they should be (%s) are destroyed again', async (mode, message) => {
      await keeper.connect();
      fake.mode(mode);
      const keyId = '02'.repeat(16);
      await expect(make(keyId)).rejects.toMatchObject({
        code: 'HsmRefused',
        message: expect.stringContaining(message),
      });
      fake.mode('ok');
      expect(await keeper.call('findKey', { keyId })).toEqual({ key: null });
    });

    test('of a token that chooses its own IVs, as AWS CloudHSM does, work with the IV it chose', async () => {
      fake.mode('own-iv');
      const keyId = '03'.repeat(16);
      await make(keyId);
      const { ciphertext } = await keeper.call('encrypt', { ...encrypt, keyId });
      expect(ciphertext.subarray(0, 12)).toEqual(new Uint8Array(12).fill(0x42));
      const { plaintext } = await keeper.call('decrypt', { keyId, aad: encrypt.aad, ciphertext });
      expect(plaintext).toEqual(encrypt.plaintext);
    });
  });

  describe('the lock', () => {
    test('ends the process, in use or not, and for good', async () => {
      await keeper.connect();
      fake.mode('hang-encrypt');
      const using = keeper.call('encrypt', encrypt).catch((error: unknown) => error);
      await hung(1);
      await keeper.stop();
      expect(pids().filter(isAlive)).toEqual([]);
      expect(await using).toMatchObject({ code: 'Locked' });
      await expect(keeper.call('encrypt', encrypt)).rejects.toMatchObject({ code: 'Locked' });
      expect(channels).toHaveLength(1);
    });

    test('also in the middle of connecting', async () => {
      fake.mode('hang-initialize');
      const connecting = keeper.call('encrypt', encrypt).catch((error: unknown) => error);
      await hung(1);
      await keeper.stop();
      expect(await connecting).toMatchObject({ code: 'Locked' });
      await aliveOnes().toBe(0);
    });
  });

  test('disconnected, it is connected again by the next call', async () => {
    await keeper.connect();
    await keeper.disconnect();
    expect(keeper.connection()).toEqual({ state: 'idle' });
    await aliveOnes().toBe(0);
    await keeper.call('encrypt', encrypt);
    expect(fake.logins()).toBe(2);
  });
});
