import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startTestCore, type TestCore } from '../../support/core.ts';
import { createFakeClock, type FakeClock } from '../../support/fake-clock.ts';
import { PASSWORD } from '../../support/hsm.ts';

const MINUTE = 60_000;
const utf8 = new TextEncoder();
let core: TestCore;
let clock: FakeClock;
beforeEach(() => {
  clock = createFakeClock();
  core = startTestCore({ clock });
});
afterEach(() => core.dispose());

const state = () => core.running.status().state;
const untilLocked = async () => {
  while (state() !== 'locked') await new Promise((resolve) => setImmediate(resolve));
};

describe('auto-lock', () => {
  beforeEach(() => core.create());

  test('locks after fifteen minutes without anything, and says so', async () => {
    expect(core.running.status().locksAt).toBe(new Date(clock.now() + 15 * MINUTE).toISOString());
    clock.advance(15 * MINUTE - 1);
    expect(state()).toBe('unlocked');
    core.events.length = 0;
    clock.advance(1);
    await untilLocked();
    expect(core.running.status()).toMatchObject({ state: 'locked', lockReason: 'idle' });
    expect(core.running.status().locksAt).toBeUndefined();
    await core.unlock();
    const { entries } = await core.client.call('audit.list', {});
    expect(entries[1]?.event).toMatchObject({ action: 'vault.lock', actor: 'daemon', reason: 'idle' });
  });

  test('calls and door requests are activity; asking for the status is not', async () => {
    clock.advance(10 * MINUTE);
    await core.client.call('account.list', {});
    clock.advance(10 * MINUTE);
    core.running.doorBackend.touch();
    clock.advance(10 * MINUTE);
    expect(state()).toBe('unlocked');
    await core.client.call('status.get', {});
    await core.client.call('hsm.sealKey', {});
    clock.advance(5 * MINUTE);
    await untilLocked();
  });

  test('a machine that slept locks before it answers anything', async () => {
    clock.jump(15 * MINUTE);
    await expect(core.client.call('account.list', {})).rejects.toMatchObject({ code: 'Locked' });
    await untilLocked();
    expect(core.running.status().lockReason).toBe('idle');
  });

  test('a machine that slept locks at the next tick, without being asked', async () => {
    clock.jump(20 * MINUTE);
    clock.advance(30_000);
    await untilLocked();
  });

  test('a clock set back does not keep the vault open', async () => {
    clock.jump(-24 * 60 * MINUTE);
    clock.advance(15 * MINUTE);
    await untilLocked();
  });

  test('the time can be changed at once, and turned off', async () => {
    await core.client.call('settings.update', { autoLockMinutes: 2 });
    expect(core.running.status().locksAt).toBe(new Date(clock.now() + 2 * MINUTE).toISOString());
    await core.client.call('settings.update', { autoLockMinutes: 0 });
    expect(core.running.status().locksAt).toBeUndefined();
    clock.advance(48 * 60 * MINUTE);
    expect(state()).toBe('unlocked');
    await core.client.call('settings.update', { autoLockMinutes: 2 });
    clock.advance(2 * MINUTE);
    await untilLocked();
    // What is shown while locked, and what holds after the next unlock.
    expect((await core.client.call('settings.get', {})).autoLockMinutes).toBe(2);
    await core.unlock();
    expect(core.running.status().locksAt).toBe(new Date(clock.now() + 2 * MINUTE).toISOString());
  });
});

