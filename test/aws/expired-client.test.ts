import { expect, it } from 'vitest';
import { startTestCore } from '../support/core.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { cleanUp, startHarness } from './harness.ts';

it.each([undefined, ['*']])(
  'an expired client reads so in AWS’s words, though the HSM does not use its key (%j)',
  async (regionSet) => {
    const clock = createFakeClock();
    const core = startTestCore({ clock });
    cleanUp(() => core.dispose());
    await core.create();
    await core.client.call('settings.update', { autoLockMinutes: 0 });
    await core.populate();
    const { accessKeyId, secret } = await core.addClient({ name: 'tool', profile: 'prod', expiresInSeconds: 60 });
    const { send } = await startHarness({ clock, door: { backend: core.running.doorBackend } });
    clock.advance(61_000);
    const key = { accessKeyId, secretAccessKey: secret };
    const answer = await send({ key, now: clock.now(), ...(regionSet === undefined ? {} : { regionSet }) });
    expect([answer.status, answer.text]).toEqual([400, expect.stringContaining('<Code>ExpiredToken</Code>')]);
    expect(answer.text).toContain('Ask Keyhold for a new one.');
  },
);
