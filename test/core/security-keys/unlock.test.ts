import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../../src/daemon/system-ports.ts';
import { createYubiKey } from '../../device/yubikey.ts';
import { PASSWORD } from '../../support/hsm.ts';
import { failure, removeTestFolders, testFolder } from '../../support/vault.ts';
import { type Desk, openDesk, PIN } from './support.ts';

let desk: Desk;
beforeEach(async () => {
  desk = await openDesk();
});
afterEach(() => desk.core.dispose());
afterAll(() => removeTestFolders());

const state = async () => (await desk.core.client.call('status.get', {})).state;
const code = async (run: () => unknown) => (await failure(run)).code;

describe('a FIDO2 key', () => {
  test('alone, with its PIN', async () => {
    desk.authenticator();
    await desk.setPin();
    expect(await desk.enroll('blue', { pin: PIN })).toMatchObject({
      ...{ name: 'blue', kind: 'fido2', userVerification: true, canUnlock: true, slots: [] },
    });
    const slot = await desk.addSlot({ name: 'blue', pin: PIN }, { label: 'Blue key' });
    expect(slot).toMatchObject({ label: 'Blue key', factors: ['fido2'], userVerification: true });
    await desk.lock();
    const { ways } = await desk.core.client.call('mfa.ways', {});
    expect(ways.map(({ factors }) => factors)).toEqual([['password'], ['recovery-code'], ['fido2']]);
    expect(await desk.unlock({ pin: PIN })).toMatchObject({ state: 'unlocked' });
    const { keys } = await desk.core.client.call('mfa.keys', {});
    expect(keys[0]?.slots).toEqual([{ id: slot.id, label: 'Blue key' }]);
    const { slots } = await desk.core.client.call('slot.list', {});
    expect(slots).toHaveLength(3);
  });

  test('says which PIN it wants, how many tries are left, and locks at last', async () => {
    const { key, plug } = desk.authenticator();
    await desk.setPin();
    await desk.enroll('blue', { pin: PIN });
    await desk.addSlot({ name: 'blue', pin: PIN });
    await desk.lock();
    const device = await desk.idOf(plug);
    const missing = await failure(() => desk.unlock({}));
    expect(missing).toMatchObject({ code: 'PinRequired', details: { device, retries: 8, purpose: 'unlock' } });
    for (const [left, expected] of [
      [7, 'PinWrong'],
      [6, 'PinWrong'],
      [5, 'PinAuthBlocked'],
    ] as const) {
      const wrong = await failure(() => desk.unlock({ pin: '000000' }));
      expect([left, wrong.code]).toEqual([left, expected]);
      if (expected === 'PinWrong') expect(wrong.details).toMatchObject({ retries: left, device });
    }
    expect(await failure(() => desk.unlock({}))).toMatchObject({
      code: 'PinAuthBlocked',
      message: expect.stringMatching(/pull .* plug it in again/),
    });
    // Wrong PINs are between the person and the key: the vault counts none of them.
    expect(await desk.core.client.call('status.get', {})).not.toHaveProperty('retryAfterSeconds');
    for (let left = key.state.pinRetries; left > 0; left = key.state.pinRetries) {
      plug.unplug();
      plug.plug();
      for (let n = 0; n < 3 && key.state.pinRetries > 0; n += 1) await failure(() => desk.unlock({ pin: '000000' }));
    }
    expect(await failure(() => desk.unlock({ pin: PIN }))).toMatchObject({
      code: 'PinBlocked',
      message: expect.stringContaining('only a reset'),
    });
    expect(await desk.core.unlock()).toMatchObject({ state: 'unlocked' });
  });

  test('together with a password, touched only', async () => {
    const { key } = desk.authenticator();
    await desk.enroll('blue', { userVerification: false });
    expect(await code(() => desk.addSlot({ name: 'blue' }))).toBe('InvalidInput');
    expect(await desk.addSlot({ name: 'blue' }, { password: 'second' })).toMatchObject({
      factors: ['password', 'fido2'],
      userVerification: false,
    });
    await desk.lock();
    const touches = key.state.touches;
    expect(await code(() => desk.unlock({}))).toBe('InvalidInput');
    expect(key.state.touches).toBe(touches);
    expect(await code(() => desk.unlock({ password: 'wrong' }))).toBe('WrongSecret');
    expect(await desk.unlock({ password: 'second' })).toMatchObject({ state: 'unlocked' });
    await desk.lock();
    // The password of that slot alone is no password of the vault.
    expect(await code(() => desk.core.unlock('second'))).toBe('WrongSecret');
    expect(await desk.core.unlock(PASSWORD)).toMatchObject({ state: 'unlocked' });
  });

  test('proves who changes the ways in', async () => {
    desk.authenticator();
    await desk.setPin();
    await desk.enroll('blue', { pin: PIN });
    const { id } = await desk.addSlot({ name: 'blue', pin: PIN });
    const { client } = desk.core;
    const removed = client.callSealed('slot.remove', async (seal) => ({
      id,
      authorize: { factor: 'security-key', pin: await seal('security-key-pin', new TextEncoder().encode(PIN)) },
    }));
    expect(await removed).toEqual({});
    expect(await code(() => client.call('slot.remove', { id, authorize: { factor: 'security-key' } }))).toBe(
      'NotFound',
    );
  });

  test('with a finger', async () => {
    const { key } = desk.authenticator({ builtInUv: true });
    expect(await desk.enroll('finger')).toMatchObject({ userVerification: true });
    await desk.addSlot({ name: 'finger' });
    await desk.lock();
    key.control.finger = 'mismatch';
    expect(await code(() => desk.unlock({}))).toMatch(/PinWrong|PinRequired|TouchRefused/);
    key.control.finger = 'match';
    expect(await desk.unlock({})).toMatchObject({ state: 'unlocked' });
    expect(desk.prompts().some(({ ask }) => ask === 'verify')).toBe(true);
  });

  test.each(['2.0', '2.1-pre'] as const)('of CTAP %s', async (generation) => {
    const one = desk.authenticator({ generation });
    await desk.setPin();
    await desk.enroll('old', { pin: PIN });
    await desk.addSlot({ name: 'old', pin: PIN });
    await desk.lock();
    expect(await code(() => desk.unlock({}))).toBe('PinRequired');
    expect(await desk.unlock({ pin: PIN })).toMatchObject({ state: 'unlocked' });
    expect(one.key.state.pinRetries).toBe(8);
  });

  test.each([1, 2] as const)('with PIN protocol %d alone', async (protocol) => {
    desk.authenticator({ pinProtocols: [protocol] });
    await desk.setPin();
    await desk.enroll('blue', { pin: PIN });
    await desk.addSlot({ name: 'blue', pin: PIN });
    await desk.lock();
    expect(await desk.unlock({ pin: PIN })).toMatchObject({ state: 'unlocked' });
  });
});

