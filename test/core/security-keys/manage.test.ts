import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { KeyholdError } from '../../../src/contract/errors.ts';
import { systemClock } from '../../../src/daemon/system-ports.ts';
import { createAuthenticator } from '../../device/authenticator.ts';
import { failure } from '../../support/vault.ts';
import { type Desk, openDesk, PIN } from './support.ts';

const utf8 = new TextEncoder();
let desk: Desk;
beforeEach(async () => {
  desk = await openDesk();
});
afterEach(() => desk.core.dispose());

const call: Desk['core']['client']['call'] = (method, params) => desk.core.client.call(method, params);
const code = async (run: () => unknown) => (await failure(run)).code;
const changePin = (current: string, pin: string) =>
  desk.core.client.callSealed('mfa.changePin', async (seal) => ({
    current: await seal('security-key-pin', utf8.encode(current)),
    pin: await seal('security-key-pin', utf8.encode(pin)),
  }));

describe('what is plugged in', () => {
  test('is listed, and told of while somebody looks', async () => {
    expect(await call('mfa.devices', {})).toEqual({ devices: [] });
    const { plug } = desk.authenticator();
    desk.yubikey();
    const { devices } = await call('mfa.devices', {});
    expect(devices.map(({ kind }) => kind)).toEqual(['fido', 'otp']);
    const before = desk.core.events.length;
    const changed = () =>
      desk.core.events
        .slice(before)
        .some((event) => event.type === 'changed' && event.what.some((what) => what === 'devices'));
    // The first look after the list is what later ones are compared with.
    await new Promise((resolve) => setTimeout(resolve, 1500));
    plug.unplug();
    for (let tries = 0; tries < 60 && !changed(); tries += 1) await new Promise((resolve) => setTimeout(resolve, 50));
    expect(changed()).toBe(true);
  });

  test('says what it can do, and how its PIN is', async () => {
    expect(await code(() => call('mfa.info', {}))).toBe('NotFound');
    const { plug } = desk.authenticator();
    expect((await call('mfa.info', {})).info).toMatchObject({
      ...{ kind: 'fido', fido2: true, pin: 'unset', pinRetries: null, canUnlock: true, managesCredentials: true },
    });
    await desk.setPin();
    expect((await call('mfa.info', {})).info).toMatchObject({ pin: 'set', pinRetries: 8, pinNeedsReplug: false });
    plug.unplug();
    desk.yubikey();
    const slots = [false, true];
    expect((await call('mfa.info', {})).info).toEqual({ kind: 'otp', serial: 7_654_321, firmware: '5.4.3', slots });
  });

  test('where several are, has to be named', async () => {
    desk.authenticator();
    desk.authenticator({ description: { product: 'Second' } });
    expect(await failure(() => call('mfa.info', {}))).toMatchObject({
      code: 'InvalidInput',
      message: expect.stringMatching(/^Several security keys .* Second/),
    });
  });

  test('is one key where its two interfaces are all there is', async () => {
    const yubikey = { vendorId: 0x1050, productId: 0x0401, manufacturer: 'Yubico', product: 'YubiKey OTP' };
    desk.yubikey();
    const { plug } = desk.authenticator({ description: yubikey });
    expect((await call('mfa.info', {})).device).toMatchObject({ kind: 'fido' });
    const { devices } = await call('mfa.devices', {});
    const otp = devices.find(({ kind }) => kind === 'otp');
    expect((await call('mfa.info', { device: otp?.id })).device).toMatchObject({ kind: 'otp' });
    plug.unplug();
    expect((await call('mfa.info', {})).device).toMatchObject({ kind: 'otp' });
    expect(await code(() => call('mfa.info', { kind: 'fido' }))).toBe('NotFound');
    desk.authenticator();
    expect(await failure(() => call('mfa.info', {}))).toMatchObject({
      message: expect.stringMatching(/challenge-response\).*, FIDO\)\.$/),
    });
    expect((await call('mfa.info', { kind: 'fido' })).device).toMatchObject({ kind: 'fido' });
  });

  test('cannot be looked for: the list says why', async () => {
    desk.hid.list = () => Promise.reject(new KeyholdError('HidUnavailable', 'Install libudev.'));
    expect(await call('mfa.devices', {})).toEqual({ devices: [], problem: 'Install libudev.' });
    expect(await code(() => call('mfa.info', {}))).toBe('HidUnavailable');
  });
});

