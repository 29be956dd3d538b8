import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createReplyKey } from '../../../src/client/seal.ts';
import { KeyholdError } from '../../../src/contract/errors.ts';
import type { Params } from '../../../src/contract/methods.ts';
import type { AwsMfa } from '../../../src/core/core.ts';
import { startTestCore, type TestCore } from '../../support/core.ts';
import { createFakeClock, type FakeClock } from '../../support/fake-clock.ts';
import { enrolSoftKey, finger } from '../../support/gate-keys.ts';
import { PASSWORD } from '../../support/hsm.ts';

const SEED = '12345678901234567890';
const utf8 = new TextEncoder();
let core: TestCore;
let clock: FakeClock;
let aws: FakeAws;
let recovery: string;

interface FakeAws extends AwsMfa {
  devices: Map<string, { enabledWith?: readonly [string, string] }>;
  /** Thrown by the next call of this name. */
  failing: { call?: keyof AwsMfa; error?: Error };
}

function fakeAws(): FakeAws {
  const fake: FakeAws = {
    devices: new Map(),
    failing: {},
    userName: async () => 'alice',
    async create(_place, deviceName) {
      const serialNumber = `arn:aws:iam::123456789012:mfa/${deviceName}`;
      if (fake.devices.has(serialNumber)) {
        throw new KeyholdError('ServiceRefused', 'it exists', { name: 'EntityAlreadyExists' });
      }
      fake.devices.set(serialNumber, {});
      return { serialNumber, seed: utf8.encode(SEED) };
    },
    async enable(_place, { serialNumber, codes }) {
      const { call, error } = fake.failing;
      fake.failing = {};
      if (call === 'enable' && error !== undefined) throw error;
      const device = fake.devices.get(serialNumber);
      if (device?.enabledWith !== undefined) {
        throw new KeyholdError('ServiceRefused', 'enabled', { name: 'EntityAlreadyExists' });
      }
      fake.devices.set(serialNumber, { enabledWith: codes });
    },
    isEnabled: async (_place, { serialNumber }) => fake.devices.get(serialNumber)?.enabledWith !== undefined,
    async remove(_place, serialNumber) {
      fake.devices.delete(serialNumber);
    },
  };
  return fake;
}

beforeEach(async () => {
  clock = createFakeClock();
  aws = fakeAws();
  core = startTestCore({ clock, awsMfa: aws });
  recovery = await core.create();
});
afterEach(() => core.dispose());

const add = (params: Omit<Params<'totp.add'>, 'seed'>, seed = SEED) =>
  core.client.callSealed('totp.add', async (seal) => ({ ...params, seed: await seal('otp-seed', utf8.encode(seed)) }));
const use = (name: string) => core.client.call('totp.use', { name });
const actions = async () => (await core.client.call('audit.list', { text: 'totp' })).entries.map(({ event }) => event);

