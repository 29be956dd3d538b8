import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { KeyholdError } from '../../../src/contract/errors.ts';
import { startTestCore, type TestCore } from '../../support/core.ts';
import { createFakeClock, type FakeClock } from '../../support/fake-clock.ts';

let core: TestCore;
let clock: FakeClock;
beforeEach(async () => {
  clock = createFakeClock();
  core = startTestCore({ clock });
  await core.create();
  await core.populate();
});
afterEach(() => core.dispose());

/** From now on no byte of this vault file can be written, not even with the space that was set aside. Answers how to make room. */
function fillDisk(): () => void {
  const vault = core.running.core.lifecycle.vault();
  const { rows, reserve } = vault;
  const { transaction, setMeta, removeMeta, putPending } = rows;
  const { take } = reserve;
  const full = (): never => {
    throw new KeyholdError('DiskFull', 'The disk is full: nothing was changed. Free some space and try again.');
  };
  Object.assign(rows, { transaction: full, setMeta: full, removeMeta: full, putPending: full });
  Object.assign(reserve, { take: full });
  return () => {
    Object.assign(rows, { transaction, setMeta, removeMeta, putPending });
    Object.assign(reserve, { take: take.bind(reserve) });
  };
}

const names = async () => (await core.client.call('account.list', {})).accounts.map(({ name }) => name);

describe('with a full disk', () => {
  test('the vault unlocks to be read, checked and copied elsewhere, and says so', async () => {
    const { accessKeyId } = await core.addClient({ name: 'tool', profile: 'prod' });
    await core.client.call('vault.lock', {});
    await expect(core.unlock('not the password')).rejects.toMatchObject({ code: 'WrongSecret' });
    const makeRoom = fillDisk();
    await expect(core.unlock('not the password')).rejects.toMatchObject({ code: 'WrongSecret' });
    const status = await core.unlock();
    expect(status).toMatchObject({ state: 'unlocked', warning: expect.stringContaining('The disk is full') });
    expect(core.events).toContainEqual({
      type: 'notice',
      level: 'warning',
      message: expect.stringContaining('The disk is full'),
    });
    expect(await names()).toEqual(['prod']);
    expect(await core.client.call('vault.check', {})).toMatchObject({ ok: true });
    expect((await core.client.call('audit.list', {})).entries.length).toBeGreaterThan(0);
    const copy = await core.client.call('vault.backup', { path: `${core.home}/elsewhere` });
    expect(copy.report.ok).toBe(true);

    // Nothing is done that could not be recorded.
    await expect(core.running.doorBackend.resolveClient(accessKeyId)).rejects.toMatchObject({ code: 'DiskFull' });
    const presign = { profile: 'prod', method: 'GET' as const, bucket: 'bucket', key: 'k', expiresInSeconds: 60 };
    await expect(core.client.call('sign.presign', presign)).rejects.toMatchObject({ code: 'DiskFull' });
    await expect(core.addClient({ name: 'other', profile: 'prod' })).rejects.toMatchObject({ code: 'DiskFull' });

    makeRoom();
    expect(await core.running.doorBackend.resolveClient(accessKeyId)).toMatchObject({ name: 'tool' });
    expect(core.running.status().warning).toBeUndefined();
    const { entries } = await core.client.call('audit.list', {});
    const actions = entries.map(({ event }) => event.action);
    for (const action of ['vault.unlock', 'vault.backup']) expect(actions).toContain(action);
    expect(await core.client.call('audit.verify', {})).toMatchObject({ ok: true });
  });

  test('it can be locked and unlocked again', async () => {
    const makeRoom = fillDisk();
    await core.client.call('vault.lock', {});
    expect(core.running.status().state).toBe('locked');
    await core.unlock();
    expect(await names()).toEqual(['prod']);
    await core.client.call('vault.lock', {});
    makeRoom();
    await core.unlock();
    expect(core.running.status().warning).toBeUndefined();
    expect(await core.client.call('vault.check', {})).toMatchObject({ ok: true });
    expect(await core.client.call('audit.verify', {})).toMatchObject({ ok: true });
  });
});
