import { afterEach, beforeEach, expect, test } from 'vitest';
import { startTestCore, type TestCore } from '../../support/core.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

const DAY = 86_400_000;
const clock = createFakeClock(Date.parse('2026-11-23T11:00:00Z'));
let core: TestCore;

beforeEach(async () => {
  core = startTestCore({ clock });
  await core.create();
  await core.populate();
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