describe('devices', () => {
  test('are added, listed, renamed and removed; a seed is there once', async () => {
    const added = await add({ name: 'github', issuer: 'GitHub', label: 'alice@example.com', digits: 8 });
    expect(added).toMatchObject({ name: 'github', type: 'totp', algorithm: 'SHA1', digits: 8, period: 30 });
    await expect(add({ name: 'GitHub' }, `${SEED}x`)).rejects.toMatchObject({ code: 'AlreadyExists' });
    await expect(add({ name: 'twin' })).rejects.toMatchObject({
      code: 'AlreadyExists',
      message: 'This secret is in the vault already, as github.',
    });
    const sealed = (seed: string) =>
      core.client.callSealed('totp.matches', async (seal) => ({ seed: await seal('otp-seed', utf8.encode(seed)) }));
    expect(await sealed(SEED)).toEqual({ name: 'github' });
    expect(await sealed(`${SEED}!`)).toEqual({ name: null });
    await core.client.call('totp.update', { name: 'github', rename: 'hub', favourite: true });
    expect((await core.client.call('totp.list', {})).devices).toMatchObject([{ name: 'hub', favourite: true }]);
    await core.client.call('totp.remove', { name: 'hub' });
    expect((await core.client.call('totp.list', {})).devices).toEqual([]);
    await expect(use('hub')).rejects.toMatchObject({ code: 'NotFound' });
    expect((await actions()).map(({ action }) => action)).toEqual(['totp.remove', 'totp.update', 'totp.add']);
  });

  test('parameters that belong to the other kind are refused', async () => {
    await expect(add({ name: 'a', counter: 1 })).rejects.toMatchObject({ code: 'InvalidInput' });
    await expect(add({ name: 'a', type: 'hotp', period: 30 })).rejects.toMatchObject({ code: 'InvalidInput' });
    await expect(add({ name: 'a' }, 'short')).rejects.toMatchObject({ code: 'InvalidInput' });
  });

  test('reading codes keeps nothing unlocked', async () => {
    await add({ name: 'a' });
    await core.client.call('settings.update', { autoLockMinutes: 1 });
    for (let at = 0; at < 3; at += 1) {
      clock.advance(25_000);
      await core.client.call('totp.codes', {}).catch(() => undefined);
    }
    expect(core.running.status().state).toBe('locked');
  });
});

describe('codes', () => {
  test('are shown until they are used, and used once', async () => {
    await add({ name: 'a', label: 'x' });
    const shown = await core.client.call('totp.codes', { names: ['a'] });
    const [before] = shown.codes;
    const used = await use('a');
    if (used.outcome !== 'code') throw new Error('the step was free');
    expect(used.code).toBe(before?.current?.code);
    const [after] = (await core.client.call('totp.codes', {})).codes;
    expect(after).toMatchObject({ current: null, next: before?.next, usableFrom: before?.next?.validFrom });
    expect(await use('a')).toMatchObject({ outcome: 'wait', waitMs: 30_000 - (clock.now() % 30_000) });
    expect((await actions())[0]).toMatchObject({ action: 'totp.use', target: 'a', reason: 'for cli' });
  });

  test('a hundred callers at once get one code; the others wait for the next step', async () => {
    await add({ name: 'a' });
    const codes: string[] = [];
    for (let round = 0; round < 5; round += 1) {
      const answers = await Promise.all(Array.from({ length: 100 }, () => use('a')));
      const got = answers.flatMap((answer) => (answer.outcome === 'code' ? [answer.code] : []));
      expect(got).toHaveLength(1);
      codes.push(...got);
      clock.advance(30_000);
    }
    expect(new Set(codes).size).toBe(5);
  });

  test('counters give each caller a code of its own', async () => {
    await add({ name: 'a', type: 'hotp', counter: 0 });
    const answers = await Promise.all(Array.from({ length: 10 }, () => use('a')));
    const codes = answers.flatMap((answer) => (answer.outcome === 'code' ? [answer.code] : []));
    expect(codes.sort()).toEqual(
      ['755224', '287082', '359152', '969429', '338314', '254676', '287922', '162583', '399871', '520489'].sort(),
    );
  });

  test('a lock, a restart and a clock that was set back give nothing away again', async () => {
    await add({ name: 'a' });
    const used = await use('a');
    await core.client.call('vault.lock', {});
    await core.unlock();
    expect(await use('a')).toMatchObject({ outcome: 'wait' });
    await core.restart();
    await core.unlock();
    expect(await use('a')).toMatchObject({ outcome: 'wait' });
    await core.client.call('settings.update', { autoLockMinutes: 0 });
    clock.jump(-3600_000);
    await expect(use('a')).rejects.toMatchObject({ code: 'HsmRefused' });
    clock.jump(3600_000 + 30_000);
    expect(await use('a')).not.toEqual(used);
  });

  test('a clock that is off against AWS’s is said', async () => {
    await add({ name: 'a' });
    expect((await core.client.call('totp.codes', {})).drift).toBeNull();
    const { doorBackend } = core.running;
    doorBackend.noteDate(new Date(clock.now() + 3_000).toUTCString());
    expect((await core.client.call('totp.codes', {})).drift).not.toHaveProperty('warning');
    doorBackend.noteDate(new Date(clock.now() + 60_000).toUTCString());
    const { drift } = await core.client.call('totp.codes', {});
    expect(drift?.warning).toMatch(/^This computer’s clock is \d+ s behind AWS’s/);
    doorBackend.noteDate('nonsense');
    expect((await core.client.call('totp.codes', {})).drift).toEqual(drift);
    clock.advance(7 * 3_600_000);
    await core.unlock();
    expect((await core.client.call('totp.codes', {})).drift).toBeNull();
  });
});

