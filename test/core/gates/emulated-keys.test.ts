import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Params } from '../../../src/contract/methods.ts';
import { failure } from '../../support/vault.ts';
import { type Desk, openDesk } from '../security-keys/support.ts';

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
  });
});
