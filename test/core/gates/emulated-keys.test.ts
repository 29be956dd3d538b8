import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Params } from '../../../src/contract/methods.ts';
import { systemClock } from '../../../src/daemon/system-ports.ts';
import { createAuthenticator } from '../../device/authenticator.ts';
import { failure } from '../../support/vault.ts';
import { type Desk, openDesk, PIN } from '../security-keys/support.ts';

const REQUEST: Params<'sign.headers'> = {
  profile: 'prod',
  method: 'GET',
  url: 'https://s3.eu-central-1.amazonaws.com/',
  headers: [],
  payloadHash: 'UNSIGNED-PAYLOAD',
};
const KEY = { kind: 'key', name: 'deploy' } as const;

let desk: Desk;
beforeEach(async () => {
  desk = await openDesk();
  await desk.core.populate();
}, 60_000);
afterEach(() => desk.core.dispose());

const call: Desk['core']['client']['call'] = (method, params) => desk.core.client.call(method, params);
const signIt = () => call('sign.headers', REQUEST);
const gate = (keys: Params<'gate.set'>['keys'] = 'any') => call('gate.set', { target: KEY, withinSeconds: 0, keys });

describe('a gate with a security key that is plugged in', () => {
  test('wants its touch, and shows what for', async () => {
    const { key } = desk.authenticator();
    await desk.enroll('blue', { userVerification: false });
    await gate();
    const before = key.state.touches;
    await signIt();
    expect(key.state.touches).toBe(before + 1);
    key.control.touch = 'delay';
    const waiting = signIt();
    expect(await desk.prompted('touch')).toMatchObject({
      purpose: 'gate',
      message: 'Touch “blue” to let the command line sign a request for prod (GET s3.eu-central-1.amazonaws.com).',
    });
    key.control.press();
    await waiting;
    expect((await call('mfa.prompts', {})).prompts).toEqual([]);
  });

  test.each([
    ['refused', 'TouchRefused'],
    ['cancelled', 'Cancelled'],
    ['pulled out', 'DeviceGone'],
  ] as const)('lets nothing happen when it is %s', async (what, reason) => {
    const { key, plug } = desk.authenticator();
    await desk.enroll('blue', { userVerification: false });
    await gate();
    key.control.touch = what === 'refused' ? 'deny' : 'delay';
    const refused = failure(signIt);
    if (what !== 'refused') await desk.prompted('touch');
    if (what === 'cancelled') await call('mfa.cancel', {});
    if (what === 'pulled out') plug.unplug();
    const error = await refused;
    expect(error.code).toBe(what === 'cancelled' ? 'Cancelled' : 'TouchRequired');
    if (what !== 'cancelled') expect(error.details).toMatchObject({ reason });
    key.control.touch = 'approve';
    if (what === 'pulled out') plug.plug();
    await signIt();
  });

  test('asks to plug one in where there is none, and waits for the right one', async () => {
    const blue = desk.authenticator();
    await desk.enroll('blue', { userVerification: false });
    await gate();
    blue.plug.unplug();
    const waiting = signIt();
    await desk.prompted('insert');
    const other = desk.authenticator({ description: { product: 'Stranger' } });
    await new Promise((resolve) => setTimeout(resolve, 600));
    blue.plug.plug();
    await waiting;
    expect(other.key.state.touches).toBe(0);
  });

  test('of several takes the one that is touched', async () => {
    const blue = desk.authenticator();
    await desk.enroll('blue', { userVerification: false });
    blue.plug.unplug();
    const red = desk.authenticator({ description: { product: 'Red' } });
    await desk.enroll('red', { userVerification: false });
    await gate();
    blue.plug.plug();
    blue.key.control.touch = 'delay';
    red.key.control.touch = 'delay';
    const waiting = signIt();
    await desk.prompted('touch');
    await new Promise((resolve) => setTimeout(resolve, 200));
    red.key.control.press();
    await waiting;
    const { entries } = await call('audit.list', { text: 'sign.headers', limit: 1 });
    expect(entries[0]?.event.mfa).toMatchObject([{ key: 'red' }]);
  });

  test('of the older kind (U2F) does as well', async () => {
    const { key } = desk.authenticator({ kind: 'u2f' });
    await desk.enroll('old', { userVerification: false });
    await gate(['old']);
    const before = key.state.touches;
    await signIt();
    expect(key.state.touches).toBe(before + 1);
  });

  test.each([
    ['with', undefined, 2],
    ['without', [], 1],
  ] as const)(
    'that was enrolled with its PIN, %s credProtect, opens it by a touch alone',
    async (_how, extensions, level) => {
      const { key } = desk.authenticator(extensions === undefined ? {} : { extensions });
      await desk.setPin();
      await desk.enroll('blue', { pin: PIN });
      expect(key.state.credentials.map(({ protection }) => protection)).toEqual([level]);
      await gate();
      const before = key.state.touches;
      await signIt();
      expect(key.state.touches).toBe(before + 1);
    },
  );

  test('that always verifies its person does so by its own reader', async () => {
    const { key } = desk.authenticator({ alwaysUv: true, builtInUv: true });
    await desk.enroll('bio');
    await gate();
    const before = key.state.touches;
    await signIt();
    expect(key.state.touches).toBe(before + 1);
    key.control.finger = 'mismatch';
    for (let tries = 0; tries < 8; tries += 1) expect((await failure(signIt)).code).toBe('TouchRequired');
    // Its reader is blocked now, and nobody can type its PIN here.
    expect(await failure(signIt)).toMatchObject({ message: expect.stringContaining('which no gate can ask for') });
  });

  test('that does nothing without its PIN is no key for a gate, and the words say so', async () => {
    const fips = desk.authenticator({ alwaysUv: true, description: { product: 'Fips' } });
    expect((await failure(() => desk.enroll('fips', { userVerification: false }))).code).toBe('PinNotSet');
    await desk.setPin();
    expect(await desk.enroll('fips', { pin: PIN })).toMatchObject({ alwaysPin: true, userVerification: true });
    expect((await failure(() => gate())).message).toContain('a touch is enough for');
    expect(await failure(() => gate(['fips']))).toMatchObject({
      code: 'InvalidInput',
      message: expect.stringContaining('does nothing without its PIN'),
    });
    fips.plug.unplug();
    const { key } = desk.authenticator();
    await desk.enroll('blue', { userVerification: false });
    await gate();
    const before = key.state.touches;
    await signIt();
    expect(key.state.touches).toBe(before + 1);
    expect(fips.key.state.touches).toBe(1);
  });

  test('that was set to want its PIN later says so at once', async () => {
    const options = { clock: systemClock, alwaysUv: false };
    const key = createAuthenticator(options);
    desk.hid.add(key);
    await desk.enroll('blue', { userVerification: false });
    await gate();
    options.alwaysUv = true;
    expect(await failure(signIt)).toMatchObject({
      code: 'TouchRequired',
      message: expect.stringContaining('does nothing without its PIN'),
      details: { reason: 'DeviceUnsupported' },
    });
  });

  test('is one key with one counter, at gates and when it is tried', async () => {
    const { key } = desk.authenticator();
    await desk.enroll('blue', { userVerification: false });
    await gate();
    const counted = async () => (await call('mfa.keys', {})).keys[0]?.signCount ?? 0;
    const before = await counted();
    await call('mfa.test', { name: 'blue' });
    expect(await counted()).toBeGreaterThan(before);
    key.control.counter = 40;
    await signIt();
    // A copy that has been used less: what the gate has seen, the trial knows.
    key.control.counter = 20;
    expect((await failure(() => call('mfa.test', { name: 'blue' }))).message).toContain('went back');
    key.control.counter = 60;
    await call('mfa.test', { name: 'blue' });
    expect(await counted()).toBe(60);
    key.control.counter = 50;
    expect((await failure(signIt)).code).toBe('TouchRequired');
  });

  test('is forgotten only with its touch, while something wants it', async () => {
    const { key } = desk.authenticator();
    await desk.enroll('blue', { userVerification: false });
    await gate();
    key.control.touch = 'deny';
    const { callSealed } = desk.core.client;
    const remove = (factor: 'password' | 'recovery-code', text: string) =>
      callSealed('mfa.removeKey', async (seal) => ({
        name: 'blue',
        authorize: { factor, sealed: await seal(factor, new TextEncoder().encode(text)) },
      }));
    expect((await failure(() => remove('password', 'correct horse battery staple'))).code).toBe('TouchRequired');
    await remove('recovery-code', desk.recoveryCode);
    expect(await failure(signIt)).toMatchObject({ code: 'TouchRequired', message: /No security key/ });
    // The next one is enrolled by the recovery code, and whoever has it not touches nothing in vain.
    key.control.touch = 'approve';
    const before = key.state.touches;
    const again = await failure(() => desk.enroll('again', { userVerification: false }));
    expect(again).toMatchObject({ code: 'TouchRequired', message: /Do this with the recovery code/ });
    expect(key.state.touches).toBe(before);
    expect(key.state.credentials).toHaveLength(1);
  });
});
