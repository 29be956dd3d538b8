import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { VaultCopy } from '../../../src/contract/hsm.ts';
import { openVault } from '../../../src/core/vault/store.ts';
import { startTestCore, type TestCore } from '../../support/core.ts';
import { isSound } from '../../support/is-sound.ts';
import { failure, tamper } from '../../support/vault.ts';

let core: TestCore;
let disks: string;

beforeEach(() => {
  core = startTestCore();
  disks = mkdtempSync(join(tmpdir(), 'kh-disks-'));
});
afterEach(async () => {
  await core.dispose();
  rmSync(disks, { recursive: true, force: true });
});

const vaultFile = () => join(core.home, 'vault.keyhold');
const status = () => core.client.call('hsm.status', {});
const add = (name: string) => core.client.call('account.add', { name, accountId: '123456789012', kind: 'remote' });
const names = async () => (await core.client.call('account.list', {})).accounts.map(({ name }) => name).sort();

function disk(name: string): string {
  mkdirSync(join(disks, name), { recursive: true });
  return join(disks, name);
}

/** An unlocked vault with an account and one mirror, whose path is the answer. */
async function mirrored(): Promise<string> {
  await core.create();
  await add('first');
  const { path } = await core.client.call('hsm.mirrorAdd', { path: disk('a') });
  return path;
}

async function inStep(path: string): Promise<VaultCopy> {
  return vi.waitFor(
    async () => {
      const copy = (await status()).copies.find((one) => one.path === path);
      expect(copy).toMatchObject({ state: 'in-step' });
      if (copy === undefined) throw new Error('it is gone');
      return copy;
    },
    { timeout: 15_000 },
  );
}

/** As if the machine had been switched off: what is at rest is changed by `between`, then the daemon is started again. */
async function whileStopped(between: () => void | Promise<void>): Promise<void> {
  await core.running.stop();
  await between();
  // Nothing is left to be stopped.
  await core.restart();
}

function flip(path: string, at: number): void {
  const bytes = readFileSync(path);
  bytes[at] = (bytes[at] ?? 0) ^ 0x40;
  writeFileSync(path, bytes);
}

const keptFiles = (why: string) => readdirSync(core.home).filter((name) => name.startsWith(`vault.keyhold.${why}-`));

describe('hsm.mirrorAdd and hsm.mirrorRemove', () => {
  test('a mirror is remembered in the vault and beside it, and shows in the status', async () => {
    const path = await mirrored();
    expect(path).toBe(join(disks, 'a', 'vault.keyhold'));
    await add('second');
    const { copies } = await status();
    expect(copies).toMatchObject([
      { role: 'primary', path: vaultFile(), state: 'in-step', reason: null },
      { role: 'mirror', path, state: 'in-step', reason: null, generation: copies[0]?.generation, retryAt: null },
    ]);
    await core.restart();
    await core.unlock();
    await inStep(path);
    const events = await core.client.call('audit.list', { text: 'hsm.mirrorAdd' });
    expect(events.entries).toMatchObject([{ event: { action: 'hsm.mirrorAdd', target: path } }]);
  });

  test('removing it leaves its file, which opens on its own', async () => {
    const path = await mirrored();
    expect(await core.client.call('hsm.mirrorRemove', { path: dirname(path) })).toEqual({ path });
    await add('second');
    expect((await status()).copies).toHaveLength(1);
    await core.restart();
    await core.unlock();
    expect((await status()).copies).toHaveLength(1);
    await whileStopped(() => copyFileSync(path, vaultFile()));
    await expect(core.unlock()).rejects.toMatchObject({ code: 'VaultRolledBack' });
  });

  test('refuses places that would be lost with the vault, and says why', async () => {
    const path = await mirrored();
    const refusal = async (place: string) =>
      (await failure(() => core.client.call('hsm.mirrorAdd', { path: place }))).code;
    expect(await refusal(core.home)).toBe('InvalidInput');
    expect(await refusal(join(core.home, 'copy'))).toBe('InvalidInput');
    expect(await refusal(path)).toBe('AlreadyExists');
    expect(await refusal(join(disks, 'a', 'other'))).toBe('InvalidInput');
    expect(await refusal(join(disks, 'nowhere', 'vault.keyhold'))).toBe('NotFound');
    expect(await refusal('vault.keyhold')).toBe('InvalidInput');
    writeFileSync(join(disk('b'), 'vault.keyhold'), 'a letter');
    expect(await refusal(disk('b'))).toBe('AlreadyExists');
    const added = await core.client.call('hsm.mirrorAdd', { path: disk('b'), replace: true });
    expect(added.state).toBe('in-step');
    expect(readdirSync(disk('b')).some((name) => name.startsWith('vault.keyhold.replaced-'))).toBe(true);
    expect((await failure(() => core.client.call('hsm.mirrorRemove', { path: disk('c') }))).code).toBe('NotFound');
  });

  test('a mirror taken out of config.json is looked after all the same', async () => {
    const path = await mirrored();
    await whileStopped(() => void core.config({ mirrors: [] }));
    expect((await status()).copies).toHaveLength(1);
    await core.unlock();
    await inStep(path);
    expect(core.config().mirrors).toMatchObject([{ path }]);
  });

  test('no unlock while another process has a copy open', async () => {
    const path = await mirrored();
    await core.running.stop();
    const holder = { pid: 4242, startedAt: new Date().toISOString(), shell: 'serve' as const, endpoint: null };
    const other = openVault(path, { anchor: false, holder });
    await core.restart();
    expect(await failure(() => core.unlock())).toMatchObject({
      code: 'VaultBusy',
      message: expect.stringContaining(path),
    });
    await other.close();
    await core.unlock();
    await inStep(path);
  });
});