describe('a YubiKey', () => {
  test('together with a password, and alone where that was said', async () => {
    desk.yubikey();
    expect(await code(() => desk.addSlot({ otpSlot: 2 }))).toBe('InvalidInput');
    const both = await desk.addSlot({ otpSlot: 2 }, { password: 'second' });
    expect(both).toMatchObject({
      factors: ['password', 'yubikey-hmac-sha1'],
      yubikey: { serial: 7_654_321, otpSlot: 2 },
    });
    await desk.addSlot({ otpSlot: 2 }, { alone: true });
    await desk.lock();
    expect(await desk.unlock({ password: 'second' })).toMatchObject({ state: 'unlocked' });
    await desk.lock();
    expect(await desk.unlock({})).toMatchObject({ state: 'unlocked' });
    expect(await code(() => desk.addSlot({ otpSlot: 1 }, { password: 'x' }))).toBe('NoCredential');
  });

  test('of several, by its serial number', async () => {
    desk.yubikey();
    await desk.addSlot({ otpSlot: 2 }, { alone: true });
    desk.hid.add(createYubiKey({ clock: systemClock, serial: 1, slots: { 2: { key: new Uint8Array(20) } } }));
    await desk.lock();
    expect(await desk.unlock({})).toMatchObject({ state: 'unlocked' });
  });

  test('says when it has to be touched', async () => {
    const { key } = desk.yubikey(true);
    const added = desk.addSlot({ otpSlot: 2 }, { alone: true });
    key.control.touch = 'approve';
    await added;
    await desk.lock();
    key.control.touch = 'delay';
    const unlocking = desk.unlock({});
    expect(await desk.prompted('touch')).toMatchObject({
      purpose: 'unlock',
      message: expect.stringContaining('slot 2'),
    });
    key.control.press();
    expect(await unlocking).toMatchObject({ state: 'unlocked' });
    expect(desk.core.events.some(({ type }) => type === 'mfa.promptDone')).toBe(true);
    expect((await desk.core.client.call('mfa.prompts', {})).prompts).toEqual([]);
  });
});

