import { afterEach, beforeEach, expect, test } from 'vitest';
import { enrolSoftKey, type Finger, finger } from '../../support/gate-keys.ts';
import { ROLES, type SessionLab, startSessionLab } from '../../support/session-lab.ts';

const MINUTE = 60_000;
let lab: SessionLab;
let hand: Finger;
beforeEach(async () => {
  lab = await startSessionLab();
  const { core, device } = lab;
  await core.client.call('settings.update', { autoLockMinutes: 0 });
  await lab.addProfile('hop', 'hub', { key: 'alice', role: { arn: ROLES.hop }, mfaSerial: device.serialNumber });
  hand = finger([await enrolSoftKey(core, 'blue')]);
  core.running.core.touch.use(hand.source);
});
afterEach(() => lab.dispose());

const refresh = () => lab.core.client.call('session.refresh', { profile: 'hop' });
const gate = () =>
  lab.core.client.call('gate.set', { target: { kind: 'key', name: 'alice' }, withinSeconds: 0, keys: 'any' });
const credentials = () => {
  const { broker, things } = lab.core.running.core.session();
  return broker.credentials(things.byName('profile', 'hop').id);
};

test('a key that wants a touch is touched for the session, and the prompt says what it lets pass', async () => {
  await gate();
  expect(await refresh()).toMatchObject({ state: 'active' });
  expect(hand.asked.map(({ message }) => message)).toEqual([
    expect.stringMatching(/^Touch “blue” to let the command line .*, and begin a session of hop for what follows\.$/),
  ]);
  await credentials();
  expect(hand.asked).toHaveLength(1);
});

test('a gate that is set ends the sessions that were got without it', async () => {
  await refresh();
  await credentials();
  await gate();
  expect(await lab.session('hop')).toMatchObject({ state: 'expired' });
  await expect(credentials()).rejects.toMatchObject({ code: 'TouchRequired' });
  expect(hand.asked).toEqual([]);
});

test('nobody is asked for a touch ahead of time, and a person who is there is asked in the end', async () => {
  await gate();
  await refresh();
  for (let minute = 0; minute < 58; minute += 2) {
    await lab.pass(2 * MINUTE);
    await credentials();
  }
  expect(hand.asked).toHaveLength(1);
  expect(lab.stsCalls()).toEqual(['AssumeRole']);
  await lab.pass(3 * MINUTE);
  await expect(credentials()).rejects.toMatchObject({ code: 'TouchRequired' });
  await lab.pass(2 * MINUTE);
  expect(await refresh()).toMatchObject({ state: 'active' });
  expect(hand.asked).toHaveLength(2);
});

test('the touch comes before the code: a refused one uses none up', async () => {
  await gate();
  hand.does = 'refuse';
  const entry = async () => (await lab.core.client.call('totp.list', {})).devices[0];
  await expect(refresh()).rejects.toMatchObject({ code: 'TouchRequired' });
  expect(await entry()).not.toHaveProperty('lastUsedAt');
  hand.does = 'touch';
  // In the same time step, whose code is still there to be used.
  expect(await refresh()).toMatchObject({ state: 'active' });
  expect(await entry()).toHaveProperty('lastUsedAt');
  expect(hand.asked).toHaveLength(2);
  expect(lab.stsCalls()).toEqual(['AssumeRole']);
});

test('a gated profile whose key assumes the role is touched once for the session, and before the code', async () => {
  const { core, device } = lab;
  await lab.addProfile('hub', 'hub', { key: 'alice' });
  await lab.addProfile('hopper', 'hub', { source: 'hub', role: { arn: ROLES.hop }, mfaSerial: device.serialNumber });
  await core.client.call('gate.set', { target: { kind: 'profile', name: 'hub' }, withinSeconds: 0, keys: 'any' });
  await gate();
  expect(await core.client.call('session.refresh', { profile: 'hopper' })).toMatchObject({ state: 'active' });
  expect(hand.asked).toHaveLength(2);
});
