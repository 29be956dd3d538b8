import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ACCESS_KEY_ID, SECRET_KEY, startTestCore, type TestCore } from '../../support/core.ts';
import { createFakeClock, type FakeClock } from '../../support/fake-clock.ts';
import { failure } from '../../support/vault.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const PATIENCE = { timeout: 15_000 };

let core: TestCore;
let clock: FakeClock;
let elsewhere: string;

beforeEach(async () => {
  clock = createFakeClock();
  core = startTestCore({ clock });
  elsewhere = mkdtempSync(join(tmpdir(), 'kh-backups-'));
  await core.create();
  await core.client.call('settings.update', { autoLockMinutes: 0 });
});
afterEach(async () => {
  await core.dispose();
  rmSync(elsewhere, { recursive: true, force: true });
});

const status = () => core.client.call('hsm.status', {});
const files = (folder: string) => readdirSync(folder).sort();

describe('hsm.status and hsm.objects', () => {
  beforeEach(() => core.populate());

  test('count the objects by class and spec, and name them without their material', async () => {
    const entry = await core.client.call('hsm.objects', {});
    expect(entry.nextAfter).toBeNull();
    expect(entry.objects).toEqual([
      {
        id: expect.stringMatching(/^[0-9a-f]{32}$/),
        class: 'secret-key',
        spec: 'AWS_SECRET_ACCESS_KEY',
        usage: ['sigv4'],
        extractable: false,
        label: expect.any(String),
        createdAt: expect.any(String),
      },
    ]);
    expect(JSON.stringify(entry)).not.toContain(SECRET_KEY);
    expect((await status()).objects).toEqual({
      total: 1,
      byKind: [{ class: 'secret-key', spec: 'AWS_SECRET_ACCESS_KEY', count: 1 }],
    });
  });

  test('objects come in pages and can be chosen by class and spec', async () => {
    for (const name of ['a', 'b', 'c'])
      await core.importKey({
        name,
        account: 'prod',
        accessKeyId: `${ACCESS_KEY_ID.slice(0, -1)}${name.toUpperCase()}`,
      });
    await core.addClient({ name: 'tool', profile: 'prod' });
    const all = (await core.client.call('hsm.objects', {})).objects;
    expect(all).toHaveLength(5);
    const first = await core.client.call('hsm.objects', { limit: 3 });
    const second = await core.client.call('hsm.objects', { limit: 3, after: first.nextAfter ?? '' });
    expect([...first.objects, ...second.objects]).toEqual(all);
    expect(second.nextAfter).toBeNull();
    const clients = await core.client.call('hsm.objects', { spec: 'CLIENT_SECRET_KEY' });
    expect(clients.objects).toHaveLength(1);
    expect((await core.client.call('hsm.objects', { class: 'private-key' })).objects).toEqual([]);
    await core.client.call('client.remove', { name: 'tool' });
    expect((await status()).objects?.total).toBe(4);
  });

  test('the status works while locked and says what is not known then', async () => {
    const open = await status();
    expect(open.process).toEqual({ state: 'unlocked', pid: null });
    await core.client.call('vault.lock', {});
    const locked = await status();
    expect(locked).toMatchObject({
      process: { state: 'locked' },
      objects: null,
      rebuilt: null,
      backups: { nextAt: null },
    });
    expect(locked.copies).toMatchObject([{ role: 'primary', state: 'in-step', generation: expect.any(Number) }]);
    await expect(core.client.call('hsm.objects', {})).rejects.toMatchObject({ code: 'Locked' });
  });
});