describe('a vault file that is gone or damaged', () => {
  const damages: Record<string, () => void> = {
    deleted: () => rmSync(vaultFile()),
    emptied: () => truncateSync(vaultFile(), 0),
    truncated: () => truncateSync(vaultFile(), 20_000),
    overwritten: () => writeFileSync(vaultFile(), 'this was a vault once'),
    'without a record': () => tamper(vaultFile(), (db) => db.exec("DELETE FROM records WHERE kind = 'account'")),
    'with another head': () => tamper(vaultFile(), (db) => db.exec('UPDATE head SET generation = generation + 5')),
    'with damaged slots': () =>
      tamper(vaultFile(), (db) =>
        db.exec("UPDATE slots SET wrapped = CAST(substr(wrapped, 1, 20) || x'00' || substr(wrapped, 22) AS BLOB)"),
      ),
    'with damaged keys': () =>
      tamper(vaultFile(), (db) =>
        db.exec("UPDATE keks SET wrapped = CAST(substr(wrapped, 1, 20) || x'00' || substr(wrapped, 22) AS BLOB)"),
      ),
    'with a trigger': () =>
      tamper(vaultFile(), (db) => db.exec('CREATE TRIGGER t AFTER INSERT ON audit BEGIN SELECT 1; END')),
    'with another id': () =>
      tamper(vaultFile(), (db) => db.exec("UPDATE meta SET value = zeroblob(16) WHERE key = 'vault_id'")),
    'flipped in its header': () => flip(vaultFile(), 5),
  };

  test.each(Object.keys(damages))('%s: the unlock replaces it by its mirror and says so', async (what) => {
    const path = await mirrored();
    await add('second');
    await whileStopped(() => damages[what]?.());
    expect(core.running.status().state).toBe('locked');
    await core.unlock();
    expect(await names()).toEqual(['first', 'second']);
    const { rebuilt } = await status();
    expect(rebuilt).toMatchObject({ from: path, message: expect.stringContaining(path) });
    expect(keptFiles('damaged')).toHaveLength(what === 'deleted' ? 0 : 1);
    expect(rebuilt?.kept === null).toBe(what === 'deleted');
    expect(core.events).toContainEqual({ type: 'notice', level: 'warning', message: rebuilt?.message });
    await inStep(path);
    await add('third');
    expect((await core.client.call('vault.check', {})).ok).toBe(true);
    const { entries } = await core.client.call('audit.list', { text: 'hsm.rebuild' });
    expect(entries).toHaveLength(1);
    await core.restart();
    await core.unlock();
    expect(await names()).toEqual(['first', 'second', 'third']);
    expect((await status()).rebuilt).toBeNull();
  });

  test('whose contents alone are damaged is found by a check and replaced at the next unlock', async () => {
    const path = await mirrored();
    await whileStopped(() =>
      tamper(vaultFile(), (db) =>
        db.exec(
          "UPDATE records SET sealed = CAST(substr(sealed, 1, 90) || x'00000000' || substr(sealed, 95) AS BLOB) WHERE kind = 'account'",
        ),
      ),
    );
    await core.unlock();
    expect(await isSound(core)).toBe(false);
    expect(core.events).toContainEqual(expect.objectContaining({ type: 'notice', level: 'error' }));
    await core.client.call('vault.lock', {});
    await core.unlock();
    expect((await status()).rebuilt).toMatchObject({ from: path });
    expect(await names()).toEqual(['first']);
    expect((await core.client.call('vault.check', {})).ok).toBe(true);
  });

  test('a wrong password stays wrong, and replaces nothing', async () => {
    await mirrored();
    await whileStopped(() => rmSync(vaultFile()));
    await expect(core.unlock('not the password')).rejects.toMatchObject({ code: 'WrongSecret' });
    expect(existsSync(vaultFile())).toBe(false);
    await core.unlock();
    expect(await names()).toEqual(['first']);
  });

  test('of several mirrors, the newest that verifies is taken', async () => {
    const a = await mirrored();
    const b = (await core.client.call('hsm.mirrorAdd', { path: disk('b') })).path;
    await add('second');
    await whileStopped(() => {
      rmSync(vaultFile());
      tamper(a, (db) =>
        db.exec(
          "UPDATE records SET sealed = CAST(substr(sealed, 1, 90) || x'00' || substr(sealed, 92) AS BLOB) WHERE kind = 'account'",
        ),
      );
    });
    await core.unlock();
    expect((await status()).rebuilt).toMatchObject({ from: b });
    expect(await names()).toEqual(['first', 'second']);
    await core.running.core.mirrors.verifyDue();
    await inStep(a);
    expect(readdirSync(dirname(a)).some((name) => name.startsWith('vault.keyhold.damaged-'))).toBe(true);
  });

  test('an older copy is taken only when a person says so', async () => {
    const path = await mirrored();
    const old = join(disks, 'old');
    await whileStopped(() => copyFileSync(path, old));
    await core.unlock();
    await inStep(path);
    await add('second');
    await whileStopped(() => {
      copyFileSync(old, path);
      rmSync(vaultFile());
    });
    const refused = await failure(() => core.unlock());
    expect(refused).toMatchObject({ code: 'VaultRolledBack', message: expect.stringContaining(path) });
    expect(existsSync(vaultFile())).toBe(false);
    await core.unlockAccepting();
    expect(await names()).toEqual(['first']);
    await inStep(path);
    await core.restart();
    await core.unlock();
  });

  test('when every copy is gone, the message names them and the newest backup', async () => {
    const path = await mirrored();
    const { backup } = await core.client.call('hsm.backup', {});
    await whileStopped(() => {
      rmSync(vaultFile());
      rmSync(dirname(path), { recursive: true });
    });
    expect(core.running.status().state).toBe('locked');
    await expect(core.create()).rejects.toMatchObject({ code: 'AlreadyInitialized' });
    const lost = await failure(() => core.unlock());
    expect(lost.code).toBe('VaultLost');
    for (const part of [vaultFile(), path, backup.path]) expect(lost.message).toContain(part);
    expect((await status()).copies[0]).toMatchObject({ role: 'primary', state: 'out-of-reach' });
    await core.restoreFrom(backup.path);
    await core.unlock();
    expect(await names()).toEqual(['first']);
  });

  test('when every copy is gone, one can begin anew', async () => {
    const path = await mirrored();
    await whileStopped(() => {
      rmSync(vaultFile());
      rmSync(dirname(path), { recursive: true });
    });
    await core.client.call('hsm.mirrorRemove', { path });
    expect(core.running.status().state).toBe('none');
    await core.create();
    expect(await names()).toEqual([]);
  });
});

