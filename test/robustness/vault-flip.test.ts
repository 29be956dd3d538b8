import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ErrorCode, KeyholdError } from '../../src/contract/errors.ts';
import { methods } from '../../src/contract/methods.ts';
import { listAudit } from '../../src/core/audit/list-audit.ts';
import { verifyAudit } from '../../src/core/audit/verify-audit.ts';
import { equal } from '../../src/core/crypto/equal.ts';
import { anchorPath } from '../../src/core/vault/anchor.ts';
import { checkVault } from '../../src/core/vault/check.ts';
import { openVault, type Vault } from '../../src/core/vault/store.ts';
import { unlockVault } from '../../src/core/vault/unlock-vault.ts';
import { sealFor, startTestHsm } from '../support/hsm.ts';
import {
  addObject,
  auditEvent,
  makeTestVault,
  removeTestFolders,
  type TestVaultFile,
  testFolder,
} from '../support/vault.ts';

const FULL = process.env['KEYHOLD_TEST_FULL'] === '1';
const SAMPLE = 400;
const NAMED_ERRORS: readonly ErrorCode[] = [
  'VaultCorrupt',
  'VaultTampered',
  'VaultForeign',
  'VaultTooNew',
  'VaultRolledBack',
  'WrongSecret',
];

/** Everything a reader can get out of a vault. */
interface Content {
  records: unknown;
  /** A MAC made with the vaulted key. */
  object: string;
  audit: unknown;
}

let file: TestVaultFile;
let bytes: Buffer;
let objectId: string;
let truth: Content;
let folder: string;

beforeAll(async () => {
  file = await makeTestVault();
  folder = testFolder();
  await file.vault.transact({
    put: [
      { id: 'a1'.repeat(16), kind: 'account', data: { name: 'prod', accountId: '123456789012' } },
      { id: 'a2'.repeat(16), kind: 'profile', data: { name: 'prod', region: 'eu-central-1' } },
      // Longer than a page of the file, so that overflow pages are among what is flipped.
      { id: 'a3'.repeat(16), kind: 'account', data: { name: 'long', note: 'n'.repeat(6000) } },
      { id: 'a4'.repeat(16), kind: 'client', data: { name: 'gone' } },
    ],
    audit: [auditEvent('one'), auditEvent('two')],
  });
  objectId = await addObject(file.vault, file.hsm);
  // Leaves free pages behind.
  await file.vault.transact({ remove: ['a4'.repeat(16)], audit: [auditEvent('three')] });
  truth = await readAll(file.vault);
  await file.vault.close();
  bytes = readFileSync(file.path);
});
afterAll(() => removeTestFolders());

async function readAll(vault: Vault): Promise<Content> {
  // Not the plaintext that the HSM may still have, but what the file holds.
  await vault.hsm.call('dropObjects', { ids: [objectId] });
  const { mac } = await vault.hsm.call('hmac', {
    key: vault.blob(objectId),
    algorithm: 'SHA-256',
    message: new Uint8Array([1, 2, 3]),
  });
  const kinds = ['account', 'profile', 'client', 'settings', 'authority'] as const;
  const records = await Promise.all(kinds.map(async (kind) => [kind, await vault.read(kind)] as const));
  const { entries } = await listAudit(vault, methods['audit.list'].input.parse({ limit: 1000 }));
  const broken = entries.find((entry) => entry.broken !== undefined)?.broken;
  if (broken !== undefined) {
    // Named in its place; the others are as they were written.
    for (const entry of entries) if (entry.broken === undefined) expect(truth.audit).toContainEqual(entry);
    throw new KeyholdError('VaultTampered', `The audit log was changed: ${broken}.`);
  }
  return {
    records: records.map(([kind, items]) => [kind, [...items].sort((a, b) => (a.id < b.id ? -1 : 1))]),
    object: Buffer.from(mac).toString('hex'),
    audit: entries,
  };
}

/** What only a real unlock looks at. Where it is as it was, the HSM that holds the root key already can be used again. */
function unlockInputsSame(vault: Vault): boolean {
  const slots = vault.slots();
  const keks = vault.keks();
  return (
    equal(vault.vaultId, file.made.vaultId) &&
    slots.length === file.made.slots.length &&
    slots.every((slot, index) => {
      const made = file.made.slots[index];
      return made !== undefined && equal(slot.descriptor, made.descriptor) && equal(slot.wrapped, made.wrapped);
    }) &&
    keks.length === file.made.keks.length &&
    keks.every((kek, index) => {
      const made = file.made.keks[index];
      return (
        made !== undefined &&
        kek.id === made.id &&
        kek.purpose === made.purpose &&
        kek.createdAt === made.createdAt &&
        equal(kek.wrapped, made.wrapped)
      );
    })
  );
}

async function unlock(vault: Vault) {
  if (unlockInputsSame(vault)) {
    await vault.load(file.hsm);
    return file.hsm;
  }
  const hsm = startTestHsm();
  const sealed = await sealFor(hsm, 'password', file.made.password);
  await unlockVault(vault, hsm, { secret: { factor: 'password', sealed } });
  return hsm;
}

/** Runs one step; answers the named error it ended with, or null. Anything else fails the test. */
async function step(run: () => Promise<void>): Promise<ErrorCode | null> {
  try {
    await run();
    return null;
  } catch (error) {
    if (!(error instanceof KeyholdError) || !NAMED_ERRORS.includes(error.code)) throw error;
    expect(error.message.length).toBeGreaterThan(20);
    return error.code;
  }
}

type Outcome = 'intact' | 'unused' | 'reading' | 'refused';

