import { copyFileSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { KeyholdError } from '../../../src/contract/errors.ts';
import { startTestCore, type TestCore } from '../../support/core.ts';
import { createFakeClock, type FakeClock } from '../../support/fake-clock.ts';
import { PASSWORD } from '../../support/hsm.ts';
import { hsmPeople } from '../../support/hsm-user.ts';
import { readVault } from '../../support/second-reader.ts';

const utf8 = new TextEncoder();
/** More than one batch. */
const RECORDS = 600;

let core: TestCore;
let clock: FakeClock;
let recoveryCode: string;
beforeEach(async () => {
  clock = createFakeClock();
  core = startTestCore({ clock });
  recoveryCode = await core.create();
});
afterEach(() => core.dispose());

const prove = (factor: 'password' | 'recovery-code', secret: string) =>
  core.client.callSealed('vault.proveWay', async (seal) => ({
    secret: { factor, sealed: await seal(factor, utf8.encode(secret)) },
  }));

async function proofs(): Promise<string[]> {
  const proved = [await prove('password', PASSWORD), await prove('recovery-code', recoveryCode)];
  return proved.map(({ ticket }) => ticket);
}

async function fill(): Promise<void> {
  const { vault } = core.running.core.session();
  const put = Array.from({ length: RECORDS }, (_, index) => ({
    kind: 'account' as const,
    data: { name: `account ${index}`, accountId: '123456789012', kind: 'remote', createdAt: 0 },
  }));
  await vault.transact({ put });
}

const progress = () => core.client.call('vault.keyRotation', {});
const settled = () => core.running.core.rekey.settled();

describe('new keys for the vault', () => {
  test('are made while it is in use, with progress, and the vault is whole afterwards', async () => {
    await core.populate();
    const tool = await core.addClient({ name: 'tool', profile: 'prod' });
    expect(await progress()).toMatchObject({ state: 'none', done: expect.any(Number) });
    await core.client.call('vault.backup', { path: join(core.home, 'before.vault') });
    const begun = await core.client.call('vault.rotateKeys', { proofs: await proofs(), drop: [] });
    expect(begun).toMatchObject({ state: 'running', done: 0 });
    await core.client.call('vault.backup', { path: join(core.home, 'between.vault') });
    await settled();
    expect(await progress()).toMatchObject({ state: 'none' });
    expect(core.events.filter(({ type }) => type === 'rekey').at(-1)).toMatchObject({ progress: { state: 'none' } });
    expect(await core.client.call('vault.check', {})).toMatchObject({ ok: true, findings: [] });
    expect(await core.running.doorBackend.resolveClient(tool.accessKeyId)).toMatchObject({ name: 'tool' });
    const url = { profile: 'prod', method: 'GET' as const, bucket: 'bucket', key: 'k', expiresInSeconds: 60 };
    expect((await core.client.call('sign.presign', url)).url).toContain('X-Amz-Signature=');
    const { entries } = await core.client.call('audit.list', { limit: 20 });
    expect(entries.map(({ event }) => event.action)).toEqual(
      expect.arrayContaining(['vault.rotateKeys', 'vault.rotateKeys.done', 'client.add', 'vault.create']),
    );
    expect(await core.client.call('audit.verify', {})).toMatchObject({ ok: true });

    await core.restart();
    await core.unlock();
    expect((await core.client.call('key.list', {})).keys).toHaveLength(1);
    await core.client.call('vault.backup', { path: join(core.home, 'after.vault') });
    const [before, between, after] = await Promise.all(
      ['before', 'between', 'after'].map((name) => readVault(join(core.home, `${name}.vault`), PASSWORD)),
    );
    expect(before?.rootKey.equals(after?.rootKey ?? Buffer.alloc(0))).toBe(false);
    expect(between?.rootKey.equals(after?.rootKey ?? Buffer.alloc(0))).toBe(true);

    // What was made with the keys of its time is restored with the password of its time.
    await core.restoreFrom(join(core.home, 'before.vault'));
    await core.unlock();
    expect(await core.client.call('vault.check', {})).toMatchObject({ ok: true });
    expect(await progress()).toMatchObject({ state: 'none' });
  });

  test('go on after a lock in the middle, by themselves', async () => {
    await fill();
    await core.client.call('vault.rotateKeys', { proofs: await proofs(), drop: [] });
    await core.client.call('vault.lock', {});
    await expect(progress()).rejects.toMatchObject({ code: 'Locked' });
    await core.unlock();
    expect(await progress()).toMatchObject({ state: 'stopped' });
    const again = core.client.call('vault.rotateKeys', { proofs: await proofs(), drop: [] });
    await expect(again).rejects.toMatchObject({ code: 'InUse' });
    await clock.advance(2_000);
    await settled();
    expect(await progress()).toMatchObject({ state: 'none' });
    expect(await core.client.call('vault.check', {})).toMatchObject({ ok: true });
  });

  test('go on after a crash of the HSM process, and when a full disk has room again', async () => {
    await fill();
    await core.client.call('vault.rotateKeys', { proofs: await proofs(), drop: [] });
    core.crashHsm();
    await settled();
    await core.unlock();
    const { rows } = core.running.core.lifecycle.vault();
    const { transaction } = rows;
    Object.assign(rows, {
      transaction: () => {
        throw new KeyholdError('DiskFull', 'The disk is full: nothing was changed. Free some space and try again.');
      },
    });
    await core.client.call('vault.continueRotation', {});
    await settled();
    expect(await progress()).toMatchObject({ state: 'stopped', reason: expect.stringContaining('Free some space') });
    Object.assign(rows, { transaction });
    await clock.advance(60_000);
    await settled();
    expect(await progress()).toMatchObject({ state: 'none' });
    expect(await core.client.call('vault.check', {})).toMatchObject({ ok: true });
  });

  test('want every way in proved or given up by name, and a recovery code left', async () => {
    const { slots } = await core.client.call('slot.list', {});
    const recovery = slots.find(({ factors }) => factors.includes('recovery-code'))?.id ?? '';
    await expect(prove('password', 'not this one')).rejects.toMatchObject({ code: 'WrongSecret' });
    const { ticket } = await prove('password', PASSWORD);
    await expect(core.client.call('vault.rotateKeys', { proofs: [ticket], drop: [] })).rejects.toMatchObject({
      code: 'InvalidInput',
      details: { lost: [recovery] },
    });
    const without = core.client.call('vault.rotateKeys', { proofs: [ticket], drop: [recovery] });
    await expect(without).rejects.toMatchObject({ message: expect.stringContaining('without a recovery code') });
    await clock.advance(600_001);
    const late = core.client.call('vault.rotateKeys', { proofs: [ticket, ...(await proofs()).slice(1)], drop: [] });
    await expect(late).rejects.toMatchObject({ message: expect.stringContaining('proved too long ago') });
    // Asleep for as long, the monotonic clock stands still.
    const slept = await proofs();
    clock.jump(600_001);
    const after = core.client.call('vault.rotateKeys', { proofs: slept, drop: [] });
    await expect(after).rejects.toMatchObject({ message: expect.stringContaining('proved too long ago') });
    expect(await progress()).toMatchObject({ state: 'none' });
    await core.client.call('vault.lock', {});
    await core.unlock();
  });

  test('reach a mirror with every transaction, and it opens on its own in the middle', async () => {
    await fill();
    mkdirSync(join(core.home, 'elsewhere'));
    const { path } = await core.client.call('hsm.mirrorAdd', { path: join(core.home, 'elsewhere') });
    await core.client.call('vault.rotateKeys', { proofs: await proofs(), drop: [] });
    await core.client.call('vault.lock', {});
    const { copies } = await core.client.call('hsm.status', {});
    expect(copies.find((copy) => copy.path === path)).toMatchObject({ state: 'in-step' });
    await core.running.stop();
    const [vault, mirror] = [
      await readVault(join(core.home, 'vault.keyhold'), PASSWORD),
      await readVault(path, PASSWORD),
    ];
    expect(mirror.generation).toBe(vault.generation);
    expect(mirror.rootKey.equals(vault.rootKey)).toBe(true);
    expect(mirror.records).toEqual(vault.records);
  });

  test('leave the users of the HSM theirs, in the middle and after it', async () => {
    await fill();
    const people = hsmPeople(core.client);
    await people.init('ada');
    await people.add('bob', 'crypto-user');
    await core.client.call('vault.rotateKeys', { proofs: await proofs(), drop: [] });
    await core.client.call('vault.lock', {});
    await core.unlock();
    await people.login('ada');
    await people.add('eve', 'crypto-user');
    clock.advance(2_000);
    await settled();
    expect(await progress()).toMatchObject({ state: 'none' });
    await core.client.call('vault.lock', {});
    await core.unlock();
    await people.login('eve');
    expect(await core.client.call('vault.check', {})).toMatchObject({ ok: true, findings: [] });
  });

  test('are not lost where an older vault file is put back beside a copy that has them', async () => {
    mkdirSync(join(core.home, 'elsewhere'));
    const { path } = await core.client.call('hsm.mirrorAdd', { path: join(core.home, 'elsewhere') });
    const before = join(core.home, 'before.vault');
    await core.client.call('vault.backup', { path: before });
    await core.client.call('vault.rotateKeys', { proofs: await proofs(), drop: [] });
    await settled();
    await core.running.stop();
    const vaultFile = join(core.home, 'vault.keyhold');
    for (const suffix of ['-wal', '-shm']) rmSync(vaultFile + suffix, { force: true });
    copyFileSync(before, vaultFile);
    await core.restart();
    await expect(core.unlock()).rejects.toMatchObject({ message: expect.stringContaining('have different keys') });
    await core.restoreFrom(path);
    await core.unlock();
    expect(await core.client.call('vault.check', {})).toMatchObject({ ok: true });
    expect((await core.client.call('audit.list', {})).entries.map(({ event }) => event.action)).toContain(
      'vault.rotateKeys.done',
    );
  });
});
