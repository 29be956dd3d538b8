import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { openVault } from '../../../src/core/vault/store.ts';
import { contentOf, testMirrors } from '../../support/mirror.ts';
import {
  auditEvent,
  failure,
  fillVault,
  makeTestVault,
  removeTestFolders,
  reopen,
  type TestVaultFile,
  tamper,
} from '../../support/vault.ts';

/** Another byte 91 of each record's ciphertext: nothing but the AEAD can tell. */
const DAMAGE =
  "UPDATE records SET sealed = CAST(substr(sealed, 1, 90) || x'00' || substr(sealed, 92) AS BLOB) WHERE kind = 'account'";

const files: TestVaultFile[] = [];
const stops: (() => Promise<void>)[] = [];

async function vaultFile(): Promise<TestVaultFile> {
  const file = await makeTestVault();
  files.push(file);
  return file;
}

afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
  for (const { vault } of files.splice(0)) await vault.close();
  removeTestFolders();
});

function account(name: string) {
  return { kind: 'account' as const, data: { name } };
}

/** Mirrors that look after an unlocked vault. */
function lookAfter(file: TestVaultFile, options: Parameters<typeof testMirrors>[1] = {}) {
  const made = testMirrors(file, options);
  stops.push(() => made.mirrors.stop());
  made.mirrors.attach(file.vault);
  made.mirrors.unlocked(file.hsm);
  return made;
}

/** A vault with one mirror in step. */
async function mirrored() {
  const file = await vaultFile();
  const made = lookAfter(file);
  const path = made.place();
  await file.vault.transact({ put: [account('before')], audit: [auditEvent('first')] });
  await made.mirrors.add({ path, apart: false }, null);
  const mirror = made.one(path);
  const change = (name: string) => file.vault.transact({ put: [account(name)], audit: [auditEvent('x')] });
  return { ...made, file, path, mirror, change };
}

/** As after a restart of the daemon: nobody has anything open, then the vault is opened and unlocked again. */
async function restart(file: TestVaultFile, mirrors: { stop(): Promise<void> }, between: () => Promise<void> | void) {
  await mirrors.stop();
  await file.vault.close();
  await between();
  const opened = await reopen(file);
  file.vault = opened.vault;
  file.hsm = opened.hsm;
}