describe('a touch', () => {
  let waiting: ReturnType<Desk['authenticator']>;
  beforeEach(async () => {
    waiting = desk.authenticator();
    await desk.setPin();
    await desk.enroll('blue', { pin: PIN });
    await desk.addSlot({ name: 'blue', pin: PIN });
    await desk.lock();
    waiting.key.control.touch = 'delay';
  });

  test('is waited for, with a prompt', async () => {
    const unlocking = desk.unlock({ pin: PIN });
    const prompt = await desk.prompted('touch');
    expect(prompt).toMatchObject({
      purpose: 'unlock',
      message: expect.stringMatching(/^Touch .* to unlock the vault\.$/),
    });
    expect(prompt.devices.map(({ id }) => id)).toEqual([await desk.idOf(waiting.plug)]);
    waiting.key.control.press();
    expect(await unlocking).toMatchObject({ state: 'unlocked' });
  });

  test('is given up from elsewhere, and the device stops waiting', async () => {
    const unlocking = code(() => desk.unlock({ pin: PIN }));
    const { id } = await desk.prompted('touch');
    expect(await desk.core.as('web').call('mfa.cancel', { prompt: id })).toEqual({ cancelled: 1 });
    expect(await unlocking).toBe('Cancelled');
    expect(waiting.key.state.awaitsTouch).toBe(false);
    expect(desk.hid.connections).toBe(0);
    expect(await state()).toBe('locked');
  });

  test('is given up with the caller’s connection (Ctrl-C)', async () => {
    const { client } = desk.core;
    const { sealKeyId, publicKey } = await client.call('hsm.sealKey', {});
    const { seal } = await import('../../../src/client/seal.ts');
    const pin = await seal({ sealKeyId, publicKey }, 'security-key-pin', new TextEncoder().encode(PIN));
    const connection = new AbortController();
    const secret = { factor: 'security-key', pin };
    const call = code(() => desk.core.running.call('vault.unlock', { secret }, 'cli', connection.signal));
    await desk.prompted('touch');
    connection.abort();
    expect(await call).toBe('Cancelled');
    for (let tries = 0; tries < 100 && waiting.key.state.awaitsTouch; tries += 1) await sleep(10);
    expect(waiting.key.state.awaitsTouch).toBe(false);
    expect(await state()).toBe('locked');
  });

  test('is refused', async () => {
    waiting.key.control.touch = 'deny';
    expect(await code(() => desk.unlock({ pin: PIN }))).toBe('TouchRefused');
    expect(await state()).toBe('locked');
  });

  test('never comes, because the key is pulled out', async () => {
    const unlocking = failure(() => desk.unlock({ pin: PIN }));
    await desk.prompted('touch');
    waiting.plug.unplug();
    expect(await unlocking).toMatchObject({ code: 'DeviceGone', message: expect.stringContaining('plug it in') });
    expect((await desk.core.client.call('mfa.prompts', {})).prompts).toEqual([]);
    expect(await state()).toBe('locked');
    waiting.plug.plug();
    waiting.key.control.touch = 'approve';
    expect(await desk.unlock({ pin: PIN })).toMatchObject({ state: 'unlocked' });
  });
});