describe('a vault file that is older than its mirror', () => {
  /** The vault as it was before the second account is put back in its place. */
  async function putBack(anchorToo: boolean): Promise<string> {
    const path = await mirrored();
    await core.restart();
    await whileStopped(() => {
      copyFileSync(vaultFile(), join(disks, 'old'));
      copyFileSync(join(core.home, 'anchor.json'), join(disks, 'anchor'));
    });
    await core.unlock();
    await inStep(path);
    await add('second');
    await whileStopped(() => {
      copyFileSync(join(disks, 'old'), vaultFile());
      if (anchorToo) copyFileSync(join(disks, 'anchor'), join(core.home, 'anchor.json'));
    });
    return path;
  }

  test.each([true, false])('is replaced by it (with the anchor put back: %s)', async (anchorToo) => {
    const path = await putBack(anchorToo);
    await core.unlock();
    expect(await names()).toEqual(['first', 'second']);
    expect((await status()).rebuilt).toMatchObject({
      from: path,
      message: expect.stringContaining('older than its copy'),
    });
    expect(keptFiles('older')).toHaveLength(1);
  });

  test('is kept when a person insists, and the mirror is left alone', async () => {
    const path = await putBack(true);
    const before = readFileSync(path);
    await core.unlockAccepting();
    expect(await names()).toEqual(['first']);
    expect((await status()).copies[1]).toMatchObject({ path, state: 'conflict' });
    await core.restart();
    await core.unlock();
    expect(await names()).toEqual(['first']);
    expect((await status()).copies[1]).toMatchObject({ path, state: 'conflict' });
    await core.running.stop();
    expect(readFileSync(path)).toEqual(before);
    await core.restart();
  });
});

