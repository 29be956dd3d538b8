import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, describe, expect, test } from 'vitest';
import type { KeyholdError } from '../../../src/contract/errors.ts';
import { createVaultFile } from '../../../src/core/vault/create.ts';
import { openVault } from '../../../src/core/vault/store.ts';
import { createTestVault, startTestHsm } from '../../support/hsm.ts';
import {
  failure,
  fillVault,
  makeTestVault,
  named,
  removeTestFolders,
  reopen,
  tamper,
  testFolder,
} from '../../support/vault.ts';

afterEach(() => removeTestFolders());

const opening = (path: string): Promise<KeyholdError> => failure(() => openVault(path).close());

describe('what is not a vault', () => {
  test('a missing file, a folder, an empty file', async () => {
    const folder = testFolder();
    expect((await opening(join(folder, 'none'))).code).toBe('NotInitialized');
    expect((await opening(join(folder, 'none', 'deeper'))).code).toBe('NotInitialized');
    expect((await opening(folder)).code).toBe('VaultForeign');
    writeFileSync(join(folder, 'empty'), '');
    const empty = await opening(join(folder, 'empty'));
    expect(empty.code).toBe('VaultCorrupt');
    expect(empty.message).toContain('it is empty');
  });

  test.each(['x', 'a text of some length, but not a database\n'.repeat(200)])('a text', async (text) => {
    const path = join(testFolder(), 'notes.txt');
    writeFileSync(path, text);
    expect((await opening(path)).code).toBe('VaultForeign');
    expect(readFileSync(path, 'utf8')).toBe(text);
  });

  test('a database of another program is not touched', async () => {
    const path = join(testFolder(), 'other.db');
    const db = new Database(path);
    db.exec('CREATE TABLE t (a); INSERT INTO t VALUES (1)');
    db.close();
    chmodSync(path, 0o600);
    const before = readFileSync(path);
    const error = await opening(path);
    expect(error.code).toBe('VaultForeign');
    expect(error.message).toContain('a database of another program');
    expect(readFileSync(path).equals(before)).toBe(true);
    expect(existsSync(`${path}-wal`)).toBe(false);
  });

  test('a newer format', async () => {
    const { vault, path } = await makeTestVault();
    await vault.close();
    tamper(path, (db) => db.pragma('user_version = 2'));
    const error = await opening(path);
    expect(error.code).toBe('VaultTooNew');
    expect(error.details).toEqual({ format: 2, supported: 1 });
  });

  test('no format number', async () => {
    const { vault, path } = await makeTestVault();
    await vault.close();
    tamper(path, (db) => db.pragma('user_version = 0'));
    expect((await opening(path)).code).toBe('VaultCorrupt');
  });
});