describe('several keys', () => {
  test('the one that is touched, with its own PIN', async () => {
    const one = desk.authenticator();
    await desk.setPin();
    await desk.enroll('one', { pin: PIN });
    await desk.addSlot({ name: 'one', pin: PIN }, { label: 'One' });
    one.plug.unplug();
    const two = desk.authenticator({ description: { product: 'Second' } });
    await desk.setPin(two.plug, '7777');
    await desk.enroll('two', { pin: '7777' });
    const second = await desk.addSlot({ name: 'two', pin: '7777' }, { label: 'Two' });
    one.plug.plug();
    await desk.lock();

    one.key.control.touch = 'delay';
    two.key.control.touch = 'delay';
    const unlocking = failure(() => desk.unlock({}));
    const prompt = await desk.prompted('select');
    expect(prompt.devices).toHaveLength(2);
    for (let tries = 0; tries < 100 && !two.key.state.awaitsTouch; tries += 1) await sleep(10);
    two.key.control.press();
    const wanted = await unlocking;
    const device = await desk.idOf(two.plug);
    expect(wanted).toMatchObject({ code: 'PinRequired', details: { device, retries: 8 } });
    expect(one.key.state.awaitsTouch).toBe(false);
    two.key.control.touch = 'approve';
    expect(await desk.unlock({ device, pin: '7777' })).toMatchObject({ state: 'unlocked' });
    await desk.lock();
    // By the slot, the other key is not even asked.
    expect(await desk.unlock({ slot: second.id, pin: '7777' })).toMatchObject({ state: 'unlocked' });
  });

  test('a strange one beside the right one is left alone, and alone is told from it', async () => {
    const right = desk.authenticator();
    await desk.setPin();
    await desk.enroll('blue', { pin: PIN });
    await desk.addSlot({ name: 'blue', pin: PIN });
    const strange = desk.authenticator({ description: { product: 'Strange' } });
    await desk.lock();
    strange.key.control.touch = 'never';
    expect(await desk.unlock({ pin: PIN })).toMatchObject({ state: 'unlocked' });
    await desk.lock();
    const device = await desk.idOf(strange.plug);
    expect(await code(() => desk.unlock({ pin: PIN, device }))).toBe('NoCredential');
    right.plug.unplug();
    const unlocking = desk.unlock({ pin: PIN });
    expect(await desk.prompted('insert')).toMatchObject({
      message: expect.stringContaining('None of the security keys'),
    });
    right.plug.plug();
    expect(await unlocking).toMatchObject({ state: 'unlocked' });
  });

  test('one that another program holds, and one without rights to it', async () => {
    const { plug } = desk.authenticator();
    await desk.setPin();
    await desk.enroll('blue', { pin: PIN });
    await desk.addSlot({ name: 'blue', pin: PIN });
    const device = await desk.idOf(plug);
    await desk.lock();
    plug.held = true;
    expect(await failure(() => desk.unlock({ pin: PIN }))).toMatchObject({ code: 'DeviceBusy', details: { device } });
    plug.held = false;
    plug.denied = true;
    expect(await failure(() => desk.unlock({ pin: PIN }))).toMatchObject({ code: 'DeviceDenied', details: { device } });
    plug.denied = false;
    expect(await desk.unlock({ pin: PIN })).toMatchObject({ state: 'unlocked' });
  });
});

describe('pulled out in the middle', () => {
  test('at each report: an error that says so, the vault locked, and the key good again', async () => {
    const { plug } = desk.authenticator();
    await desk.setPin();
    await desk.enroll('blue', { pin: PIN });
    await desk.addSlot({ name: 'blue', pin: PIN });
    await desk.lock();
    let reports = 0;
    plug.filter = (_direction, report) => {
      reports += 1;
      return report;
    };
    await desk.unlock({ pin: PIN });
    const all = reports;
    expect(all).toBeGreaterThan(20);
    const step = process.env['KEYHOLD_TEST_FULL'] === '1' ? 1 : Math.ceil(all / 8);
    for (let last = 1; last < all; last += step) {
      await desk.lock();
      const device = await desk.idOf(plug);
      let left = last;
      plug.filter = (_direction, report) => {
        left -= 1;
        if (left === 0) queueMicrotask(() => plug.unplug());
        return left < 0 ? false : report;
      };
      const wrong = await failure(() => desk.unlock({ pin: PIN, device }));
      expect([last, wrong.code]).toEqual([last, 'DeviceGone']);
      expect(await state()).toBe('locked');
      expect(desk.hid.connections).toBe(0);
      plug.filter = (_direction, report) => report;
      plug.plug();
      expect(await desk.unlock({ pin: PIN })).toMatchObject({ state: 'unlocked' });
    }
  }, 120_000);
});