/**
 * Opens, unlocks, reads and checks a damaged file. `intact`: all of it reads as it was and checks clean; `unused`: the same, but
 * check names damage; `reading`: refused while reading, and check names it; `refused`: not opened or not unlocked.
 */
async function examine(damaged: Buffer, path: string): Promise<Outcome> {
  for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(path + suffix, { force: true });
  writeFileSync(path, damaged, { mode: 0o600 });
  let vault: Vault | undefined;
  try {
    const opened = await step(async () => {
      vault = openVault(path, { anchor: false });
    });
    if (opened !== null || vault === undefined) return 'refused';
    const open: Vault = vault;
    let hsm = file.hsm;
    const unlocked = await step(async () => {
      hsm = await unlock(open);
    });
    if (unlocked !== null) return 'refused';

    const read = await step(async () => expect(await readAll(open)).toEqual(truth));
    // Whatever may be read piece by piece is either refused or right.
    for (const kind of ['account', 'profile', 'client'] as const) {
      await step(async () => {
        const items = [...(await open.read(kind))].sort((a, b) => (a.id < b.id ? -1 : 1));
        expect([kind, items]).toEqual(
          Array.isArray(truth.records) ? truth.records.find(([one]) => one === kind) : null,
        );
      });
    }
    let audit = true;
    const verified = await step(async () => {
      audit = (await verifyAudit(open)).ok;
    });
    let clean = false;
    const checked = await step(async () => {
      const report = await checkVault(open, hsm);
      clean = report.ok;
      if (!report.ok) expect(report.findings[0]?.where).toBeTruthy();
    });
    if (read !== null) {
      expect(clean).toBe(false);
      return 'reading';
    }
    if (verified !== null || !audit) expect(clean).toBe(false);
    return checked === null && clean ? 'intact' : 'unused';
  } finally {
    await vault?.close();
  }
}

function positions(length: number): number[] {
  const all = Array.from({ length }, (_, index) => index);
  if (FULL) return all;
  // The header whole, and a seeded sample of the rest.
  const rest = fc.sample(fc.integer({ min: 100, max: length - 1 }), { numRuns: SAMPLE, seed: 20261123 });
  return [...all.slice(0, 100), ...rest];
}

async function flipAll(mask: (position: number) => number): Promise<Record<Outcome, number>> {
  const path = join(folder, 'vault.keyhold');
  const counts: Record<Outcome, number> = { intact: 0, unused: 0, reading: 0, refused: 0 };
  for (const position of positions(bytes.length)) {
    const damaged = Buffer.from(bytes);
    damaged[position] = (damaged[position] ?? 0) ^ mask(position);
    try {
      counts[await examine(damaged, path)]++;
    } catch (error) {
      throw new Error(`byte ${position} of ${bytes.length}, mask ${mask(position)}`, { cause: error });
    }
  }
  return counts;
}

test('the file as it is reads intact', async () => {
  expect(await examine(bytes, join(folder, 'vault.keyhold'))).toBe('intact');
});

test('one bit of any byte: an intact read or a named error', async () => {
  const counts = await flipAll((position) => 1 << ((position * 5) % 8));
  console.log(`single bits in ${bytes.length} bytes:`, counts);
  expect(counts.refused).toBeGreaterThan(0);
  expect(counts.intact).toBeGreaterThan(0);
});

test('all bits of any byte: an intact read or a named error', async () => {
  const counts = await flipAll(() => 0xff);
  console.log(`whole bytes in ${bytes.length} bytes:`, counts);
  expect(counts.refused).toBeGreaterThan(0);
});

test('one bit of any byte of a WAL that a crash left: an intact read, or a named error', async () => {
  // What the disk holds while the vault is open: the file, its WAL, and the anchor beside them.
  const live = openVault(file.path);
  await live.load(file.hsm);
  await live.transact({ put: [{ id: 'a5'.repeat(16), kind: 'account', data: { name: 'newest' } }] });
  await live.transact({ remove: ['a5'.repeat(16)] });
  const [main, wal, anchor] = ['', '-wal', ''].map((suffix, index) =>
    readFileSync(index === 2 ? anchorPath(file.path) : file.path + suffix),
  );
  await live.close();
  if (main === undefined || wal === undefined || anchor === undefined) throw new Error('no WAL');
  const path = join(testFolder(), 'vault.keyhold');
  const readWith = async (log: Buffer): Promise<ErrorCode | 'intact'> => {
    for (const suffix of ['', '-shm', '-journal']) rmSync(path + suffix, { force: true });
    writeFileSync(path, main, { mode: 0o600 });
    writeFileSync(`${path}-wal`, log, { mode: 0o600 });
    writeFileSync(anchorPath(path), anchor);
    let vault: Vault | undefined;
    try {
      const code = await step(async () => {
        vault = openVault(path);
        await vault.load(file.hsm);
        expect(await readAll(vault)).toEqual(truth);
      });
      return code ?? 'intact';
    } finally {
      await vault?.close();
    }
  };
  expect(await readWith(wal)).toBe('intact');
  const counts: Record<string, number> = {};
  for (const position of FULL ? wal.keys() : fc.sample(fc.nat(wal.length - 1), { numRuns: 150, seed: 5 })) {
    const damaged = Buffer.from(wal);
    damaged[position] = (damaged[position] ?? 0) ^ (1 << (position % 8));
    const outcome = await readWith(damaged);
    counts[outcome] = (counts[outcome] ?? 0) + 1;
  }
  console.log(`single bits in ${wal.length} bytes of WAL:`, counts);
  expect(counts['VaultRolledBack']).toBeGreaterThan(0);
});