describe('a seed leaves', () => {
  const ask = async (factor: 'password' | 'recovery-code', secret: string) => {
    const reply = await createReplyKey();
    const answer = await core.client.callSealed('totp.export', async (seal) => ({
      name: 'a',
      authorize: { factor, sealed: await seal(factor, utf8.encode(secret)) },
      replyKey: reply.publicKey,
    }));
    return new TextDecoder().decode(await reply.open(answer.seed, 'otp-seed'));
  };
  beforeEach(() => add({ name: 'a' }));

  test('to who proves the password again', async () => {
    await expect(ask('password', 'a wrong one')).rejects.toMatchObject({ code: 'WrongSecret' });
    expect(await ask('password', PASSWORD)).toBe(SEED);
    const exports = (await actions()).filter(({ action }) => action === 'totp.export');
    expect(exports.map(({ decision }) => decision).sort()).toEqual(['allowed', 'denied']);
  });

  test('only with a touch, once a security key is enrolled; a recovery code stands in for a lost one', async () => {
    const blue = await enrolSoftKey(core, 'blue');
    const hand = finger([blue]);
    core.running.core.touch.use(hand.source);
    hand.does = 'refuse';
    await expect(ask('password', PASSWORD)).rejects.toMatchObject({ code: 'TouchRequired' });
    hand.does = 'touch';
    await expect(ask('password', 'a wrong one')).rejects.toMatchObject({ code: 'WrongSecret' });
    expect(await ask('password', PASSWORD)).toBe(SEED);
    // Every export wants one of its own.
    expect(await ask('password', PASSWORD)).toBe(SEED);
    expect(hand.asked).toHaveLength(4);
    const allowed = (await actions()).filter(
      ({ action, decision }) => action === 'totp.export' && decision === 'allowed',
    );
    expect(allowed).toMatchObject([{ mfa: [{ key: 'blue' }] }, { mfa: [{ key: 'blue' }] }]);
    expect(await ask('recovery-code', recovery)).toBe(SEED);
    expect(hand.asked).toHaveLength(4);
  });
});

