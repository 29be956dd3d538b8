import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { pageOf } from '../../../src/core/vault/manifest.ts';
import { countOutdated, replaceRoot, resealNext, retireKeks } from '../../../src/core/vault/rekey.ts';
import { readDiskHead } from '../../../src/core/vault/state.ts';
import { forgeRecord } from '../../support/forge-record.ts';
import { PASSWORD, sealFor } from '../../support/hsm.ts';
import { readVault } from '../../support/second-reader.ts';
import {
  auditEvent,
  failure,
  fillVault,
  makeTestVault,
  removeTestFolders,
  reopen,
  type TestVaultFile,
  testFolder,
} from '../../support/vault.ts';

const RECORDS = 20;
let file: TestVaultFile;
let old: { vaultId: Buffer; kek: { id: number; key: Buffer } };

beforeEach(async () => {
  file = await makeTestVault();
  await fillVault(file.vault, RECORDS);
  const before = join(testFolder(), 'before.keyhold');
  await file.vault.lock();
  file.vault.rows.checkpoint();
  copyFileSync(file.path, before);
  await file.vault.load(file.hsm);
  const { vaultId, keks } = await readVault(before, PASSWORD);
  const [kek] = [...keks].flatMap(([id, { purpose, key }]) => (purpose === 'records' ? [{ id, key }] : []));
  if (kek === undefined) throw new Error('no KEK for records');
  old = { vaultId, kek };
  const proofs = [];
  for (const [factor, text] of [
    ['password', PASSWORD],
    ['recovery-code', file.made.recoveryText],
  ] as const) {
    const secret = { factor, sealed: await sealFor(file.hsm, factor, text) };
    proofs.push((await file.hsm.call('proveSlots', { secret, slots: file.vault.slots() })).ticket ?? '');
  }
  await replaceRoot(file.vault, { proofs, dropped: [], createdAt: 1, event: auditEvent('vault.rotateKeys') });
});
afterEach(async () => {
  await file.vault.close();
  removeTestFolders();
});

const firstRow = () => {
  const [row] = file.vault.rows.records('', 1);
  if (row === undefined) throw new Error('no records');
  return row;
};

test('a record that was forged with the old keys, tag and all, is neither read, nor sealed anew, nor opened at an unlock', async () => {
  const row = firstRow();
  const sealed = forgeRecord(row, row.sealed.subarray(-16), old);
  // It is one for whoever looks at tags alone: the HSM process itself opens it.
  const { plaintexts } = await file.hsm.call('openRecords', { records: [{ ...row, kind: 'account', sealed }] });
  expect(Buffer.from(plaintexts[0] ?? []).toString()).toContain('forged');
  file.vault.rows.putRecord({ ...row, sealed });
  const entries = readDiskHead(file.vault.rows).pages.find(({ page }) => page === pageOf(row.id))?.entries;
  const { head } = await headOf();
  const length = Buffer.alloc(4);
  length.writeUInt32BE(sealed.length);
  const reseal = file.hsm.call('resealRecords', {
    records: Buffer.concat([Buffer.from(row.id, 'hex'), length, sealed]),
    pages: [{ page: pageOf(row.id), entries: entries ?? new Uint8Array() }],
    head: { ...head, generation: head.generation + 1 },
  });
  expect(await failure(() => reseal)).toMatchObject({ code: 'VaultTampered' });
  expect(await failure(() => file.vault.read('account'))).toMatchObject({ code: 'VaultTampered' });
  await file.vault.close();
  expect(await failure(() => reopen(file))).toMatchObject({ code: 'VaultTampered' });
});

test('nor is one in the place of a record that has followed already', async () => {
  await resealNext(file.vault, '', 5);
  const row = firstRow();
  expect(file.vault.header(row.id)).not.toHaveProperty('outdated');
  file.vault.rows.putRecord({ ...row, sealed: forgeRecord(row, row.sealed.subarray(-16), old) });
  expect(await failure(() => file.vault.read('account'))).toMatchObject({ code: 'VaultTampered' });
  expect(await failure(() => resealNext(file.vault, ''))).toMatchObject({ code: 'VaultTampered' });
});

test('the HSM takes no KEK away while a page names a record under it, whatever it is told', async () => {
  await resealNext(file.vault, '', RECORDS - 1);
  expect(countOutdated(file.vault)).toBe(1);
  const { head, headMac, pages } = await headOf();
  const keks = [...file.vault.keks()];
  expect(await failure(() => file.hsm.call('retireKeks', { keks, head, headMac, pages }))).toMatchObject({
    code: 'InvalidInput',
  });
  const [, ...fewer] = pages;
  expect(await failure(() => file.hsm.call('retireKeks', { keks, head, headMac, pages: fewer }))).toMatchObject({
    code: 'VaultTampered',
  });
  await resealNext(file.vault, '');
  expect(await retireKeks(file.vault, auditEvent('vault.rotateKeys.done'))).toBe(true);
});

async function headOf() {
  const disk = readDiskHead(file.vault.rows);
  return {
    head: disk.state,
    headMac: disk.stored.mac,
    pages: disk.pages.map(({ page, entries }) => ({ page, entries })),
  };
}