describe('wrong secrets', () => {
  beforeEach(async () => {
    await core.create();
    await core.client.call('vault.lock', {});
  });

  test('five are free, then the wait grows from one second to a minute, over restarts too', async () => {
    for (let attempt = 0; attempt < 5; attempt += 1) {
      await expect(core.unlock('wrong')).rejects.toMatchObject({ code: 'WrongSecret' });
    }
    for (const seconds of [1, 2, 4, 8, 16, 32, 60, 60]) {
      await expect(core.unlock()).rejects.toMatchObject({
        code: 'TooManyAttempts',
        details: { retryAfterSeconds: seconds },
      });
      expect(core.running.status().retryAfterSeconds).toBe(seconds);
      if (seconds === 8) await core.restart();
      clock.advance(seconds * 1000);
      await expect(core.unlock('wrong')).rejects.toMatchObject({ code: 'WrongSecret' });
    }
    clock.advance(60_000);
    expect(await core.unlock()).toMatchObject({ state: 'unlocked' });
    expect(core.running.status().retryAfterSeconds).toBeUndefined();
    const { entries } = await core.client.call('audit.list', { decision: 'denied' });
    expect(entries).toHaveLength(13);
    expect(entries[0]?.event).toMatchObject({ action: 'vault.unlock', reason: 'wrong secret (recorded while locked)' });
  });

  test('cannot be deleted from the log while the vault is locked without being told', async () => {
    await expect(core.unlock('wrong')).rejects.toMatchObject({ code: 'WrongSecret' });
    await core.running.core.lifecycle.audit()?.flush();
    core.running.core.lifecycle.vault().file.db.exec('DELETE FROM audit_pending');
    core.events.length = 0;
    await core.unlock();
    expect(core.events).toContainEqual({
      type: 'notice',
      level: 'error',
      message: expect.stringContaining('entry 1 was deleted'),
    });
    const { entries } = await core.client.call('audit.list', { text: 'deleted' });
    expect(entries.map(({ event }) => event.action)).toEqual(['audit.tampered']);
  });

  test('a wrong password and a wrong recovery code get the same answer', async () => {
    const withCode = core.client.callSealed('vault.unlock', async (seal) => ({
      secret: { factor: 'recovery-code', sealed: await seal('recovery-code', utf8.encode('0000-'.repeat(7) + '0000')) },
    }));
    const errors = await Promise.all([
      core.unlock('wrong').catch((error: unknown) => error),
      withCode.catch((error: unknown) => error),
    ]);
    expect(errors[0]).toMatchObject({ code: 'WrongSecret' });
    expect(errors[1]).toEqual(errors[0]);
  });

  test('a wrong one while unlocked counts the same', async () => {
    await core.unlock();
    const { slots } = await core.client.call('slot.list', {});
    const remove = (password: string) =>
      core.client.callSealed('slot.remove', async (seal) => ({
        id: slots[1]?.id ?? '',
        authorize: { factor: 'password', sealed: await seal('password', utf8.encode(password)) },
      }));
    for (let attempt = 0; attempt < 5; attempt += 1) {
      await expect(remove('wrong')).rejects.toMatchObject({ code: 'WrongSecret' });
    }
    await expect(remove(PASSWORD)).rejects.toMatchObject({ code: 'TooManyAttempts' });
  });
});

