import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { MirrorFile } from '../../../src/core/mirrors/mirror-file.ts';
import { openVault } from '../../../src/core/vault/store.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { inThreadMirror, testMirrors } from '../../support/mirror.ts';
import {
  auditEvent,
  failure,
  makeTestVault,
  removeTestFolders,
  type TestVaultFile,
  testFolder,
} from '../../support/vault.ts';

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  vi.restoreAllMocks();
  for (const stop of stops.splice(0)) await stop();
  removeTestFolders();
});

/** More pages than are read at a time. */
async function largeVault(): Promise<TestVaultFile> {
  const file = await makeTestVault();
  stops.push(() => file.vault.close());
  const note = 'x'.repeat(60_000);
  const put = Array.from({ length: 12 }, (_, index) => ({
    kind: 'account' as const,
    data: { name: `n${index}`, note },
  }));
  await file.vault.transact({ put, audit: [auditEvent('first')] });
  return file;
}

/** A vault with a mirror in step. */
async function mirrored(mirrorFile = () => new MirrorFile()) {
  const file = await largeVault();
  const clock = createFakeClock();
  const made = testMirrors(file, { clock, spawnMirror: () => inThreadMirror({ file: mirrorFile() }) });
  stops.unshift(() => made.mirrors.stop());
  made.mirrors.attach(file.vault);
  made.mirrors.unlocked(file.hsm);
  const path = made.place();
  await made.mirrors.add({ path, apart: false }, null);
  return { ...made, file, clock, path, mirror: made.one(path) };
}

/** Its database says that a copy of it is larger than any disk. */
function grow(file: TestVaultFile) {
  const { db } = file.vault.file;
  const real = db.pragma.bind(db);
  return vi
    .spyOn(db, 'pragma')
    .mockImplementation((source, options) => (source === 'page_count' ? 2 ** 50 : real(source, options)));
}

describe('reading a mirror back', () => {
  test('holds up no commit, and what is committed meanwhile is in what is verified', async () => {
    let committing: Promise<unknown> | undefined;
    let committed = false;
    class SlowFile extends MirrorFile {
      override async export(to: string): Promise<Record<string, never>> {
        const exporting = super.export(to);
        committing = file.vault.transact({ put: [{ kind: 'profile', data: { name: 'p' } }] }).then(() => {
          committed = true;
        });
        await exporting;
        await vi.waitFor(() => expect(committed, 'a commit waits for the export').toBe(true), 5_000);
        return {};
      }
    }
    const { mirrors, mirror, file, clock } = await mirrored(() => new SlowFile());
    clock.jump(86_400_000);
    await Promise.all([mirrors.verifyDue(), mirrors.verifyDue()]);
    await committing;
    expect(mirror).toMatchObject({ state: 'in-step', verifiedAt: clock.now(), generation: file.vault.generation });
  });

  test('gives one state of it, the last', async () => {
    const file = await largeVault();
    await file.vault.close();
    const mirror = new MirrorFile();
    mirror.open({ path: file.path, vaultPath: join(testFolder(), 'vault.keyhold'), apart: false }, null);
    const to = join(testFolder(), 'copy');
    let ended = false;
    const exporting = mirror.export(to).finally(() => {
      ended = true;
    });
    let writes = 0;
    while (!ended) {
      writes += 1;
      mirror.apply([[['setMeta', 'unlock_failures', new Uint8Array([writes])]]]);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await exporting;
    expect(writes).toBeGreaterThan(2);
    mirror.close();
    const copy = openVault(to, { anchor: false });
    expect([...(copy.rows.meta('unlock_failures') ?? [])]).toEqual([writes]);
    await copy.close();
  });

  test('finds what is wrong on the disk, whatever of it is still in memory', async () => {
    const { mirrors, file, path, notices } = await mirrored();
    await mirrors.drop(path);
    const at = readFileSync(path).indexOf(file.vault.rows.records('', 1)[0]?.sealed.subarray(100, 200) ?? 'none');
    expect(at).toBeGreaterThan(0);
    mirrors.use([{ path, apart: false }]);
    await mirrors.opened();
    expect(mirrors.list()).toMatchObject([{ state: 'in-step', verifiedAt: null }]);
    // In another process: to close the file here would let go of its lock.
    const script = `const fs = require('node:fs'); const fd = fs.openSync(process.argv[1], 'r+'); fs.writeSync(fd, 'rot', ${at})`;
    execFileSync(process.execPath, ['--eval', script, path]);
    await mirrors.verifyDue();
    expect(notices).toEqual([`The copy of the vault at ${path} is damaged; it is kept and written anew.`]);
    await vi.waitFor(() => expect(mirrors.list()).toMatchObject([{ state: 'in-step' }]), 5_000);
  });

  test('ends when its file is closed', async () => {
    const file = await largeVault();
    await file.vault.close();
    const mirror = new MirrorFile();
    mirror.open({ path: file.path, vaultPath: join(testFolder(), 'vault.keyhold'), apart: false }, null);
    const exporting = failure(() => mirror.export(join(testFolder(), 'copy')));
    await new Promise((resolve) => setImmediate(resolve));
    mirror.close();
    expect(await exporting).toMatchObject({ code: 'Unreachable', message: /closed before/ });
  });

  test('takes no room that commits need: it is put off, and that is said once', async () => {
    const { mirrors, mirror, file, clock, notices } = await mirrored();
    const before = mirror.verifiedAt;
    clock.jump(86_400_000);
    const grown = grow(file);
    await mirrors.verifyDue();
    await mirrors.verifyDue();
    expect(mirror).toMatchObject({ state: 'in-step', verifiedAt: before });
    expect(notices).toEqual([
      `The copy of the vault at ${mirror.path} could not be read back and checked: the disk of the vault has no room for another copy of it.`,
    ]);
    grown.mockRestore();
    await mirrors.verifyDue();
    expect(mirror.verifiedAt).toBe(clock.now());
  });
});

test('a copy to a mirror takes no room that commits need: it waits until there is some', async () => {
  const { mirrors, mirror, path, file, clock, notices } = await mirrored();
  await mirrors.drop(path);
  const grown = grow(file);
  expect(await failure(() => mirrors.add({ path: `${path}-2`, apart: false }, null))).toMatchObject({
    code: 'DiskFull',
  });
  await file.vault.transact({ put: [{ kind: 'profile', data: { name: 'p' } }] });
  mirrors.use([{ path, apart: false }]);
  const again = () => mirrors.list()[0];
  const reason = 'the disk of the vault has no room for another copy of it';
  await vi.waitFor(() => expect(again()).toMatchObject({ state: 'behind', reason }), 5_000);
  const said = `The copy of the vault at ${path} is not up to date: ${reason}.`;
  // For ten minutes and more, in which it is tried again and again.
  for (let tries = 2; tries < 15; tries++) {
    await vi.waitFor(() => expect(again()).toMatchObject({ state: 'behind', failures: tries - 1 }), 5_000);
    clock.advance((again()?.retryAt ?? 0) - clock.now());
  }
  await vi.waitFor(() => expect(again()).toMatchObject({ state: 'behind', failures: 14 }), 5_000);
  expect(notices).toEqual([said]);
  grown.mockRestore();
  await vi.waitFor(() => {
    // No further at a time than what is under way may take.
    clock.advance(1_000);
    expect(again()).toMatchObject({ state: 'in-step', reason: null });
  }, 5_000);
  expect(notices).toEqual([said, `The copy of the vault at ${path} is complete again.`]);
  expect(mirror.path).toBe(path);
});
