import { join } from 'node:path';
import type Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { USERS_ID } from '../../../src/core/vault/kinds.ts';
import { startTestCore, type TestCore } from '../../support/core.ts';
import { PASSWORD } from '../../support/hsm.ts';

const PATIENCE = { timeout: 10_000 };
const utf8 = new TextEncoder();
let core: TestCore;
beforeEach(async () => {
  core = startTestCore();
  await core.create();
  await core.populate();
});
afterEach(() => core.dispose());

/** The rows under the running core, as another program would leave them. */
function file(): Database.Database {
  const vault = core.running.core.lifecycle.openedVault();
  if (vault === null) throw new Error('no vault is open');
  return vault.file.db;
}

/** Flips a bit in the middle of a record, where neither its version nor the tag that the manifest repeats shows it: only opening it does. */
function flip(kind: string): void {
  const sealed = file().prepare('SELECT sealed FROM records WHERE kind = ?').pluck().get(kind);
  if (!Buffer.isBuffer(sealed)) throw new Error(`there is no ${kind}`);
  const changed = Buffer.from(sealed);
  changed[90] = (changed[90] ?? 0) ^ 1;
  file().prepare('UPDATE records SET sealed = ? WHERE sealed = ?').run(changed, sealed);
}

async function init(): Promise<void> {
  await core.client.callSealed('hsm.usersInit', async (seal) => ({
    authorize: { factor: 'password', sealed: await seal('password', utf8.encode(PASSWORD)) },
    name: 'alice',
    password: await seal('hsm-password', utf8.encode('alice')),
  }));
}

const sign = () =>
  core.client.call('sign.headers', {
    profile: 'prod',
    method: 'GET',
    url: 'https://sts.amazonaws.com/',
    headers: [],
    payloadHash: 'UNSIGNED-PAYLOAD',
  });

/** The vault is locked, and everything that asks says for what. */
async function expectStopped(where: RegExp): Promise<void> {
  await vi.waitFor(
    () => expect(core.running.status()).toMatchObject({ state: 'locked', lockReason: 'tampered' }),
    PATIENCE,
  );
  const { lockDetail } = core.running.status();
  expect(lockDetail).toMatch(where);
  expect(core.events).toContainEqual({ type: 'notice', level: 'error', message: lockDetail });
  const refused = core.client.call('account.list', {});
  await expect(refused).rejects.toMatchObject({ code: 'Locked' });
  await expect(refused).rejects.toThrow(where);
  expect(core.running.doorBackend.lockDetail()).toMatch(where);
}

describe('the unlocked vault is changed from outside', () => {
  test('a key object that does not open stops the HSM when it is used', async () => {
    await sign();
    await core.client.call('vault.lock', {});
    await core.unlock();
    flip('object');
    await expect(sign()).rejects.toMatchObject({ code: 'VaultTampered' });
    await expectStopped(/record object [0-9a-f]+/);
  });

  test('so does one that is listed', async () => {
    flip('object');
    await expect(core.client.call('hsm.objects', {})).rejects.toMatchObject({ code: 'VaultTampered' });
    await expectStopped(/record object [0-9a-f]{8}…: edited/);
  });

  test('a record that does not open stops it as soon as it is read', async () => {
    await core.client.call('vault.lock', {});
    flip('account');
    await core.unlock();
    await expectStopped(/record account [0-9a-f]{8}…: edited/);
  });

  test('a head that was put back stops it at the next change', async () => {
    await init();
    file().prepare('UPDATE head SET generation = generation - 1').run();
    await expect(core.client.call('account.update', { name: 'prod', note: 'x' })).rejects.toMatchObject({
      code: 'VaultTampered',
    });
    await expectStopped(/head/);
  });

  test('the log has it after the next unlock, and a fresh HSM has the keys', async () => {
    flip('object');
    await expect(core.client.call('hsm.objects', {})).rejects.toMatchObject({ code: 'VaultTampered' });
    await expectStopped(/record object/);
    const spawned = core.spawned();
    await core.unlock();
    expect(core.spawned()).toBe(spawned);
    expect(core.running.status()).toMatchObject({ state: 'unlocked' });
    expect(core.running.status().lockDetail).toBeUndefined();
    const { entries } = await core.client.call('audit.list', { text: 'hsm.tamper' });
    expect(entries).toMatchObject([
      { event: { action: 'hsm.tamper', decision: 'denied', target: expect.stringMatching(/^record object/) } },
    ]);
    expect(entries[0]?.event.reason).toMatch(/^edited: its content does not verify/);
  });
});

describe('the locked vault’s HSM users are changed from outside', () => {
  beforeEach(async () => {
    await init();
    await core.client.call('vault.lock', {});
  });

  const refused = (what: string) => ({
    code: 'VaultTampered',
    details: { findings: [expect.objectContaining({ where: expect.stringContaining('hsmUsers'), what })] },
  });

  test('a record that does not open', async () => {
    flip('hsmUsers');
    await expect(core.unlock()).rejects.toMatchObject(refused('edited'));
    await expect(core.unlock('not the password')).rejects.toMatchObject({ code: 'WrongSecret' });
    const { state, lockReason, lockDetail } = core.running.status();
    expect({ state, lockReason }).toEqual({ state: 'locked', lockReason: 'tampered' });
    expect(lockDetail).toMatch(/hsmUsers.*edited.*keyhold hsm restore/);
    const { copies } = await core.client.call('hsm.status', {});
    expect(copies).toMatchObject([{ role: 'primary', state: 'damaged', reason: lockDetail }]);
    await expect(core.client.call('account.list', {})).rejects.toThrow(/hsmUsers/);
  });

  test('what was found is forgotten once a backup is in its place', async () => {
    await core.unlock();
    const backup = join(core.home, 'before.vault');
    await core.client.call('vault.backup', { path: backup });
    await core.client.call('vault.lock', {});
    flip('hsmUsers');
    await expect(core.unlock()).rejects.toMatchObject(refused('edited'));
    await core.restoreFrom(backup);
    expect(core.running.status().lockDetail).toBeUndefined();
    const { copies } = await core.client.call('hsm.status', {});
    expect(copies).toMatchObject([{ role: 'primary', state: 'in-step' }]);
  });

  test('one that is gone', async () => {
    file().prepare('DELETE FROM records WHERE id = ?').run(Buffer.from(USERS_ID, 'hex'));
    await expect(core.unlock()).rejects.toMatchObject(refused('deleted'));
  });

  test('one of an earlier state, with its version', async () => {
    const before = file().prepare('SELECT * FROM records WHERE kind = ?').get('hsmUsers');
    await core.unlock();
    await core.client.callSealed('hsm.userPassword', async (seal) => ({
      name: 'alice',
      current: await seal('hsm-password', utf8.encode('alice')),
      next: await seal('hsm-password', utf8.encode('another')),
    }));
    await core.client.call('vault.lock', {});
    file()
      .prepare('REPLACE INTO records (id, kind, version, sealed) VALUES (@id, @kind, @version, @sealed)')
      .run(before);
    await expect(core.unlock()).rejects.toMatchObject(refused('rolled back'));
  });

  test('vault check opens them too', async () => {
    await core.unlock();
    expect(await core.client.call('vault.check', {})).toMatchObject({ ok: true, findings: [] });
    flip('hsmUsers');
    const { ok, findings } = await core.client.call('vault.check', {});
    expect(ok).toBe(false);
    expect(findings).toMatchObject([{ where: expect.stringMatching(/^record hsmUsers/), what: 'edited' }]);
  });
});