describe('the PIN of a key', () => {
  test('is set once, and changed with the present one', async () => {
    const { key } = desk.authenticator();
    expect(await code(() => changePin(PIN, '7777'))).toBe('PinNotSet');
    await desk.setPin();
    expect(key.state.pinSet).toBe(true);
    expect(await code(() => desk.setPin())).toBe('AlreadyExists');
    expect(await failure(() => changePin('000000', '7777'))).toMatchObject({
      code: 'PinWrong',
      details: { retries: 7 },
    });
    expect(await code(() => changePin(PIN, '123'))).toBe('PinPolicy');
    expect(await changePin(PIN, 'fünf')).toEqual({});
    expect(await desk.enroll('blue', { pin: 'fu\u0308nf' })).toMatchObject({ userVerification: true });
    const { entries } = await call('audit.list', {});
    expect(entries.map(({ event }) => event.action)).toEqual(expect.arrayContaining(['mfa.pin', 'mfa.enroll']));
    expect(JSON.stringify([entries, desk.core.events, desk.core.logged])).not.toContain('fünf');
  });

  test('is not needed where the vault is locked or missing', async () => {
    desk.authenticator();
    await desk.lock();
    await desk.setPin();
    expect((await call('mfa.info', {})).info).toMatchObject({ pin: 'set' });
  });
});

describe('enrolment', () => {
  test('refuses a key that is enrolled, a taken name, and who is not the owner', async () => {
    desk.authenticator();
    await desk.setPin();
    expect(await code(() => desk.enroll('blue'))).toBe('PinRequired');
    await desk.enroll('blue', { pin: PIN });
    expect(await code(() => desk.enroll('blue', { pin: PIN }))).toBe('AlreadyExists');
    expect(await code(() => desk.enroll('again', { pin: PIN }))).toBe('CredentialExcluded');
    const wrong = desk.core.client.callSealed('mfa.enroll', async (seal) => ({
      name: 'other',
      authorize: { factor: 'password', sealed: await seal('password', utf8.encode('wrong')) },
    }));
    expect(await code(() => wrong)).toBe('WrongSecret');
    expect(await call('mfa.rename', { name: 'BLUE', rename: 'red' })).toMatchObject({ name: 'red' });
    expect(await code(() => call('mfa.rename', { name: 'blue', rename: 'x' }))).toBe('NotFound');
  });

  test('tells the attestation, and wants none', async () => {
    const { plug } = desk.authenticator({ attestation: 'basic' });
    const first = await desk.enroll('basic', { userVerification: false });
    expect(first).toMatchObject({ userVerification: false, attestation: expect.stringMatching(/^packed, basic: /) });
    plug.unplug();
    desk.authenticator({ attestation: 'self' });
    expect((await desk.enroll('self', { userVerification: false })).attestation).toBe('packed, self');
  });

  test('of a U2F key: for a touch, not for the vault', async () => {
    desk.authenticator({ kind: 'u2f' });
    expect((await call('mfa.info', {})).info).toMatchObject({ fido2: false, canUnlock: false, versions: ['U2F_V2'] });
    expect(await code(() => desk.enroll('old', { userVerification: true }))).toBe('DeviceUnsupported');
    expect(await desk.enroll('old')).toMatchObject({ kind: 'u2f', canUnlock: false, aaguid: null });
    expect(await code(() => desk.addSlot({ name: 'old' }, { password: 'x' }))).toBe('DeviceUnsupported');
    expect(await call('mfa.test', { name: 'old' })).toMatchObject({ userVerified: false });
  });

  test('for a touch alone does not outlast a key that was set to verify its person', async () => {
    const options = { clock: systemClock, alwaysUv: false };
    const key = createAuthenticator(options);
    desk.hid.add(key);
    await desk.enroll('blue', { userVerification: false });
    await desk.addSlot({ name: 'blue' }, { password: 'together' });
    await desk.setPin();
    options.alwaysUv = true;
    const tested = desk.core.client.callSealed('mfa.test', async (seal) => ({
      name: 'blue',
      pin: await seal('security-key-pin', utf8.encode(PIN)),
    }));
    expect(await tested).toMatchObject({ userVerified: true });
    await desk.lock();
    // What it would answer now is another secret than the slot's: no PIN helps.
    expect(await code(() => desk.unlock({ password: 'together', pin: PIN }))).toBe('DeviceUnsupported');
  });

  test('of a key without hmac-secret', async () => {
    desk.authenticator({ extensions: [] });
    expect(await desk.enroll('plain', { userVerification: false })).toMatchObject({ canUnlock: false });
    expect(await code(() => desk.addSlot({ name: 'plain' }, { password: 'x' }))).toBe('DeviceUnsupported');
  });
});