describe('backups', () => {
  test('are made by themselves, a while after the unlock and then daily; the outdated ones go', async () => {
    const folder = join(core.home, 'backups');
    clock.advance(60_000);
    await vi.waitFor(async () => expect((await status()).backups.list).toHaveLength(1), PATIENCE);
    expect(files(folder)).toHaveLength(1);
    const first = (await status()).backups;
    expect(first).toMatchObject({ folder, everyHours: 24, keep: 7, keepWeekly: 4, failure: null });
    expect(Date.parse(first.nextAt ?? '') - Date.parse(first.list[0]?.createdAt ?? '')).toBe(DAY);
    for (let day = 1; day <= 20; day++) {
      const before = (await status()).backups.list[0]?.path;
      clock.advance(DAY);
      await vi.waitFor(async () => {
        // What fell due while the one before was still being finished comes at the next look.
        clock.advance(15 * 60_000);
        expect((await status()).backups.list[0]?.path).not.toBe(before);
      }, PATIENCE);
    }
    const { list } = (await status()).backups;
    expect(list.length).toBeGreaterThanOrEqual(7);
    expect(list.length).toBeLessThanOrEqual(11);
    expect(list).toEqual(list.toSorted((a, b) => (a.createdAt < b.createdAt ? 1 : -1)));
    const events = await core.client.call('audit.list', { text: 'hsm.backup' });
    expect(events.total).toBeGreaterThanOrEqual(21);
  });

  test('go to the folder and are kept as it is set, also after a restart', async () => {
    await core.client.call('settings.update', {
      backupFolder: elsewhere,
      backupKeep: 2,
      backupKeepWeekly: 0,
      backupHours: 1,
    });
    const made: string[] = [];
    for (let hour = 0; hour < 4; hour++) {
      made.push((await core.client.call('hsm.backup', {})).backup.path);
      clock.advance(HOUR);
    }
    expect(files(elsewhere).map((name) => join(elsewhere, name))).toEqual(made.slice(-2));
    await core.restart();
    expect(await core.client.call('settings.get', {})).toMatchObject({
      backupFolder: elsewhere,
      backupKeep: 2,
      backupHours: 1,
    });
    expect((await status()).backups).toMatchObject({ folder: elsewhere, list: [{ path: made[3] }, { path: made[2] }] });
    await expect(core.client.call('settings.update', { backupFolder: 'backups' })).rejects.toMatchObject({
      code: 'Locked',
    });
    await core.unlock();
    await expect(core.client.call('settings.update', { backupFolder: 'backups' })).rejects.toMatchObject({
      code: 'InvalidInput',
    });
  });

  test('nothing but backups of this vault is ever removed', async () => {
    await core.client.call('settings.update', { backupFolder: elsewhere, backupKeep: 1, backupKeepWeekly: 0 });
    const others = ['keyhold-00000000-2020-01-01T00-00-00Z-g1.vault', 'keyhold-2020.vault', 'notes.txt'];
    for (const name of others) writeFileSync(join(elsewhere, name), 'x');
    await core.client.call('hsm.backup', {});
    clock.advance(2 * DAY);
    const { removed, backup } = await core.client.call('hsm.backup', {});
    expect(removed).toHaveLength(1);
    expect(files(elsewhere)).toEqual([...others, backup.path.slice(elsewhere.length + 1)].sort());
  });

  test('one that cannot be made removes nothing, and the status says why', async () => {
    await core.client.call('settings.update', {
      backupFolder: join(elsewhere, 'in'),
      backupKeep: 1,
      backupKeepWeekly: 0,
    });
    const { backup } = await core.client.call('hsm.backup', {});
    rmSync(join(elsewhere, 'in'), { recursive: true });
    writeFileSync(join(elsewhere, 'in'), 'a file, no folder');
    clock.advance(2 * DAY);
    await vi.waitFor(async () => expect((await status()).backups.failure).not.toBeNull(), PATIENCE);
    const notices = core.events.filter((event) => event.type === 'notice');
    expect(notices).toHaveLength(1);
    expect((await failure(() => core.client.call('hsm.backup', {}))).code).toBe('InvalidInput');
    rmSync(join(elsewhere, 'in'));
    mkdirSync(join(elsewhere, 'in'));
    await core.client.call('hsm.backup', {});
    expect((await status()).backups).toMatchObject({
      failure: null,
      list: [{ path: expect.not.stringMatching(backup.path) }],
    });
  });

  test('none by itself where that is set', async () => {
    await core.client.call('settings.update', { backupHours: 0 });
    clock.advance(40 * DAY);
    expect((await status()).backups).toMatchObject({ everyHours: 0, nextAt: null, list: [] });
  });

  test('what is made opens with the password', async () => {
    await core.client.call('account.add', { name: 'kept', accountId: '123456789012', kind: 'remote' });
    const { backup } = await core.client.call('hsm.backup', {});
    await core.client.call('account.remove', { name: 'kept' });
    await core.restoreFrom(backup.path);
    await core.unlock();
    expect((await core.client.call('account.list', {})).accounts).toMatchObject([{ name: 'kept' }]);
  });
});
