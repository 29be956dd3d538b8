import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { BackupDisk } from '../../../src/core/backups/disk.ts';
import type { MirrorOperation, MirrorRequest } from '../../../src/core/mirrors/protocol.ts';
import type { MirrorChannel } from '../../../src/core/ports.ts';
import { backupVault } from '../../../src/core/vault/backup.ts';
import { startTestCore } from '../../support/core.ts';
import { createFakeClock, type FakeClock } from '../../support/fake-clock.ts';
import { inThreadMirror } from '../../support/mirror.ts';
import {
  failure,
  fillVault,
  makeTestVault,
  removeTestFolders,
  reopen,
  type TestVaultFile,
  testFolder,
} from '../../support/vault.ts';

/** Threads whose disk hangs at some operations; what was asked waits until it is back. */
class SlowDisk {
  readonly hangsAt = new Set<MirrorOperation>();
  /** And at everything that is asked about what is in this folder. */
  hangsIn: string | null = null;
  asked: MirrorOperation[] = [];
  started = 0;
  /** Threads that were ended inside a system call. */
  readonly #stuck: (() => void)[] = [];

  spawn = (): MirrorChannel => {
    this.started += 1;
    const thread = inThreadMirror();
    let stuck = false;
    return {
      ...thread,
      send: (request) => {
        this.asked.push(request.op);
        if (this.hangsAt.has(request.op) || this.#isIn(request.input)) stuck = true;
        else thread.send(request);
      },
      end: () => (stuck ? void this.#stuck.push(thread.end) : thread.end()),
    };
  };

  #isIn(input: MirrorRequest['input']): boolean {
    return this.hangsIn !== null && 'path' in input && input.path.startsWith(this.hangsIn);
  }

  async comeBack(): Promise<void> {
    this.hangsAt.clear();
    this.hangsIn = null;
    for (const end of this.#stuck.splice(0)) end();
    // An ended thread is heard of a turn later.
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  }
}

let slow: SlowDisk;
let clock: FakeClock;
beforeEach(() => {
  slow = new SlowDisk();
  clock = createFakeClock();
});
afterEach(() => {
  vi.restoreAllMocks();
  removeTestFolders();
});

const HANGS =
  /^The disk of .* did not answer within (\d+ s|\d+ minutes)\. Check it, or choose another folder for backups\.$/;
const temporaries = (folder: string) => readdirSync(folder).filter((name) => name.endsWith('.tmp'));

describe('a backup', () => {
  let file: TestVaultFile;
  let disk: BackupDisk;
  let target: string;
  beforeEach(async () => {
    file = await makeTestVault();
    await fillVault(file.vault, 10);
    disk = new BackupDisk({ clock, spawnMirror: slow.spawn });
    target = join(testFolder(), 'backup.keyhold');
  });
  afterEach(async () => {
    disk.end();
    await file.vault.close();
  });
  const backup = () => backupVault(file.vault, file.hsm, target, { disk });

  test('on its way to a disk that hangs holds up no change, and is given up', async () => {
    slow.hangsAt.add('keepBackup');
    const failed = failure(backup);
    await vi.waitFor(() => expect(slow.asked).toEqual(['backupPlace', 'keepBackup']), 5_000);
    await file.vault.transact({ put: [{ kind: 'account', data: { name: 'meanwhile' } }] });
    await file.vault.copyLock.change(async () => undefined);
    clock.advance(120_000);
    expect(await failed).toMatchObject({ code: 'Timeout', message: HANGS });
    expect(existsSync(target)).toBe(false);
    expect(temporaries(file.folder)).toEqual([]);
    // Until the thread is back from there, none other is sent after it.
    expect(await failure(backup)).toMatchObject({ code: 'Timeout', message: HANGS });
    expect(slow.started).toBe(1);
    await slow.comeBack();
    expect((await backup()).report.ok).toBe(true);
    expect(slow.started).toBe(2);
  });

  test('has a time limit that grows with the vault', async () => {
    slow.hangsAt.add('keepBackup');
    const failed = failure(backup);
    await vi.waitFor(() => expect(slow.asked).toContain('keepBackup'), 5_000);
    clock.advance(60_000);
    await file.vault.transact({ put: [{ kind: 'account', data: {} }] });
    expect(slow.started).toBe(1);
    expect(clock.pending()).toBe(1);
    clock.advance(10_000);
    expect((await failed).code).toBe('Timeout');
  });

  test('ends its thread when that has not been needed for a while', async () => {
    await backup();
    clock.advance(60_000);
    await backup().catch(() => undefined);
    expect([slow.started, clock.pending()]).toEqual([2, 1]);
    disk.end();
    expect(clock.pending()).toBe(0);
  });

  /** Its database says that a copy of it is larger than any disk. */
  const grow = () => {
    const { db } = file.vault.file;
    const real = db.pragma.bind(db);
    vi.spyOn(db, 'pragma').mockImplementation((source, options) =>
      source === 'page_count' ? 2 ** 50 : real(source, options),
    );
  };

  test('takes no room that changes need: on the vault’s own disk it is refused', async () => {
    grow();
    expect(await failure(backup)).toMatchObject({ code: 'DiskFull', message: /make the backup on another disk\.$/ });
    expect([readdirSync(dirname(target)), temporaries(file.folder)]).toEqual([[], []]);
  });

  const other = existsSync('/dev/shm') && statSync('/dev/shm').dev !== statSync(tmpdir()).dev;
  test.skipIf(!other)('is made on another disk when there is no room beside the vault', async () => {
    const folder = mkdtempSync('/dev/shm/kh-backup-');
    try {
      target = join(folder, 'backup.keyhold');
      grow();
      expect((await backup()).report.ok).toBe(true);
      expect([readdirSync(folder), temporaries(file.folder)]).toEqual([['backup.keyhold'], []]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test.skipIf(!other)('on another disk is one private, complete file', async () => {
    const folder = mkdtempSync('/dev/shm/kh-backup-');
    try {
      target = join(folder, 'backup.keyhold');
      const { sizeBytes } = await backup();
      expect(statSync(target)).toMatchObject({ size: sizeBytes });
      expect(statSync(target).mode & 0o777).toBe(0o600);
      expect([readdirSync(folder), temporaries(file.folder)]).toEqual([['backup.keyhold'], []]);
      expect((await failure(backup)).code).toBe('AlreadyExists');
      const { vault } = await reopen({ path: target, made: file.made });
      expect(await vault.read('account')).toHaveLength(10);
      await vault.close();
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

test('a backups’ folder that hangs holds nothing else up, and the status says so', async () => {
  const core = startTestCore({ clock, spawnMirror: slow.spawn });
  try {
    await core.create();
    await core.client.call('settings.update', { autoLockMinutes: 0 });
    slow.hangsAt.add('listBackups');
    const status = core.client.call('hsm.status', {});
    await vi.waitFor(() => expect(slow.asked).toContain('listBackups'), 5_000);
    await core.client.call('account.add', { name: 'prod', accountId: '123456789012', kind: 'remote' });
    clock.advance(10_000);
    expect((await status).backups).toMatchObject({ list: [], nextAt: null, failure: expect.stringMatching(HANGS) });
    const { failure: said } = (await core.client.call('hsm.status', {})).backups;
    expect(said).toMatch(HANGS);
    for (let look = 0; look < 3; look++) clock.advance(900_000);
    const notices = () => core.events.filter(({ type }) => type === 'notice');
    await vi.waitFor(() => expect(notices()).toHaveLength(1), 5_000);
    expect(notices()).toMatchObject([{ message: `The backup of the vault could not be made. ${said}` }]);
    expect(slow.started).toBe(1);
    await slow.comeBack();
    // The last one failed, until another folder is chosen.
    expect((await core.client.call('hsm.status', {})).backups.failure).toBe(said);
    await core.client.call('settings.update', { backupFolder: testFolder() });
    expect((await core.client.call('hsm.status', {})).backups.failure).toBe(null);
    const { backup } = await core.client.call('hsm.backup', {});
    expect((await core.client.call('hsm.status', {})).backups).toMatchObject({
      failure: null,
      list: [{ path: backup.path }],
    });
  } finally {
    await core.dispose();
  }
});

test('a folder that hangs keeps nobody from another, and gets no second thread', async () => {
  const core = startTestCore({ clock, spawnMirror: slow.spawn });
  try {
    await core.create();
    const [hanging, other] = [testFolder(), testFolder()];
    await core.client.call('settings.update', { backupFolder: hanging, backupHours: 0 });
    slow.hangsIn = hanging;
    const failed = failure(() => core.client.call('hsm.backup', {}));
    await vi.waitFor(() => expect(slow.asked).toEqual(['backupFolder']), 5_000);
    await core.client.call('settings.update', { backupFolder: other });
    // Not even for as long as the first one is waited for.
    const { backup } = await core.client.call('hsm.backup', {});
    expect(dirname(backup.path)).toBe(other);
    clock.advance(10_000);
    expect(await failed).toMatchObject({ code: 'Timeout', message: HANGS });
    expect((await core.client.call('hsm.status', {})).backups).toMatchObject({ list: [{ path: backup.path }] });
    await core.client.call('settings.update', { backupFolder: hanging });
    const { started } = slow;
    expect(await failure(() => core.client.call('hsm.backup', {}))).toMatchObject({ message: HANGS });
    expect(slow.started).toBe(started);
    await slow.comeBack();
    expect(dirname((await core.client.call('hsm.backup', {})).backup.path)).toBe(hanging);
  } finally {
    await core.dispose();
  }
});

test('a backup that a timetable sends to a hanging folder leaves one thread there, however often', async () => {
  const core = startTestCore({ clock, spawnMirror: slow.spawn });
  try {
    await core.create();
    const [hanging, other] = [testFolder(), testFolder()];
    const to = (folder: string) => core.client.call('vault.backup', { path: join(folder, 'x'), overwrite: true });
    slow.hangsIn = hanging;
    const first = failure(() => to(hanging));
    await vi.waitFor(() => expect(slow.asked).toEqual(['backupPlace']), 5_000);
    clock.advance(10_000);
    expect(await first).toMatchObject({ code: 'Timeout', message: HANGS });
    for (let hour = 0; hour < 3; hour++) expect((await failure(() => to(hanging))).code).toBe('Timeout');
    expect(slow.started).toBe(1);
    expect((await to(other)).report.ok).toBe(true);
    await slow.comeBack();
    expect((await to(hanging)).report.ok).toBe(true);
  } finally {
    await core.dispose();
  }
});

test('what a thread that was given up left in the backups’ folder goes with the next backup', async () => {
  const core = startTestCore({ clock, spawnMirror: slow.spawn });
  try {
    await core.create();
    const { backup } = await core.client.call('hsm.backup', {});
    const folder = dirname(backup.path);
    const name = backup.path.slice(folder.length + 1);
    const left = join(folder, `.${name}.backup-0123456789ab.tmp`);
    const others = ['.keyhold-00000000-2020-01-01T00-00-00Z-g1.vault.backup-0123456789ab.tmp', '.notes.tmp'];
    for (const path of [left, ...others.map((one) => join(folder, one))]) writeFileSync(path, 'half a copy');
    clock.advance(60_000);
    await core.client.call('hsm.backup', {});
    expect(temporaries(folder).sort()).toEqual([...others].sort());
  } finally {
    await core.dispose();
  }
});