describe('the HSM process', () => {
  beforeEach(() => core.create());

  test('a crash locks, tells, rejects what is under way, and loses nothing', async () => {
    await core.populate();
    core.events.length = 0;
    const pending = core.client.call('account.update', { name: 'prod', note: 'x' });
    await Promise.resolve();
    core.crashHsm();
    await expect(pending).rejects.toMatchObject({ code: expect.stringMatching(/^(HsmCrashed|Locked)$/) });
    expect(core.running.status()).toMatchObject({ state: 'locked', lockReason: 'hsm-crashed' });
    expect(core.events).toContainEqual(expect.objectContaining({ type: 'notice', level: 'error' }));
    await core.unlock();
    expect((await core.client.call('account.list', {})).accounts).toMatchObject([{ name: 'prod' }]);
    expect(await core.client.call('vault.check', {})).toMatchObject({ ok: true });
    expect(await core.client.call('audit.verify', {})).toMatchObject({ ok: true });
  });

  test('crashes that follow each other are restarted ever more slowly, but restarted', async () => {
    await core.client.call('vault.lock', {});
    const before = core.spawned();
    core.crashHsm();
    expect(core.spawned()).toBe(before + 1);
    for (const [index, wait] of [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000].entries()) {
      core.crashHsm();
      await expect(core.client.call('hsm.sealKey', {})).rejects.toMatchObject({ code: 'HsmCrashed' });
      clock.advance(wait - 1);
      expect(core.spawned()).toBe(before + 1 + index);
      clock.advance(1);
      expect(core.spawned()).toBe(before + 2 + index);
    }
    clock.advance(60_000);
    core.crashHsm();
    expect(core.spawned()).toBe(before + 10);
    expect(await core.unlock()).toMatchObject({ state: 'unlocked' });
  });

  test('each lock ends the process; what was sealed to it is stale', async () => {
    const before = await core.client.call('hsm.sealKey', {});
    await core.client.call('vault.lock', {});
    const after = await core.client.call('hsm.sealKey', {});
    expect(after.sealKeyId).not.toBe(before.sealKeyId);
    await expect(
      core.client.call('vault.unlock', {
        secret: {
          factor: 'password',
          sealed: {
            sealKeyId: before.sealKeyId,
            enc: Buffer.alloc(32).toString('base64'),
            ciphertext: Buffer.alloc(40).toString('base64'),
          },
        },
      }),
    ).rejects.toMatchObject({ code: 'StaleSealKey' });
  });

  test('locks and unlocks that overlap take turns', async () => {
    await core.client.call('vault.lock', {});
    const results = await Promise.allSettled([
      core.unlock(),
      core.client.call('vault.lock', {}),
      core.unlock(),
      core.client.call('vault.lock', {}),
    ]);
    expect(results.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThanOrEqual(3);
    await core.unlock();
    expect(await core.client.call('vault.check', {})).toMatchObject({ ok: true });
  });
});

describe('a vault file that does not verify', () => {
  test('is refused with what was found, and the HSM that had its key is ended', async () => {
    await core.create();
    await core.populate();
    await core.running.stop();
    const path = join(core.home, 'vault.keyhold');
    const { default: Database } = await import('better-sqlite3');
    const db = new Database(path);
    db.prepare("DELETE FROM records WHERE kind = 'accessKey'").run();
    db.close();
    await core.restart();
    const spawned = core.spawned();
    await expect(core.unlock()).rejects.toMatchObject({
      code: 'VaultTampered',
      details: { findings: [expect.objectContaining({ what: 'deleted' })] },
    });
    expect(core.spawned()).toBe(spawned + 1);
    expect(state()).toBe('locked');
  });

  test('that is older than the one last used is refused until a person accepts it', async () => {
    await core.create();
    await core.running.stop();
    const path = join(core.home, 'vault.keyhold');
    const old = readFileSync(path);
    await core.restart();
    await core.unlock();
    await core.populate();
    await core.running.stop();
    writeFileSync(path, old);
    await core.restart();
    await expect(core.unlock()).rejects.toMatchObject({ code: 'VaultRolledBack' });
    const status = await core.client.callSealed('vault.unlock', async (seal) => ({
      secret: { factor: 'password', sealed: await seal('password', utf8.encode(PASSWORD)) },
      acceptRollback: true,
    }));
    expect(status.state).toBe('unlocked');
  });

  test('that is not a vault does not stop the daemon from restoring one', async () => {
    await core.create();
    await core.populate();
    const backup = join(core.home, 'backup.keyhold');
    await core.client.call('vault.backup', { path: backup });
    await core.running.stop();
    writeFileSync(join(core.home, 'vault.keyhold'), 'this was a vault');
    await core.restart();
    expect(state()).toBe('locked');
    await expect(core.unlock()).rejects.toMatchObject({ code: 'VaultForeign' });
    await core.client.callSealed('vault.restore', async (seal) => ({
      path: backup,
      secret: { factor: 'password', sealed: await seal('password', utf8.encode(PASSWORD)) },
    }));
    await core.unlock();
    expect((await core.client.call('account.list', {})).accounts).toHaveLength(1);
  });
});

describe('backup and restore', () => {
  test('a restore while unlocked locks first and brings the backup’s content back', async () => {
    await core.create();
    await core.populate();
    const backup = join(core.home, 'backups', 'one.keyhold');
    mkdirSync(join(core.home, 'backups'));
    expect(await core.client.call('vault.backup', { path: backup })).toMatchObject({ report: { ok: true } });
    await core.client.call('account.add', { name: 'later', accountId: '123456789012', kind: 'remote' });
    const { previous } = await core.client.callSealed('vault.restore', async (seal) => ({
      path: backup,
      secret: { factor: 'password', sealed: await seal('password', utf8.encode(PASSWORD)) },
    }));
    expect(previous).toContain('before-restore');
    expect(state()).toBe('locked');
    await core.unlock();
    expect((await core.client.call('account.list', {})).accounts.map(({ name }) => name)).toEqual(['prod']);
    const { entries } = await core.client.call('audit.list', { text: 'vault.restore' });
    expect(entries).toHaveLength(1);
  });

  test('a wrong password leaves the vault as it was', async () => {
    await core.create();
    const backup = join(core.home, 'one.backup');
    await core.client.call('vault.backup', { path: backup });
    await expect(
      core.client.callSealed('vault.restore', async (seal) => ({
        path: backup,
        secret: { factor: 'password', sealed: await seal('password', utf8.encode('wrong')) },
      })),
    ).rejects.toMatchObject({ code: 'WrongSecret' });
    expect(await core.unlock()).toMatchObject({ state: 'unlocked' });
  });

  test('works where there is no vault yet', async () => {
    await core.create();
    const backup = join(core.home, 'one.backup');
    await core.client.call('vault.backup', { path: backup });
    const other = startTestCore({ clock });
    try {
      const copy = join(other.home, 'moved.backup');
      copyFileSync(backup, copy);
      await other.client.callSealed('vault.restore', async (seal) => ({
        path: copy,
        secret: { factor: 'password', sealed: await seal('password', utf8.encode(PASSWORD)) },
      }));
      expect(await other.unlock()).toMatchObject({ state: 'unlocked' });
    } finally {
      await other.dispose();
    }
  });

  test.each(['relative.backup', './x'])('a path that is not whole (%s) is refused', async (path) => {
    await core.create();
    await expect(core.client.call('vault.backup', { path })).rejects.toMatchObject({ code: 'InvalidInput' });
  });
});

describe('slots', () => {
  const secretOf = async (seal: Parameters<Parameters<typeof core.client.callSealed>[1]>[0], password: string) => ({
    factor: 'password' as const,
    sealed: await seal('password', utf8.encode(password)),
  });
  beforeEach(() => core.create());

  test('changing the password needs the present one, and only the new one opens', async () => {
    const change = (current: string) =>
      core.client.callSealed('vault.changePassword', async (seal) => ({
        current: await seal('password', utf8.encode(current)),
        next: await seal('password', utf8.encode('a new long password')),
      }));
    await expect(change('wrong')).rejects.toMatchObject({ code: 'WrongSecret' });
    await change(PASSWORD);
    await core.client.call('vault.lock', {});
    await expect(core.unlock(PASSWORD)).rejects.toMatchObject({ code: 'WrongSecret' });
    expect(await core.unlock('a new long password')).toMatchObject({ state: 'unlocked' });
    expect((await core.client.call('slot.list', {})).slots).toHaveLength(2);
  });

  test('a second password can be added and the first removed; the last way in stays', async () => {
    const added = await core.client.callSealed('slot.addPassword', async (seal) => ({
      label: 'Laptop',
      password: await seal('password', utf8.encode('another password')),
      authorize: await secretOf(seal, PASSWORD),
    }));
    expect(added).toMatchObject({ label: 'Laptop', factors: ['password'], kdf: { memoryKiB: 65_536, passes: 3 } });
    const { slots } = await core.client.call('slot.list', {});
    expect(slots).toHaveLength(3);
    const remove = (id: string) =>
      core.client.callSealed('slot.remove', async (seal) => ({
        id,
        authorize: await secretOf(seal, 'another password'),
      }));
    for (const slot of slots.filter(({ id }) => id !== added.id)) await remove(slot.id);
    await expect(remove(added.id)).rejects.toMatchObject({ code: 'LastSlot' });
    await expect(remove('0'.repeat(16))).rejects.toMatchObject({ code: 'NotFound' });
    await core.client.call('vault.lock', {});
    await expect(core.unlock(PASSWORD)).rejects.toMatchObject({ code: 'WrongSecret' });
    await core.unlock('another password');
  });

  test('a new recovery code opens the vault', async () => {
    const { createReplyKey } = await import('../../../src/client/seal.ts');
    const reply = await createReplyKey();
    const { recoveryCode } = await core.client.callSealed('slot.addRecoveryCode', async (seal) => ({
      label: 'Safe',
      replyKey: reply.publicKey,
      authorize: await secretOf(seal, PASSWORD),
    }));
    const code = await reply.open(recoveryCode, 'recovery-code');
    await core.client.call('vault.lock', {});
    const status = await core.client.callSealed('vault.unlock', async (seal) => ({
      secret: { factor: 'recovery-code', sealed: await seal('recovery-code', code) },
    }));
    expect(status.state).toBe('unlocked');
  });
});

describe('settings', () => {
  test('the theme can change while locked, the rest cannot', async () => {
    await core.client.call('settings.update', { theme: 'dark' });
    expect(await core.client.call('settings.get', {})).toEqual({
      theme: 'dark',
      port: 4587,
      https: false,
      autoLockMinutes: 15,
      backupHours: 24,
      backupFolder: join(core.home, 'backups'),
      backupKeep: 7,
      backupKeepWeekly: 4,
      leaveProcess: true,
      leaveContainer: true,
      leaveConsole: true,
    });
    await expect(core.client.call('settings.update', { port: 5000 })).rejects.toMatchObject({ code: 'NotInitialized' });
    await core.create();
    await core.client.call('settings.update', { port: 5000 });
    expect(core.applied).toEqual([{ port: 5000, https: false }]);
    expect(await core.client.call('settings.get', {})).toMatchObject({ port: 5000 });
    // Wherever the door is: HTTPS alone does not move it. Whoever watches hears where it is now.
    core.events.length = 0;
    await core.client.call('settings.update', { https: true, port: 5000 });
    expect(core.applied.at(-1)).toEqual({ port: undefined, https: true });
    expect(core.events.map((event) => event.type)).toContain('status');
    await core.client.call('vault.lock', {});
    await expect(core.client.call('settings.update', { autoLockMinutes: 0 })).rejects.toMatchObject({ code: 'Locked' });
  });
});