describe('a virtual MFA device at AWS', () => {
  const begin = (params: Partial<Params<'totp.enrollBegin'>> = {}) =>
    core.client.call('totp.enrollBegin', { profile: 'prod', ...params });
  const step = () => core.client.call('totp.enrollStep', { name: 'alice' });
  beforeEach(() => core.populate());

  test('is enrolled with two codes in a row', async () => {
    const device = await begin();
    expect(device).toMatchObject({
      name: 'alice',
      mfaSerial: 'arn:aws:iam::123456789012:mfa/alice',
      enrolling: { profile: 'prod', userName: 'alice' },
    });
    // In words that are true of an account in the vault as well.
    const unfinished = { code: 'InUse', message: expect.not.stringContaining('AWS') };
    await expect(use('alice')).rejects.toMatchObject(unfinished);
    await expect(core.client.call('totp.remove', { name: 'alice' })).rejects.toMatchObject(unfinished);
    const first = await step();
    expect(first).toMatchObject({ outcome: 'wait', have: 1, waitMs: 30_000 - (clock.now() % 30_000) });
    expect(await step()).toEqual(first);
    clock.advance(30_000);
    const done = await step();
    expect(done).toMatchObject({ outcome: 'done', device: { name: 'alice' } });
    expect(done.outcome === 'done' && done.device.enrolling).toBeFalsy();
    const codes = aws.devices.get('arn:aws:iam::123456789012:mfa/alice')?.enabledWith;
    expect(codes?.[0]).not.toBe(codes?.[1]);
    // What AWS has seen is used.
    expect(await use('alice')).toMatchObject({ outcome: 'wait' });
    clock.advance(30_000);
    expect(await use('alice')).toMatchObject({ outcome: 'code', mfaSerial: device.mfaSerial });
    await expect(step()).rejects.toMatchObject({ code: 'InvalidInput' });
  });

  test('codes that do not follow each other are not sent', async () => {
    await begin();
    await step();
    clock.advance(60_000);
    expect(await step()).toMatchObject({ outcome: 'wait', have: 1 });
    expect(aws.devices.get('arn:aws:iam::123456789012:mfa/alice')).toEqual({});
    clock.advance(30_000);
    expect(await step()).toMatchObject({ outcome: 'done' });
  });

  test('goes on after a restart, and after an answer that was lost', async () => {
    await begin();
    await step();
    await core.restart();
    await core.unlock();
    clock.advance(30_000);
    expect(await step()).toMatchObject({ outcome: 'wait', have: 1 });
    clock.advance(30_000);
    aws.failing = { call: 'enable', error: new KeyholdError('Timeout', 'no answer') };
    await expect(step()).rejects.toMatchObject({ code: 'Timeout' });
    // AWS did get it.
    aws.devices.set('arn:aws:iam::123456789012:mfa/alice', { enabledWith: ['1', '2'] });
    clock.advance(30_000);
    await step();
    clock.advance(30_000);
    expect(await step()).toMatchObject({ outcome: 'done' });
  });

  test('codes that AWS refuses say what may be wrong', async () => {
    await begin();
    await step();
    clock.advance(30_000);
    aws.failing = {
      call: 'enable',
      error: new KeyholdError('ServiceRefused', 'no', { name: 'InvalidAuthenticationCode' }),
    };
    await expect(step()).rejects.toThrow('AWS did not take the two codes. Check this computer’s clock, and try again.');
  });

  test('is taken back here and at AWS', async () => {
    await begin();
    await core.client.call('totp.enrollCancel', { name: 'alice' });
    expect(aws.devices.size).toBe(0);
    expect((await core.client.call('totp.list', {})).devices).toEqual([]);
  });

  test('can be abandoned where AWS cannot be asked any more', async () => {
    await begin();
    await core.client.call('key.remove', { name: 'deploy', cascade: true });
    await expect(core.client.call('totp.enrollCancel', { name: 'alice' })).rejects.toMatchObject({
      code: 'NotFound',
      message: expect.stringContaining('Delete the device arn:aws:iam::123456789012:mfa/alice in its account.'),
    });
    await core.client.call('totp.remove', { name: 'alice', abandon: true });
    expect((await core.client.call('totp.list', {})).devices).toEqual([]);
  });

  test('does not stay at AWS when its seed cannot be kept', async () => {
    aws.create = async (_place, deviceName) => {
      const serialNumber = `arn:aws:iam::123456789012:mfa/${deviceName}`;
      aws.devices.set(serialNumber, {});
      return { serialNumber, seed: utf8.encode('short') };
    };
    await expect(begin()).rejects.toMatchObject({ code: 'InvalidInput' });
    expect(aws.devices.size).toBe(0);
  });

  test('that AWS has already, and a local account without a user, are refused in words', async () => {
    aws.devices.set('arn:aws:iam::123456789012:mfa/alice', {});
    await expect(begin()).rejects.toMatchObject({ code: 'AlreadyExists' });
    await core.client.call('account.add', { name: 'lab', accountId: '111122223333', kind: 'local' });
    await expect(begin({ profile: 'lab' })).rejects.toMatchObject({ code: 'InvalidInput' });
    await expect(begin({ name: 'with a space' })).rejects.toMatchObject({ code: 'InvalidInput' });
  });
});
