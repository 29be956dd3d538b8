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
