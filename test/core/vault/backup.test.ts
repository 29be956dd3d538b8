import {
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BackupDisk } from '../../../src/core/backups/disk.ts';
import { anchorPath, readAnchor } from '../../../src/core/vault/anchor.ts';
import { backupVault } from '../../../src/core/vault/backup.ts';
import { checkVault } from '../../../src/core/vault/check.ts';
import { type RestoreInput, restoreVault } from '../../../src/core/vault/restore.ts';
import { openVault } from '../../../src/core/vault/store.ts';
import { systemClock } from '../../../src/daemon/system-ports.ts';
import { sealFor, startTestHsm } from '../../support/hsm.ts';
import { inThreadMirror } from '../../support/mirror.ts';
import {
  addObject,
  auditEvent,
  failure,
  fillVault,
  makeTestVault,
  named,
  removeTestFolders,
  reopen,
  type TestVaultFile,
  tamper,
  testFolder,
} from '../../support/vault.ts';

const disk = new BackupDisk({ clock: systemClock, spawnMirror: () => inThreadMirror() });
afterEach(() => {
  disk.end();
  removeTestFolders();
});
const backup = (path: string, options: { overwrite?: boolean } = {}) =>
  backupVault(file.vault, file.hsm, path, { disk, ...options });

let file: TestVaultFile;
let target: string;
beforeEach(async () => {
  file = await makeTestVault();
  await fillVault(file.vault, 50);
  await addObject(file.vault, file.hsm);
  await file.vault.transact({ audit: [auditEvent('one')] });
  target = join(testFolder(), 'backup.keyhold');
});

describe('a backup', () => {
  test('made in use is one private, complete file, and verified', async () => {
    const result = await backup(target);
    expect(result).toMatchObject({ path: target, records: 51, report: { ok: true, findings: [], auditEntries: 1 } });
    expect(result.sizeBytes).toBe(statSync(target).size);
    expect(statSync(target).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(target, '..'))).toEqual(['backup.keyhold']);
    await file.vault.transact({ put: [{ kind: 'account', data: { name: 'later' } }] });
    await file.vault.close();

    const { vault, hsm } = await reopen({ path: target, made: file.made });
    expect(await vault.read('account')).toHaveLength(50);
    expect((await checkVault(vault, hsm)).ok).toBe(true);
    await vault.close();
  });

  test('while writes go on is exactly one generation', async () => {
    const writing = Promise.all(
      Array.from({ length: 40 }, (_, index) => file.vault.transact({ put: [{ kind: 'profile', data: { index } }] })),
    );
    const result = await backup(target);
    await writing;
    expect(result.report.ok).toBe(true);
    expect(result.records).toBeGreaterThanOrEqual(51);
    await file.vault.close();
  });

  test('replaces nothing unless told to, and never the vault', async () => {
    writeFileSync(target, 'mine');
    expect((await failure(() => backup(target))).code).toBe('AlreadyExists');
    expect(readFileSync(target, 'utf8')).toBe('mine');
    await backup(target, { overwrite: true });
    expect(readFileSync(target, 'latin1').startsWith('SQLite format 3')).toBe(true);

    linkSync(file.path, join(file.folder, 'hard-link'));
    for (const name of [file.path, `${file.path}-wal`, join(file.folder, 'hard-link')]) {
      const error = await failure(() => backup(name, { overwrite: true }));
      expect(error.code).toBe('InvalidInput');
    }
    for (const name of [testFolder(), join(target, 'x'), join(testFolder(), 'none', 'x')]) {
      const error = await failure(() => backup(name, { overwrite: true }));
      expect(error.code).toBe('InvalidInput');
    }
    await file.vault.transact({ put: [{ kind: 'account', data: {} }] });
    await file.vault.close();
    await (await reopen(file)).vault.close();
  });

  test('is not made of a vault that does not verify', async () => {
    file.vault.file.db.exec('UPDATE audit SET mac = zeroblob(32) WHERE seq = 1');
    const error = await failure(() => backup(target));
    expect(error.code).toBe('VaultTampered');
    expect(named(error)).toEqual(['audit entry 1: edited']);
    expect(readdirSync(join(target, '..'))).toEqual([]);
    await file.vault.close();
  });
});

