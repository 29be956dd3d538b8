import { afterEach, beforeEach, expect, test } from 'vitest';
import { remind } from '../../../src/core/rotation/remind.ts';
import { ACCESS_KEY_ID, startTestCore, type TestCore } from '../../support/core.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

const DAY = 86_400_000;
const clock = createFakeClock(Date.parse('2026-11-23T11:00:00Z'));
let core: TestCore;

beforeEach(async () => {
  core = startTestCore({ clock });
  await core.create();
  await core.populate();
  await core.client.call('settings.update', { autoLockMinutes: 0 });
});
afterEach(() => core.dispose());

const call: TestCore['client']['call'] = (...args) => core.client.call(...args);

test('what is due is known with the first call after an unlock', async () => {
  await call('credential.add', { type: 'smtp', name: 'mail', key: 'deploy', region: 'eu-central-1' });
  clock.advance(2 * DAY);
  for (const ask of [
    () => call('rotation.startDue', { olderThanSeconds: 86_400, plan: true }),
    () => call('rotation.due', {}),
    () => call('rotation.calendar', {}),
  ]) {
    await call('vault.lock', {});
    await core.unlock();
    await expect(ask()).resolves.toBeDefined();
  }
});

test('a key that its schedule cannot rotate is a person’s, who is told why', async () => {
  const [prod] = (await call('account.list', {})).accounts;
  await call('account.add', { name: 'again', accountId: prod?.accountId ?? '', kind: 'remote' });
  await core.importKey({ name: 'twin', account: 'again', accessKeyId: ACCESS_KEY_ID });
  await call('rotation.setMaxAge', { target: { kind: 'key', name: 'deploy' }, maxAgeDays: 1 });
  await call('rotation.schedule', { target: { kind: 'key', name: 'deploy' }, schedule: { auto: 'rotate' } });
  clock.advance(2 * DAY);
  const [due] = (await call('rotation.due', {})).keys;
  expect(due).toMatchObject({ key: 'deploy', needsPerson: expect.stringContaining('twin is the same access key') });
  expect(due?.rotatesAt).toBeUndefined();
  await remind(core.running.core.session(), core.running.core.ports);
  const told = core.events.flatMap((event) => (event.type === 'notice' ? [event.message] : []));
  expect(told.join(' ')).toContain('deploy is older than it may be');
});

test('credentials are due with the keys: in the list, the calendar and what is begun', async () => {
  await core.client.callSealed('credential.add', async (seal) => ({
    ...{ type: 'service', name: 'git', key: 'deploy', service: 'codecommit.amazonaws.com' },
    existing: {
      ...{ credentialId: 'ACCAEXAMPLE123EXAMPLE', userName: 'deploy-at-123456789012' },
      password: await seal('service-password', Buffer.from('pass/word=')),
    },
  }));
  await call('rotation.setMaxAge', { target: { kind: 'credential', name: 'git' }, maxAgeDays: 1 });
  const listed = async () => (await call('rotation.due', {})).keys;
  expect(await listed()).toMatchObject([{ key: 'git', adapter: 'service', account: 'prod', state: 'soon' }]);
  const { text, events } = await call('rotation.calendar', { withIds: true });
  expect(events).toBe(1);
  expect(text).toContain('SUMMARY:Rotate credential:git (prod)');
  expect(text).toContain('ACCAEXAMPLE123EXAMPLE is due.');
  clock.advance(2 * DAY);
  expect(await listed()).toMatchObject([{ key: 'git', state: 'due', auto: 'remind' }]);
  const all = ['deploy', 'credential:git'];
  expect(await call('rotation.startDue', { plan: true, olderThanSeconds: 60 })).toEqual({ begun: all, skipped: [] });
  // By name, as the board begins those that were chosen: whatever is called twice is begun once.
  const named = (...keys: string[]) => call('rotation.startDue', { plan: true, keys });
  expect(await named('credential:git', 'deploy', 'credential:git')).toEqual({
    begun: ['credential:git', 'deploy'],
    skipped: [],
  });
  await expect(named('git')).rejects.toMatchObject({
    code: 'NotFound',
    message: expect.stringContaining('access key'),
  });
  await expect(named('credential:nobody')).rejects.toMatchObject({ code: 'NotFound' });
  // A key that is called as a credential would be is not meant by that.
  await core.importKey({ name: 'credential:git', account: 'prod', accessKeyId: 'AKIAI44QH8DHBEXAMPLE' });
  await core.importKey({ name: 'credential:mail', account: 'prod', accessKeyId: 'AKIAI44QH8DHBEXAMPL2' });
  await expect(named('credential:mail')).rejects.toMatchObject({ code: 'NotFound' });
  await expect(call('rotation.start', { key: 'credential:mail' })).rejects.toMatchObject({ code: 'NotFound' });
  expect(await named('key:deploy', 'key:credential:git', 'credential:git')).toEqual({
    begun: ['key:deploy', 'key:credential:git', 'credential:git'],
    skipped: [],
  });
  clock.advance(60_000);
  expect((await call('rotation.startDue', { plan: true, olderThanSeconds: 60 })).begun.sort()).toEqual([
    ...['credential:git', 'deploy'],
    ...['key:credential:git', 'key:credential:mail'],
  ]);
  expect(await call('rotation.startDue', {})).toEqual({ begun: ['credential:git'], skipped: [] });
  expect(await listed()).toMatchObject([{ key: 'git', state: 'underWay' }]);
  expect((await call('rotation.list', {})).rotations).toMatchObject([{ key: 'git', adapter: 'service' }]);
  expect((await call('rotation.startDue', { plan: true })).begun).toEqual([]);
});