describe('a test of a key', () => {
  test('counts, and notices a counter that went back', async () => {
    const { key } = desk.authenticator();
    await desk.setPin();
    await desk.enroll('blue', { pin: PIN });
    const tested = () =>
      desk.core.client.callSealed('mfa.test', async (seal) => ({
        name: 'blue',
        pin: await seal('security-key-pin', utf8.encode(PIN)),
      }));
    expect(await tested()).toMatchObject({ userVerified: true, message: expect.stringContaining('blue was touched') });
    const before = (await call('mfa.keys', {})).keys[0];
    expect(before?.lastUsedAt).toBeDefined();
    key.control.counter = 1;
    expect(await failure(tested)).toMatchObject({
      code: 'DeviceFault',
      message: expect.stringContaining('counter of'),
    });
    expect((await call('mfa.keys', {})).keys[0]?.signCount).toBe(before?.signCount);
  });

  test('of one that the vault does not know, and of a YubiKey', async () => {
    const { key, plug } = desk.authenticator();
    const touches = key.state.touches;
    expect(await call('mfa.test', {})).toMatchObject({ message: expect.stringMatching(/answers\.$/) });
    expect(key.state.touches).toBe(touches + 1);
    plug.unplug();
    desk.yubikey();
    expect(await call('mfa.test', { otpSlot: 2 })).toMatchObject({ message: expect.stringMatching(/^Slot 2/) });
    expect(await code(() => call('mfa.test', { otpSlot: 1 }))).toBe('NoCredential');
  });
});

test('credentials that a key keeps: none of Keyhold’s', async () => {
  desk.authenticator();
  await desk.setPin();
  await desk.enroll('blue', { pin: PIN });
  const listed = desk.core.client.callSealed('mfa.credentials', async (seal) => ({
    pin: await seal('security-key-pin', utf8.encode(PIN)),
  }));
  expect(await listed).toMatchObject({ credentials: [], remaining: 25 });
  expect(await code(() => call('mfa.credentials', {}))).toBe('PinRequired');
  const removed = desk.core.client.callSealed('mfa.removeCredential', async (seal) => ({
    credentialId: 'abcd',
    pin: await seal('security-key-pin', utf8.encode(PIN)),
  }));
  expect(await code(() => removed)).toBe('NoCredential');
});

describe('a reset', () => {
  test('wants the name typed, the key plugged in anew, and a touch', async () => {
    const { key, plug } = desk.authenticator();
    await desk.setPin();
    const { device } = await call('mfa.info', {});
    expect(await code(() => call('mfa.reset', { confirm: 'yes' }))).toBe('InvalidInput');
    const done = call('mfa.reset', { confirm: device.name });
    expect(await desk.prompted('replug')).toMatchObject({ purpose: 'reset' });
    plug.unplug();
    await new Promise((resolve) => setTimeout(resolve, 400));
    plug.plug();
    expect(await done).toEqual({});
    expect(key.state.pinSet).toBe(false);
  });

  test('of another key of the same model is not taken for it', async () => {
    const mine = desk.authenticator();
    const other = desk.authenticator();
    const { devices } = await call('mfa.devices', {});
    const id = await desk.idOf(mine.plug);
    const confirm = devices.find((one) => one.id === id)?.name ?? '';
    const done = code(() => call('mfa.reset', { device: id, confirm }));
    await desk.prompted('replug');
    await desk.setPin(other.plug);
    mine.plug.unplug();
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(await call('mfa.cancel', {})).toEqual({ cancelled: 1 });
    expect(await done).toBe('Cancelled');
    expect(other.key.state.pinSet).toBe(true);
  });

  test('is refused where something has a gate that nothing else opens', async () => {
    await desk.core.populate();
    const gate = (keys: 'any' | string[]) =>
      call('gate.set', { target: { kind: 'key', name: 'deploy' }, withinSeconds: 0, keys });
    const red = desk.authenticator();
    await desk.enroll('red', { userVerification: false });
    red.plug.unplug();
    desk.authenticator();
    await desk.enroll('blue', { userVerification: false });
    await gate(['blue']);
    const { device } = await call('mfa.info', {});
    expect(await failure(() => call('mfa.reset', { confirm: device.name }))).toMatchObject({
      code: 'InUse',
      message: expect.stringContaining('gates of deploy'),
    });
    await gate('any');
    const done = code(() => call('mfa.reset', { confirm: device.name }));
    await desk.prompted('replug');
    await call('mfa.cancel', {});
    expect(await done).toBe('Cancelled');
  });

  test('is refused where nothing else opens the vault', async () => {
    desk.authenticator();
    await desk.setPin();
    await desk.enroll('blue', { pin: PIN });
    await desk.addSlot({ name: 'blue', pin: PIN });
    const { client } = desk.core;
    for (const { id, factors } of (await call('slot.list', {})).slots) {
      if (factors[0] === 'fido2') continue;
      await client.callSealed('slot.remove', async (seal) => ({
        id,
        authorize: { factor: 'security-key', pin: await seal('security-key-pin', utf8.encode(PIN)) },
      }));
    }
    const { device } = await call('mfa.info', {});
    expect(await code(() => call('mfa.reset', { confirm: device.name }))).toBe('LastSlot');
    await desk.lock();
    expect(await code(() => call('mfa.reset', { confirm: device.name }))).toBe('LastSlot');
    expect(await desk.unlock({ pin: PIN })).toMatchObject({ state: 'unlocked' });
  });
});