test('a backup is restored with a key that opens it, and only with that', async () => {
  const { plug } = desk.authenticator();
  await desk.setPin();
  await desk.enroll('blue', { pin: PIN });
  await desk.addSlot({ name: 'blue', pin: PIN });
  const { client } = desk.core;
  const path = join(desk.core.home, 'copy.keyhold');
  await client.call('vault.backup', { path });
  const restore = () =>
    client.callSealed('vault.restore', async (seal) => ({
      path,
      secret: { factor: 'security-key', pin: await seal('security-key-pin', new TextEncoder().encode(PIN)) },
    }));
  expect(await restore()).toMatchObject({ report: { ok: true } });
  expect(await state()).toBe('locked');
  plug.held = true;
  expect(await code(restore)).toBe('DeviceBusy');
  plug.held = false;
  expect(await desk.unlock({ pin: PIN })).toMatchObject({ state: 'unlocked' });
});

test('a vault that is gone is rebuilt from its mirror with a key', async () => {
  desk.authenticator();
  await desk.setPin();
  await desk.enroll('blue', { pin: PIN });
  await desk.addSlot({ name: 'blue', pin: PIN });
  const { client } = desk.core;
  const folder = testFolder();
  await client.call('hsm.mirrorAdd', { path: folder });
  await desk.lock();
  await desk.core.running.stop();
  for (const suffix of ['', '-wal', '-shm']) rmSync(join(desk.core.home, `vault.keyhold${suffix}`), { force: true });
  await desk.core.restart();
  expect(await desk.unlock({ pin: PIN })).toMatchObject({
    state: 'unlocked',
    notice: expect.stringContaining('was gone'),
  });
  expect((await client.call('mfa.keys', {})).keys).toMatchObject([{ name: 'blue' }]);
});

test('a lost key: the recovery code opens the vault, and the key is no way in any more', async () => {
  const { plug } = desk.authenticator();
  await desk.setPin();
  await desk.enroll('blue', { pin: PIN });
  const slot = await desk.addSlot({ name: 'blue', pin: PIN });
  const { client } = desk.core;
  const password = (await client.call('slot.list', {})).slots.find(({ factors }) => factors[0] === 'password');
  const byCode = async (seal: Parameters<Parameters<typeof client.callSealed>[1]>[0]) => ({
    factor: 'recovery-code' as const,
    sealed: await seal('recovery-code', new TextEncoder().encode(desk.recoveryCode)),
  });
  await client.callSealed('slot.remove', async (seal) => ({ id: password?.id ?? '', authorize: await byCode(seal) }));
  await desk.lock();
  plug.unplug();
  expect(await code(() => desk.core.unlock())).toBe('WrongSecret');
  const opened = await client.callSealed('vault.unlock', async (seal) => ({ secret: await byCode(seal) }));
  expect(opened).toMatchObject({ state: 'unlocked' });
  // While it is a way in, the key is not forgotten; then both go, but never the last way in.
  const forget = () =>
    client.callSealed('mfa.removeKey', async (seal) => ({ name: 'blue', authorize: await byCode(seal) }));
  expect(await code(forget)).toBe('InUse');
  await client.callSealed('slot.remove', async (seal) => ({ id: slot.id, authorize: await byCode(seal) }));
  await forget();
  const { slots } = await client.call('slot.list', {});
  const last = client.callSealed('slot.remove', async (seal) => ({
    id: slots[0]?.id ?? '',
    authorize: await byCode(seal),
  }));
  expect(await code(() => last)).toBe('LastSlot');
  expect(await client.call('mfa.keys', {})).toEqual({ keys: [] });
});