describe('a mirror', () => {
  test('is a complete vault that opens on its own', async () => {
    const { file, path, mirrors, mirror, change } = await mirrored();
    expect(mirror).toMatchObject({ state: 'in-step', reason: null, relation: 'same' });
    expect(mirror.verifiedAt).not.toBeNull();
    await change('after');
    const { generation } = file.vault;
    await mirrors.stop();
    expect(readdirSync(dirname(path))).toEqual(['vault.keyhold']);
    expect(await contentOf(file, path)).toEqual({ generation, names: ['after', 'before'], audit: 2 });
  });

  test('has a change when it is acknowledged', async () => {
    const { mirror, change } = await mirrored();
    for (let index = 0; index < 5; index++) {
      const { generation } = await change(`n${index}`);
      expect(mirror.generation).toBe(generation);
    }
  });

  test('gets what is recorded while locked, and new slots', async () => {
    const { file, path, mirrors, mirror } = await mirrored();
    await file.vault.transact({ slots: [...file.vault.slots()].reverse() });
    mirrors.locked();
    await file.vault.lock();
    await file.vault.recordLocked([auditEvent('refused')]);
    const pending = file.vault.rows.pending(10);
    const slots = file.vault.rows.slots();
    await mirrors.stop();
    const copy = openVault(path, { anchor: false });
    expect(copy.rows.pending(10)).toEqual(pending);
    expect(copy.rows.slots()).toEqual(slots);
    await copy.close();
    expect(mirror.reason).toBeNull();
  });

  test('is in step at once after a clean restart, without a copy being made', async () => {
    const { file, path, mirrors, change } = await mirrored();
    await change('x');
    let copies = 0;
    await restart(file, mirrors, () => undefined);
    const again = testMirrors(file, {
      spawnMirror: () => again.channel({ before: ({ op }) => void (op === 'replace' && copies++) }),
    });
    stops.push(() => again.mirrors.stop());
    again.mirrors.use([{ path, apart: false }]);
    again.mirrors.attach(file.vault);
    again.mirrors.unlocked(file.hsm);
    await again.mirrors.opened();
    expect(again.one(path)).toMatchObject({ state: 'in-step', verifiedAt: null });
    expect(copies).toBe(0);
    await again.mirrors.verifyDue();
    expect(again.one(path).verifiedAt).not.toBeNull();
  });

  test('is brought up by writing nothing but what no MAC covers, where only that differs', async () => {
    const { file, path, mirrors } = await mirrored();
    await restart(file, mirrors, async () => {
      const vault = openVault(file.path);
      await vault.recordLocked([auditEvent('refused')]);
      await vault.close();
      // The unlock of `restart` enters it in the chain only with the next change.
    });
    const again = testMirrors(file);
    stops.push(() => again.mirrors.stop());
    again.mirrors.use([{ path, apart: false }]);
    again.mirrors.attach(file.vault);
    await again.mirrors.opened();
    await again.mirrors.settled();
    expect(again.one(path).state).toBe('in-step');
    const pending = file.vault.rows.pending(10);
    expect(pending.length).toBeGreaterThan(0);
    await again.mirrors.stop();
    const copy = openVault(path, { anchor: false });
    expect(copy.rows.pending(10)).toEqual(pending);
    await copy.close();
  });

  test.each(['deleted', 'replaced by another file', 'its folder deleted'])(
    'that is %s while in use is noticed, and the vault goes on',
    async (what) => {
      const { file, path, mirror, change, notices, mirrors } = await mirrored();
      if (what === 'deleted') rmSync(path);
      else if (what === 'its folder deleted') rmSync(dirname(path), { recursive: true });
      else {
        writeFileSync(`${path}.new`, 'something else');
        renameSync(`${path}.new`, path);
      }
      const { generation } = await change('after');
      expect(mirror.state).not.toBe('in-step');
      expect(mirror.reason).not.toBeNull();
      expect(notices).toHaveLength(1);
      expect(file.vault.generation).toBe(generation);
      if (what === 'its folder deleted') {
        await change('still');
        await mirrors.opened();
        expect(mirror).toMatchObject({ state: 'out-of-reach' });
        expect(mirror.reason).toMatch(/There is no folder/);
        mkdirSync(dirname(path));
      }
      await mirrors.opened();
      await vi.waitFor(() => expect(mirror.state).toBe('in-step'), 10_000);
      expect(mirror.generation).toBe(file.vault.generation);
      const kept = readdirSync(dirname(path)).filter((name) => /\.damaged-.*Z$/.test(name));
      expect(kept).toHaveLength(what === 'replaced by another file' ? 1 : 0);
      await change('later');
      await mirrors.stop();
      const { names } = await contentOf(file, path);
      expect(names).toContain('after');
      expect(names).toContain('later');
    },
  );

  test.each(['truncated', 'emptied', 'byte flipped in its header', 'byte flipped in a record'])(
    'that was %s is kept aside and written anew',
    async (what) => {
      const { file, path, mirrors } = await mirrored();
      await fillVault(file.vault, 40);
      await restart(file, mirrors, () => {
        if (what === 'emptied') truncateSync(path, 0);
        else if (what === 'truncated') truncateSync(path, readFileSync(path).length / 2);
        else if (what === 'byte flipped in its header') flip(path, 3);
        else {
          tamper(path, (db) => {
            db.exec(DAMAGE);
          });
        }
      });
      const again = lookAfter(file);
      again.mirrors.use([{ path, apart: false }]);
      await again.mirrors.opened();
      if (what === 'byte flipped in a record') {
        expect(again.one(path).state).toBe('in-step');
        await again.mirrors.verifyDue();
      }
      await vi.waitFor(() => expect(again.one(path).state).toBe('in-step'), 10_000);
      expect(readdirSync(dirname(path)).filter((name) => /\.damaged-.*Z$/.test(name))).toHaveLength(1);
      await again.mirrors.stop();
      expect((await contentOf(file, path)).names).toHaveLength(41);
    },
  );

  test('that missed changes gets a complete copy', async () => {
    const { file, path, mirrors } = await mirrored();
    await restart(file, mirrors, async () => {
      const { vault } = await reopen(file);
      await vault.transact({ put: [account('meanwhile')], audit: [auditEvent('x')] });
      await vault.close();
    });
    const again = lookAfter(file);
    again.mirrors.use([{ path, apart: false }]);
    await vi.waitFor(() => expect(again.one(path).state).toBe('in-step'), 10_000);
    expect(readdirSync(dirname(path))).not.toContainEqual(expect.stringContaining('damaged'));
    await again.mirrors.stop();
    expect((await contentOf(file, path)).names).toEqual(['before', 'meanwhile']);
  });

  test('with changes of its own is never written over', async () => {
    const { file, path, mirrors } = await mirrored();
    await restart(file, mirrors, async () => {
      const other = await reopen({ path, made: file.made });
      await other.vault.transact({ put: [account('only there')], audit: [auditEvent('x')] });
      await other.vault.close();
      rmSync(join(dirname(path), 'anchor.json'));
    });
    const before = readFileSync(path);
    const again = lookAfter(file);
    again.mirrors.use([{ path, apart: false }]);
    await again.mirrors.opened();
    expect(again.one(path)).toMatchObject({
      state: 'conflict',
      relation: 'ahead',
      reason: 'it holds a later state than the vault',
    });
    await file.vault.transact({ put: [account('here')], audit: [auditEvent('x')] });
    await again.mirrors.verifyDue();
    expect(again.one(path).state).toBe('conflict');
    again.mirrors.locked();
    await again.mirrors.drop(path);
    expect(readFileSync(path)).toEqual(before);
    const diverged = lookAfter(file);
    diverged.mirrors.use([{ path, apart: false }]);
    await diverged.mirrors.opened();
    expect(diverged.one(path)).toMatchObject({ state: 'conflict', relation: 'diverged' });
    await diverged.mirrors.drop(path);
    expect(readFileSync(path)).toEqual(before);
    // Whoever asks for it keeps it under another name.
    const refused = await failure(() => diverged.mirrors.add({ path, apart: false }, null));
    expect(refused.code).toBe('AlreadyExists');
    await diverged.mirrors.add({ path, apart: false }, `${path}.kept`);
    expect(readFileSync(`${path}.kept`)).toEqual(before);
    expect(diverged.one(path).state).toBe('in-step');
  });

  test('of another vault, or another file, is refused and left alone', async () => {
    const { file, mirrors, place } = await mirrored();
    const other = await vaultFile();
    await other.vault.close();
    const foreign = place();
    copyFileSync(other.path, foreign);
    const note = place();
    writeFileSync(note, 'a shopping list');
    for (const path of [foreign, note]) {
      const before = readFileSync(path);
      expect((await failure(() => mirrors.add({ path, apart: false }, null))).code).toBe('AlreadyExists');
      expect(readFileSync(path)).toEqual(before);
    }
    expect(mirrors.list()).toHaveLength(1);
    expect(file.vault.isLoaded).toBe(true);
  });

  test('is not overwritten by a vault that does not verify', async () => {
    const { file, path, mirrors } = await mirrored();
    await fillVault(file.vault, 10);
    await mirrors.stop();
    const before = readFileSync(path);
    // A damaged disk under the open vault.
    file.vault.file.db.exec(DAMAGE);
    await file.vault.transact({ put: [account('x')], audit: [auditEvent('x')] });
    const again = lookAfter(file);
    again.mirrors.use([{ path, apart: false }]);
    await vi.waitFor(() => expect(again.one(path).reason).toBe('the vault itself does not verify'), 10_000);
    expect(again.notices.join()).toMatch(/not up to date/);
    await again.mirrors.stop();
    expect(readFileSync(path)).toEqual(before);
  });

  test('held by another process is left alone, and said to be', async () => {
    const { file, path, mirrors } = await mirrored();
    await mirrors.drop(path);
    const other = openVault(path, {
      anchor: false,
      holder: { pid: 4242, startedAt: new Date().toISOString(), shell: 'serve', endpoint: null },
    });
    mirrors.use([{ path, apart: false }]);
    await mirrors.opened();
    expect(mirrors.list()[0]).toMatchObject({ state: 'out-of-reach', reason: 'another process holds it' });
    expect(mirrors.heldByOther(process.pid)?.code).toBe('VaultBusy');
    expect(mirrors.heldByOther(4242)).toBeNull();
    await other.close();
    await mirrors.opened();
    await vi.waitFor(() => expect(mirrors.list()[0]?.state).toBe('in-step'), 10_000);
    expect(mirrors.heldByOther(process.pid)).toBeNull();
    expect(file.vault.isLoaded).toBe(true);
  });

  test('on a disk of its own waits while that is not mounted', async () => {
    const file = await vaultFile();
    const { mirrors, place, one } = lookAfter(file);
    const path = place();
    // The folder is there, but it is the mount point on the vault's own disk.
    mirrors.use([{ path, apart: true }]);
    await mirrors.opened();
    expect(one(path)).toMatchObject({ state: 'out-of-reach', reason: expect.stringMatching(/is not mounted$/) });
    expect(existsSync(path)).toBe(false);
  });

  test('whose disk does not answer holds nobody up for longer than a commit’s patience', async () => {
    const { file, path, mirrors, one, place } = await mirrored();
    await mirrors.drop(path);
    const clock = (await import('../../support/fake-clock.ts')).createFakeClock();
    let hangs = false;
    const slow = lookAfter(file, {
      clock,
      spawnMirror: () => {
        const channel = slow.channel({});
        return { ...channel, send: (request) => void (hangs || channel.send(request)) };
      },
    });
    const other = place();
    await slow.mirrors.add({ path: other, apart: false }, null);
    hangs = true;
    const committed = file.vault.transact({ put: [account('x')] });
    await vi.waitFor(() => expect(slow.mirrors.list()[0]?.generation).toBe(file.vault.generation - 1));
    clock.advance(5_000);
    await committed;
    expect(slow.one(other)).toMatchObject({ state: 'out-of-reach', reason: 'The disk did not answer within 5 s' });
    expect(one).toBeDefined();
  });

  test.skipIf(process.getuid?.() === 0)('that is read-only is out of reach', async () => {
    const { path, mirror, change, mirrors, file } = await mirrored();
    await mirrors.drop(path);
    chmodSync(path, 0o400);
    mirrors.use([{ path, apart: false }]);
    await mirrors.opened();
    await change('x');
    expect(mirrors.list()[0]).toMatchObject({
      state: 'out-of-reach',
      reason: expect.stringMatching(/cannot be written/),
    });
    expect([mirror.path, file.vault.isLoaded]).toEqual([path, true]);
  });

  test('leaves no temporary files, and removes those of a killed daemon', async () => {
    const { file, path, mirrors } = await mirrored();
    const left = join(dirname(path), '.vault.keyhold.mirror-0123456789ab.tmp');
    await mirrors.drop(path);
    writeFileSync(left, 'half a copy');
    mirrors.use([{ path, apart: false }]);
    await mirrors.opened();
    expect(readdirSync(dirname(path)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
    expect(readdirSync(dirname(file.path)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });
});

function flip(path: string, at: number): void {
  const bytes = readFileSync(path);
  bytes[at] = (bytes[at] ?? 0) ^ 0x40;
  writeFileSync(path, bytes);
}
