import { expect, test, vi } from 'vitest';
import { startTestCore } from '../../support/core.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

const DAY = 86_400_000;

test('what is done again and again begins with the session in which the vault was made', async () => {
  const clock = createFakeClock();
  const core = startTestCore({ clock });
  try {
    await core.create();
    const { call } = core.client;
    await call('settings.update', { autoLockMinutes: 0 });
    await call('account.add', { name: 'prod', accountId: '123456789012', kind: 'remote' });
    await core.importKey({ name: 'old', account: 'prod', accessKeyId: 'AKIAIOSFODNN7EXAMPLE' });
    await call('rotation.setMaxAge', { target: { kind: 'key', name: 'old' }, maxAgeDays: 1 });
    clock.advance(2 * DAY);
    const notices = () => core.events.flatMap((event) => (event.type === 'notice' ? [event.message] : []));
    await vi.waitFor(() => expect(notices().join(' ')).toContain('old is older than it may be'));
  } finally {
    await core.dispose();
  }
});