describe('a restore', () => {
  const NOW = Date.UTC(2026, 10, 24, 1, 2, 3);
  const input = async (more: Partial<RestoreInput> = {}): Promise<RestoreInput> => {
    const hsm = startTestHsm();
    return {
      source: target,
      vaultPath: file.path,
      hsm,
      secret: async () => ({ factor: 'password', sealed: await sealFor(hsm, 'password', file.made.password) }),
      live: file.vault,
      now: NOW,
      ...more,
    };
  };
  const leftovers = () => readdirSync(file.folder).filter((name) => name.includes('.tmp'));

  test('puts the backup in place, keeps the present file, and unlocks without a rollback complaint', async () => {
    await backup(target);
    const bytes = readFileSync(target);
    await file.vault.transact({ put: [{ kind: 'account', data: { name: 'later' } }] });
    const { report, previous } = await restoreVault(await input());
    expect(report.ok).toBe(true);
    expect(previous).toBe(`${file.path}.before-restore-2026-11-24T01-02-03.000Z`);
    expect(readFileSync(target).equals(bytes)).toBe(true);
    expect(leftovers()).toEqual([]);
    expect(readAnchor(file.path)?.generation).toBe(report.generation);

    const { vault } = await reopen(file);
    expect(await vault.read('account')).toHaveLength(50);
    await vault.close();
    const old = openVault(previous ?? '', { anchor: false });
    await old.load(file.hsm);
    expect(await old.read('account')).toHaveLength(51);
    await old.close();
  });

  test('that put the backup in place succeeded, even if its generation could not be noted', async () => {
    await backup(target);
    await file.vault.transact({ put: [{ kind: 'account', data: { name: 'later' } }] });
    // Nothing can be renamed over a folder.
    rmSync(anchorPath(file.path));
    mkdirSync(anchorPath(file.path));
    const { report, previous } = await restoreVault(await input());
    expect(previous).not.toBeNull();
    expect(report.ok).toBe(true);
    expect(report.findings).toEqual([
      {
        severity: 'warning',
        where: 'anchor.json',
        what: 'not written',
        message: expect.stringContaining('--accept-rollback'),
      },
    ]);
    expect(leftovers()).toEqual([]);
    const { vault } = await reopen(file);
    expect(await vault.read('account')).toHaveLength(50);
    await vault.close();
  });

  test('into an empty folder', async () => {
    await backup(target);
    await file.vault.close();
    const vaultPath = join(testFolder(), 'home', 'vault.keyhold');
    expect(await restoreVault(await input({ vaultPath, live: null }))).toMatchObject({ previous: null });
    const { vault } = await reopen({ path: vaultPath, made: file.made });
    expect(await vault.read('account')).toHaveLength(50);
    await vault.close();
  });

  test('replaces a vault that cannot be opened any more, with what lies beside it', async () => {
    await backup(target);
    await file.vault.close();
    writeFileSync(file.path, 'rubbish');
    writeFileSync(`${file.path}-wal`, 'more rubbish');
    const { previous } = await restoreVault(await input({ live: null }));
    expect(readFileSync(previous ?? '', 'utf8')).toBe('rubbish');
    expect(readFileSync(`${previous}-wal`, 'utf8')).toBe('more rubbish');
    await (await reopen(file)).vault.close();
  });

  test('takes a plain copy with its WAL', async () => {
    await file.vault.transact({ put: [{ kind: 'account', data: { name: 'only in the WAL' } }] });
    copyFileSync(file.path, target);
    copyFileSync(`${file.path}-wal`, `${target}-wal`);
    await restoreVault(await input());
    const { vault } = await reopen(file);
    expect(await vault.read('account')).toHaveLength(51);
    await vault.close();
  });

  test('that fails leaves the present vault open and as it was', async () => {
    await backup(target);
    const wrong = startTestHsm();
    const sealed = await sealFor(wrong, 'password', 'not the password');
    const secret = async () => ({ factor: 'password' as const, sealed });
    expect((await failure(async () => restoreVault(await input({ hsm: wrong, secret })))).code).toBe('WrongSecret');

    expect((await failure(async () => restoreVault(await input({ source: `${target}-none` })))).code).toBe('NotFound');
    expect((await failure(async () => restoreVault(await input({ source: file.path })))).code).toBe('InvalidInput');
    const folder = join(testFolder(), 'folder');
    mkdirSync(folder);
    expect((await failure(async () => restoreVault(await input({ source: folder })))).code).toBe('VaultForeign');

    const foreign = join(testFolder(), 'notes.txt');
    writeFileSync(foreign, 'a text that is no vault');
    const error = await failure(async () => restoreVault(await input({ source: foreign })));
    expect(error.code).toBe('VaultForeign');
    expect(error.message).toContain(foreign);

    tamper(target, (db) => db.exec('UPDATE records SET version = 2'));
    expect((await failure(async () => restoreVault(await input()))).code).toBe('VaultTampered');
    expect(leftovers()).toEqual([]);
    expect(readdirSync(file.folder).some((name) => name.includes('before-restore'))).toBe(false);

    await file.vault.transact({ put: [{ kind: 'account', data: {} }] });
    await file.vault.close();
    await (await reopen(file)).vault.close();
  });

  test('does not replace a vault whose content edits only a full check finds', async () => {
    await backup(target);
    tamper(target, (db) => db.exec('UPDATE audit SET mac = zeroblob(32) WHERE seq = 1'));
    const error = await failure(async () => restoreVault(await input()));
    expect(named(error)).toEqual(['audit entry 1: edited']);
    expect(existsSync(file.path)).toBe(true);
    await file.vault.close();
  });
});