describe('the vault’s file', () => {
  test('has mode 0600 in a folder of mode 0700, also its WAL', async () => {
    const path = join(testFolder(), 'deep', 'home', 'vault.keyhold');
    const hsm = startTestHsm();
    const made = await createTestVault(hsm);
    await createVaultFile(path, hsm, { ...made, createdAt: 5 });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(join(path, '..')).mode & 0o777).toBe(0o700);
    const vault = openVault(path);
    expect(vault.createdAt).toBe(5);
    await vault.load(hsm);
    await vault.transact({ put: [{ kind: 'account', data: {} }] });
    expect(statSync(`${path}-wal`).mode & 0o777).toBe(0o600);
    expect(vault.warnings).toEqual([]);
    await vault.close();
    expect(existsSync(`${path}-wal`)).toBe(false);
  });

  test('is made private again, and an open folder is warned of', async () => {
    const { vault, path, folder } = await makeTestVault();
    await vault.close();
    chmodSync(path, 0o644);
    chmodSync(folder, 0o777);
    const again = openVault(path);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(again.warnings).toHaveLength(2);
    await again.close();
  });

  test('is never replaced by a new vault', async () => {
    const { vault, path } = await makeTestVault();
    await vault.close();
    const before = readFileSync(path);
    const hsm = startTestHsm();
    const made = await createTestVault(hsm);
    const error = await failure(() => createVaultFile(path, hsm, { ...made, createdAt: 1 }));
    expect(error.code).toBe('AlreadyInitialized');
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  test('marked read-only is refused', async () => {
    const { vault, path } = await makeTestVault();
    await vault.close();
    chmodSync(path, 0o400);
    const error = await opening(path);
    expect(error.code).toBe('VaultReadOnly');
    expect(error.message).toContain(path);
  });

  test('cut short at any length: a named error or all of it', async () => {
    const { vault, path, hsm } = await makeTestVault();
    await fillVault(vault, 20);
    const everything = await vault.read('account');
    await vault.close();
    const whole = readFileSync(path);
    const lengths = [1, 15, 16, 50, 99, 100, 101, 511, 512, 1000, 4095, 4096, 4097, 5000, 8191, 8192, 12_288];
    for (let length = 16_384; length < whole.length; length += 4096) lengths.push(length, length + 1);
    lengths.push(whole.length - 1);
    for (const length of lengths) {
      writeFileSync(path, whole);
      truncateSync(path, length);
      let cut: ReturnType<typeof openVault> | undefined;
      try {
        cut = openVault(path, { anchor: false });
        await cut.load(hsm);
        // Only bytes that hold nothing can be missing then.
        expect(await cut.read('account')).toEqual(everything);
        expect(length).toBeGreaterThan(whole.length - 4096);
      } catch (error) {
        expect(error).toMatchObject({ name: 'KeyholdError', code: expect.stringMatching(/^Vault(Corrupt|Tampered)$/) });
      } finally {
        await cut?.close();
      }
    }
  });

  test('cut short is refused with a hint', async () => {
    const { vault, path } = await makeTestVault();
    await vault.close();
    truncateSync(path, 9000);
    const error = await opening(path);
    expect(error.message).toMatch(/damaged.*keyhold hsm restore/);
    expect(named(error)).toEqual(['file: structure']);
  });
});

describe('a second opener', () => {
  const holder = {
    pid: process.pid,
    startedAt: new Date(2026, 10, 23, 14, 2).toISOString(),
    shell: 'serve' as const,
    endpoint: null,
  };

  test('in this process learns who holds the vault, by whatever name it asks', async () => {
    const { vault, path, folder } = await makeTestVault({ holder, now: Date.now() });
    symlinkSync(path, join(folder, 'link'));
    for (const name of [path, join(folder, 'link')]) {
      const error = await failure(() => openVault(name, { now: new Date(2026, 10, 23, 20).getTime() }).close());
      expect(error.code).toBe('VaultBusy');
      expect(error.message).toContain(`keyhold serve, process ${process.pid}, since 14:02`);
      expect(error.details?.['holder']).toEqual(holder);
    }
    await vault.close();
    expect(existsSync(join(folder, 'vault.holder.json'))).toBe(false);
    await openVault(path).close();
  });

  test('in another process too; its end lets go, whatever it left behind', async () => {
    const { vault, path, folder, made } = await makeTestVault();
    await vault.close();
    const source = new URL('../../../src/core/vault/store.ts', import.meta.url).href;
    const script = `
      const { openVault } = await import(${JSON.stringify(source)});
      openVault(${JSON.stringify(path)}, { holder: { pid: process.pid, startedAt: '2026-11-22T14:02:00.000Z', shell: 'electron', endpoint: null } });
      console.log('open');
      setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      await new Promise<void>((resolve, reject) => {
        child.stdout.once('data', () => resolve());
        child.once('exit', (code) => reject(new Error(`ended with ${code}`)));
      });
      const error = await opening(path);
      expect(error.code).toBe('VaultBusy');
      expect(error.message).toContain(`the Keyhold app, process ${child.pid}, since 2026-11-2`);
    } finally {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await gone;
    }
    expect(existsSync(join(folder, 'vault.holder.json'))).toBe(true);
    const { vault: again } = await reopen({ path, made });
    await again.close();
  });

  test('without readable information still says what to do', async () => {
    const { vault, path, folder } = await makeTestVault();
    writeFileSync(join(folder, 'vault.holder.json'), '{"pid": "many"}');
    const error = await opening(path);
    expect(error.message).toContain('held by another process');
    await vault.close();
  });
});

const mounts: string[] = [];
function mountTmpfs(kilobytes: number): string | null {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return null;
  const folder = testFolder();
  const done = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${kilobytes}k,mode=0700`, 'tmpfs', folder]);
  if (done.status !== 0) return null;
  mounts.push(folder);
  return folder;
}
afterEach(() => {
  for (const folder of mounts.splice(0)) spawnSync('umount', ['-l', folder]);
});

describe('the disk', () => {
  const note = 'x'.repeat(3000);
  const write = async (vault: Awaited<ReturnType<typeof makeTestVault>>['vault']) => {
    for (let index = 0; ; index++) {
      try {
        await vault.transact({ put: [{ kind: 'account', data: { index, note } }] });
      } catch (error) {
        return { written: index, error };
      }
    }
  };

  test('full (page limit): DiskFull, and everything acknowledged is there', async () => {
    const file = await makeTestVault();
    const pages = file.vault.file.db.pragma('page_count', { simple: true });
    file.vault.file.db.pragma(`max_page_count = ${Number(pages) + 20}`);
    const { written, error } = await write(file.vault);
    expect(error).toMatchObject({ name: 'KeyholdError', code: 'DiskFull' });
    expect(written).toBeGreaterThan(3);
    expect(await file.vault.read('account')).toHaveLength(written);
    file.vault.file.db.pragma('max_page_count = 100000');
    await file.vault.transact({ put: [{ kind: 'account', data: { index: -1 } }] });
    await file.vault.close();
    const { vault } = await reopen(file);
    expect(await vault.read('account')).toHaveLength(written + 1);
    await vault.close();
  });

  test('full (a small file system): the same', async (context) => {
    const folder = mountTmpfs(700);
    if (folder === null) return context.skip('needs the right to mount a tmpfs');
    mkdirSync(join(folder, 'home'), { mode: 0o700 });
    const path = join(folder, 'home', 'vault.keyhold');
    const hsm = startTestHsm();
    const made = await createTestVault(hsm);
    await createVaultFile(path, hsm, { ...made, createdAt: 1 });
    const vault = openVault(path);
    await vault.load(hsm);
    const { written, error } = await write(vault);
    expect(error).toMatchObject({ name: 'KeyholdError', code: 'DiskFull' });
    expect(written).toBeGreaterThan(3);
    await vault.close();
    const again = await reopen({ path, made });
    expect(await again.vault.read('account')).toHaveLength(written);
    await again.vault.close();
  });

  test('mounted read-only: VaultReadOnly', async (context) => {
    const folder = mountTmpfs(2000);
    if (folder === null) return context.skip('needs the right to mount a tmpfs');
    const path = join(folder, 'vault.keyhold');
    const hsm = startTestHsm();
    const made = await createTestVault(hsm);
    await createVaultFile(path, hsm, { ...made, createdAt: 1 });
    expect(spawnSync('mount', ['-o', 'remount,ro', folder]).status).toBe(0);
    expect((await opening(path)).code).toBe('VaultReadOnly');
    const other = join(folder, 'other.keyhold');
    expect((await failure(() => createVaultFile(other, hsm, { ...made, createdAt: 1 }))).code).toBe('VaultReadOnly');
  });
});
