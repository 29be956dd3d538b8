import { afterEach, beforeEach, expect, test } from 'vitest';
import { ACCESS_KEY_ID, startTestCore, type TestCore } from '../../support/core.ts';
import { PASSWORD } from '../../support/hsm.ts';

let core: TestCore;
beforeEach(() => {
  core = startTestCore();
});
afterEach(() => core.dispose());

test('from an empty folder to a working client, through lock, unlock and restart', async () => {
  expect(core.running.status().state).toBe('none');
  await expect(core.unlock()).rejects.toMatchObject({ code: 'NotInitialized' });

  const recovery = await core.create();
  expect(recovery).toMatch(/^([0-9A-Z]{4}-){7}[0-9A-Z]{4}$/);
  expect(core.running.status()).toMatchObject({ state: 'unlocked' });
  await expect(core.create()).rejects.toMatchObject({ code: 'AlreadyInitialized' });

  await core.populate();
  const client = await core.addClient({ name: 'terraform', profile: 'prod' });
  expect(client.accessKeyId).toMatch(/^KHLD[A-Z2-7]{16}$/);
  expect(client.secret).toHaveLength(40);
  expect(client).toMatchObject({ endpoint: 'http://127.0.0.1:4587', region: 'eu-central-1' });

  const locked = await core.client.call('vault.lock', {});
  expect(locked).toMatchObject({ state: 'locked', lockReason: 'request' });
  await expect(core.client.call('account.list', {})).rejects.toMatchObject({ code: 'Locked' });
  expect(core.spawned()).toBe(2);

  await core.unlock();
  await core.restart();
  expect(core.running.status()).toMatchObject({ state: 'locked', lockReason: 'start' });
  await core.unlock();

  const { keys } = await core.client.call('key.list', {});
  expect(keys).toMatchObject([{ name: 'deploy', account: 'prod', accessKeyId: ACCESS_KEY_ID, profiles: ['prod'] }]);
  const { clients } = await core.client.call('client.list', {});
  expect(clients).toMatchObject([{ name: 'terraform', profile: 'prod', enabled: true, expired: false }]);
  const check = await core.client.call('vault.check', {});
  expect(check).toMatchObject({ ok: true, findings: [] });
  expect(await core.client.call('audit.verify', {})).toMatchObject({ ok: true, firstBroken: null });

  const { entries } = await core.client.call('audit.list', {});
  expect(entries.map(({ event }) => [event.action, event.target, event.actor]).reverse()).toEqual([
    ['vault.create', undefined, 'cli'],
    ['account.add', 'prod', 'cli'],
    ['key.import', 'deploy', 'cli'],
    ['profile.add', 'prod', 'cli'],
    ['client.add', 'terraform', 'cli'],
    ['vault.lock', undefined, 'cli'],
    ['vault.unlock', undefined, 'cli'],
    ['vault.lock', undefined, 'daemon'],
    ['vault.unlock', undefined, 'cli'],
  ]);
  expect(core.logged.filter((line) => line.startsWith('error'))).toEqual([]);
});

test('the recovery code opens the vault, with or without its hyphens', async () => {
  const recovery = await core.create();
  await core.client.call('vault.lock', {});
  const status = await core.client.callSealed('vault.unlock', async (seal) => ({
    secret: {
      factor: 'recovery-code',
      sealed: await seal('recovery-code', new TextEncoder().encode(recovery.toLowerCase().replaceAll('-', ''))),
    },
  }));
  expect(status.state).toBe('unlocked');
});

test('unlocking an unlocked vault still wants the right password', async () => {
  await core.create();
  await expect(core.unlock('wrong')).rejects.toMatchObject({ code: 'WrongSecret' });
  expect(await core.unlock(PASSWORD)).toMatchObject({ state: 'unlocked' });
});