describe('vault.restore', () => {
  test('an older backup stays what the person chose: its mirrors follow, and what they held is kept', async () => {
    const path = await mirrored();
    const { backup } = await core.client.call('hsm.backup', {});
    await add('second');
    await core.restoreFrom(backup.path);
    await core.unlock();
    expect(await names()).toEqual(['first']);
    await inStep(path);
    const kept = readdirSync(dirname(path)).filter((name) => name.startsWith('vault.keyhold.before-restore-'));
    expect(kept).toHaveLength(1);
    await core.restart();
    await core.unlock();
    expect(await names()).toEqual(['first']);
  });

  test('a later mirror that was away does not undo it', async () => {
    const path = await mirrored();
    const { backup } = await core.client.call('hsm.backup', {});
    await add('second');
    await core.running.stop();
    const away = join(disks, 'away');
    copyFileSync(path, away);
    rmSync(dirname(path), { recursive: true });
    await core.restart();
    await core.restoreFrom(backup.path);
    await core.running.stop();
    copyFileSync(away, join(disk('a'), 'vault.keyhold'));
    await core.restart();
    await core.unlock();
    expect(await names()).toEqual(['first']);
    expect((await status()).copies[1]).toMatchObject({ state: 'conflict' });
  });

  test('from a mirror', async () => {
    const path = await mirrored();
    await add('second');
    await core.restoreFrom(path);
    await core.unlock();
    expect(await names()).toEqual(['first', 'second']);
    await inStep(path);
    expect(readdirSync(dirname(path)).filter((name) => name.includes('before-restore'))).toEqual([]);
  });

  test('another vault leaves the mirrors of the one before alone', async () => {
    const path = await mirrored();
    await core.running.stop();
    const before = readFileSync(path);
    await core.restart();
    const other = startTestCore();
    try {
      await other.create();
      const backup = join(disks, 'other.vault');
      await other.client.call('vault.backup', { path: backup });
      await core.restoreFrom(backup);
      await core.unlock();
      expect((await status()).copies).toHaveLength(1);
      expect(readFileSync(path)).toEqual(before);
    } finally {
      await other.dispose();
    }
  });
});

describe('a vault file that disappears while it is in use', () => {
  test.each([true, false])('is written back with the next change (with a mirror: %s)', async (withMirror) => {
    await core.create();
    if (withMirror) await core.client.call('hsm.mirrorAdd', { path: disk('a') });
    await add('first');
    rmSync(vaultFile());
    await add('second');
    expect(existsSync(vaultFile())).toBe(true);
    expect((await core.client.call('vault.check', {})).ok).toBe(true);
    await core.restart();
    await core.unlock();
    expect(await names()).toEqual(['first', 'second']);
    expect((await status()).rebuilt).toBeNull();
  });

  test('is written back when the daemon is stopped, however it was changed last', async () => {
    await core.create();
    await add('first');
    rmSync(vaultFile());
    await core.client.call('vault.lock', {});
    await core.restart();
    await core.unlock();
    expect(await names()).toEqual(['first']);
  });

  test('is written back by an unlock', async () => {
    await core.create();
    await add('first');
    await core.client.call('vault.lock', {});
    rmSync(vaultFile());
    await core.unlock();
    expect(existsSync(vaultFile())).toBe(true);
    await add('second');
    await core.restart();
    await core.unlock();
    expect(await names()).toEqual(['first', 'second']);
  });

  test('and in whose place another file is takes no changes; a lock and an unlock open that one', async () => {
    await core.create();
    await add('first');
    const other = join(disks, 'other.vault');
    await core.client.call('vault.backup', { path: other });
    await add('second');
    rmSync(vaultFile());
    copyFileSync(other, vaultFile());
    await expect(add('third')).rejects.toMatchObject({ code: 'VaultTampered' });
    await core.client.call('vault.lock', {});
    await expect(core.unlock()).rejects.toMatchObject({ code: 'VaultRolledBack' });
    await core.unlockAccepting();
    expect(await names()).toEqual(['first']);
    expect((await core.client.call('vault.check', {})).ok).toBe(true);
  });
});
