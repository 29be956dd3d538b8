import { beforeEach, describe, expect, it } from 'vitest';
import type { Params } from '../../src/contract/methods.ts';
import { startTestCore, type TestCore } from '../support/core.ts';
import { VAULTED_KEY } from '../support/door-backend.ts';
import { createFakeClock, type FakeClock } from '../support/fake-clock.ts';
import { enrolSoftKey, type Finger, finger } from '../support/gate-keys.ts';
import { cleanUp, startHarness } from './harness.ts';

let clock: FakeClock;
let core: TestCore;
let hand: Finger;
let key: { accessKeyId: string; secretAccessKey: string };
let send: Awaited<ReturnType<typeof startHarness>>['send'];

beforeEach(async () => {
  clock = createFakeClock();
  core = startTestCore({ clock });
  cleanUp(() => core.dispose());
  await core.create();
  await core.client.call('settings.update', { autoLockMinutes: 0 });
  const harness = await startHarness({
    clock,
    door: { backend: core.running.doorBackend },
    upstream: { now: () => clock.now() },
  });
  await core.client.call('account.add', {
    ...{ name: 'prod', accountId: '123456789012', kind: 'remote' },
    endpointUrl: harness.upstream.url,
  });
  const { accessKeyId, secretAccessKey } = VAULTED_KEY;
  await core.importKey({ name: 'deploy', account: 'prod', accessKeyId }, secretAccessKey);
  await core.client.call('profile.add', { name: 'prod', account: 'prod', key: 'deploy', region: 'eu-central-1' });
  hand = finger([await enrolSoftKey(core, 'blue')]);
  core.running.core.touch.use(hand.source);
  const issued = await core.addClient({ name: 'tool', profile: 'prod' });
  key = { accessKeyId: issued.accessKeyId, secretAccessKey: issued.secret };
  send = harness.send;
}, 60_000);

const gate = (target: Params<'gate.set'>['target'], withinSeconds = 0) =>
  core.client.call('gate.set', { target, withinSeconds, keys: 'any' });
const ask = (more: object = {}) => send({ key, now: clock.now(), ...more });
const lastRequest = async () => {
  const { entries } = await core.client.call('audit.list', { kind: 'request', limit: 1 });
  return entries[0]?.event;
};

describe('a request that wants a touch', () => {
  it.each<[string, Params<'gate.set'>['target'], string]>([
    ['client', { kind: 'client', name: 'tool' }, 'deploy'],
    ['profile', { kind: 'profile', name: 'prod' }, 'deploy'],
    ['access key', { kind: 'key', name: 'deploy' }, 'deploy'],
  ])('by its %s goes out after one, and not without', async (_what, target) => {
    expect((await ask()).status).toBe(200);
    await gate(target);
    expect((await ask()).status).toBe(200);
    expect(hand.asked.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^Touch “blue” to let tool use deploy \(s3 \w+\)\.$/),
    ]);
    expect(await lastRequest()).toMatchObject({ decision: 'allowed', mfa: [{ key: 'blue' }] });
    hand.does = 'refuse';
    const refused = await ask();
    expect([refused.status, refused.text]).toEqual([403, expect.stringContaining('<Code>AccessDenied</Code>')]);
    expect(refused.text).toContain('This wants a touch of a security key. The security key said no.');
    const event = await lastRequest();
    expect(event).toMatchObject({ decision: 'denied', reason: expect.stringContaining('wants a touch') });
    expect(event).not.toHaveProperty('mfa');
  });

  it('gets one for a while', async () => {
    await gate({ kind: 'client', name: 'tool' }, 60);
    await gate({ kind: 'key', name: 'deploy' }, 60);
    expect((await ask()).status).toBe(200);
    expect((await ask()).status).toBe(200);
    expect(hand.asked).toHaveLength(2);
    clock.advance(60_000);
    hand.does = 'refuse';
    expect((await ask()).status).toBe(403);
  });

  it('asks nobody for a forged signature', async () => {
    await gate({ kind: 'client', name: 'tool' });
    const forged = await ask({ key: { ...key, secretAccessKey: 'x'.repeat(40) } });
    expect([forged.status, forged.text]).toEqual([403, expect.stringContaining('SignatureDoesNotMatch')]);
    expect(hand.asked).toEqual([]);
  });

  it('asks nobody for a disabled client, nor for SigV4a', async () => {
    await gate({ kind: 'client', name: 'tool' });
    const v4a = await ask({ regionSet: ['*'] });
    expect([v4a.status, v4a.text]).toEqual([501, expect.stringContaining('Sign them whole, with SigV4.')]);
    await core.client.call('client.update', { name: 'tool', enabled: false });
    expect((await ask()).status).toBe(403);
    expect(hand.asked).toEqual([]);
  });

  it('does not profit from the key that was known before the gate', async () => {
    expect((await ask()).status).toBe(200);
    await gate({ kind: 'client', name: 'tool' });
    hand.does = 'refuse';
    expect((await ask()).status).toBe(403);
  });
});
