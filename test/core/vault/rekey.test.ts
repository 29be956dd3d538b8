import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { checkVault } from '../../../src/core/vault/check.ts';
import { isUnfinished } from '../../../src/core/vault/keks.ts';
import { countOutdated, type NewRoot, replaceRoot, resealNext, retireKeks } from '../../../src/core/vault/rekey.ts';
import { parseSlotDescriptor } from '../../../src/core/vault/slot-descriptor.ts';
import type { Vault } from '../../../src/core/vault/store.ts';
import { FLOOR, PASSWORD, sealFor } from '../../support/hsm.ts';
import { openSealedWith, readVault } from '../../support/second-reader.ts';
import {
  addObject,
  auditEvent,
  failure,
  fillVault,
  makeTestVault,
  removeTestFolders,
  reopen,
  type TestVaultFile,
  testFolder,
} from '../../support/vault.ts';

afterEach(() => removeTestFolders());

const RECORDS = 700;

/** The second slot is the recovery code. */
function slotIds(vault: Vault): string[] {
  return vault.slots().map(({ descriptor }) => parseSlotDescriptor(descriptor)?.id ?? '');
}

async function prove(file: Pick<TestVaultFile, 'vault' | 'hsm'>, factor: 'password' | 'recovery-code', text: string) {
  const secret = { factor, sealed: await sealFor(file.hsm, factor, text) };
  return file.hsm.call('proveSlots', { secret, slots: file.vault.slots() });
}

async function newRoot(file: TestVaultFile, more: Partial<NewRoot> = {}): Promise<NewRoot> {
  const proved = [await prove(file, 'password', PASSWORD), await prove(file, 'recovery-code', file.made.recoveryText)];
  return {
    proofs: proved.flatMap(({ ticket }) => ticket ?? []),
    dropped: [],
    createdAt: 1_800_000_000_000,
    event: auditEvent('vault.rotateKeys'),
    ...more,
  };
}

async function finish(vault: Vault): Promise<number> {
  let count = 0;
  for (let after: string | null = ''; after !== null; ) {
    const step = await resealNext(vault, after);
    count += step.count;
    after = step.after;
  }
  return count;
}

async function filled(): Promise<TestVaultFile & { object: string }> {
  const file = await makeTestVault();
  await fillVault(file.vault, RECORDS);
  const object = await addObject(file.vault, file.hsm);
  await file.vault.transact({ audit: [auditEvent('one'), auditEvent('two')] });
  return { ...file, object };
}

describe('a new root key', () => {
  test('opens with the same ways in, and everything is sealed anew under new keys, whatever interrupts it', async () => {
    const file = await filled();
    const before = join(testFolder(), 'before.keyhold');
    await file.vault.lock();
    file.vault.rows.checkpoint();
    copyFileSync(file.path, before);
    await file.vault.load(file.hsm);
    const message = new Uint8Array([1, 2, 3]);
    const mac = (hsm: TestVaultFile['hsm'], vault: Vault) =>
      hsm.call('hmac', { key: vault.blob(file.object), algorithm: 'SHA-256', message });
    const wanted = await mac(file.hsm, file.vault);

    await replaceRoot(file.vault, await newRoot(file));
    expect(countOutdated(file.vault)).toBe(RECORDS + 1);
    expect(await mac(file.hsm, file.vault)).toEqual(wanted);
    await fillVault(file.vault, 1);
    await file.vault.close();

    // Interrupted before, between and after the batches.
    for (let round = 0; round < 3; round++) {
      const { vault } = await reopen(file);
      expect(isUnfinished(vault.keks())).toBe(true);
      expect(await retireKeks(vault, auditEvent('too early'))).toBe(countOutdated(vault) === 0);
      await resealNext(vault, '', 512);
      await vault.close();
    }
    const { vault, hsm } = await reopen(file);
    expect(isUnfinished(vault.keks())).toBe(false);
    expect((await checkVault(vault, hsm)).findings).toEqual([]);
    expect(await vault.read('account')).toHaveLength(RECORDS + 1);
    expect(await mac(hsm, vault)).toEqual(wanted);
    await vault.close();

    // The second reader, with what was known before: the old root key opens the log of its time and nothing else of the new file.
    const [old, now] = [await readVault(before, PASSWORD), await readVault(file.path, PASSWORD)];
    expect(now.records).toHaveLength(RECORDS + 2);
    expect(now.audit.map(({ event }) => event)).toMatchObject([
      { action: 'one' },
      { action: 'two' },
      { action: 'vault.rotateKeys' },
      { action: 'too early' },
    ]);
    expect(now.rootKey.equals(old.rootKey)).toBe(false);
    expect(openSealedWith(file.path, old)).toEqual({ keks: 0, records: 0, audit: 2, head: false });
    expect(openSealedWith(before, old)).toMatchObject({ keks: 2, records: RECORDS + 1, audit: 2, head: true });
  });

  test('leaves out a way in that is given up, and no other', async () => {
    const file = await filled();
    const [password, recovery] = slotIds(file.vault);
    const root = await newRoot(file);
    const [proof] = root.proofs;
    if (proof === undefined || recovery === undefined || password === undefined) throw new Error('no slots');
    const forgotten = await failure(() => replaceRoot(file.vault, { ...root, proofs: [proof] }));
    expect(forgotten).toMatchObject({ code: 'InvalidInput', details: { lost: [recovery] } });
    const both = await failure(() => replaceRoot(file.vault, { ...root, dropped: [recovery] }));
    expect(both.code).toBe('InvalidInput');
    expect(isUnfinished(file.vault.keks())).toBe(false);
    await replaceRoot(file.vault, { ...root, proofs: [proof], dropped: [recovery] });
    expect(slotIds(file.vault)).toEqual([password]);
    await file.vault.close();
    const { vault } = await reopen(file);
    await vault.close();
  });

  test('is not made without a proof of this time, and nothing changes', async () => {
    const file = await filled();
    const { generation } = file.vault;
    expect(await prove(file, 'password', 'not this one')).toEqual({ slots: [], ticket: null });
    const [password, recovery] = slotIds(file.vault);
    if (recovery === undefined || password === undefined) throw new Error('no slots');
    const none = await failure(async () =>
      replaceRoot(file.vault, await newRoot(file, { proofs: [], dropped: [password, recovery] })),
    );
    const other = await failure(async () =>
      replaceRoot(file.vault, await newRoot(file, { proofs: ['0'.repeat(32)], dropped: [recovery] })),
    );
    expect([none.code, other.message]).toEqual([
      'InvalidInput',
      'A way in was proved too long ago; no key was changed. Prove all of them again.',
    ]);
    expect(file.vault.generation).toBe(generation);
    await fillVault(file.vault, 1);
    await file.vault.close();
    const { vault, hsm } = await reopen(file);
    expect((await checkVault(vault, hsm)).ok).toBe(true);
    await vault.close();
  });

  test('that could not be written is not used', async () => {
    const file = await filled();
    file.vault.file.db.pragma('max_page_count = 1');
    const event = auditEvent('vault.rotateKeys', { reason: 'too long '.repeat(5_000) });
    const error = await failure(async () => replaceRoot(file.vault, await newRoot(file, { event })));
    expect(error.code).toBe('DiskFull');
    file.vault.file.db.pragma('max_page_count = 1073741823');
    await fillVault(file.vault, 1);
    await file.vault.close();
    const { vault, hsm } = await reopen(file);
    expect(isUnfinished(vault.keks())).toBe(false);
    expect((await checkVault(vault, hsm)).ok).toBe(true);
    await vault.close();
  });

  test('comes after another one, and the log of both times reads', async () => {
    const file = await filled();
    for (let round = 0; round < 2; round++) {
      await replaceRoot(file.vault, await newRoot(file));
      expect(await finish(file.vault)).toBe(RECORDS + 1);
      expect(await retireKeks(file.vault, auditEvent('done'))).toBe(true);
    }
    await file.vault.close();
    const { vault, hsm } = await reopen(file);
    expect((await checkVault(vault, hsm)).findings).toEqual([]);
    expect(
      vault
        .keks()
        .map(({ purpose }) => purpose)
        .sort(),
    ).toEqual(['log', 'log', 'naming', 'objects', 'records']);
    await vault.close();
    expect((await readVault(file.path, PASSWORD)).audit).toHaveLength(6);
  });

  test('leaves the users of the HSM what they are, through every change and the next unlock', async () => {
    const file = await filled();
    const secret = { factor: 'password' as const, sealed: await sealFor(file.hsm, 'password', PASSWORD) };
    const { staged } = await file.hsm.call('initUsers', {
      ...{ secret, slots: file.vault.slots(), name: 'alice', kdf: FLOOR, publicKey: null, createdAt: 1 },
      password: await sealFor(file.hsm, 'hsm-password', 'alice'),
    });
    await file.vault.transact({ users: staged });
    await replaceRoot(file.vault, await newRoot(file));
    await fillVault(file.vault, 1);
    await finish(file.vault);
    await fillVault(file.vault, 1);
    expect(await retireKeks(file.vault, auditEvent('done'))).toBe(true);
    await fillVault(file.vault, 1);
    await file.vault.close();
    const { vault, hsm } = await reopen(file);
    expect((await hsm.call('viewUsers', {})).view?.users).toMatchObject([{ name: 'alice' }]);
    await fillVault(vault, 1);
    expect((await checkVault(vault, hsm)).findings).toEqual([]);
    await vault.close();
  });

  test('takes no object that was sealed before under keys that are gone', async () => {
    const file = await filled();
    const id = 'ab'.repeat(16);
    const attributes = {
      ...({ class: 'secret-key', spec: 'HMAC_256', extractable: false } as const),
      ...{ label: 'x', createdAt: 1, policy: {} },
      usage: ['mac' as const],
    };
    const { blob } = await file.hsm.call('generateObject', { id, attributes });
    await replaceRoot(file.vault, await newRoot(file));
    await finish(file.vault);
    await retireKeks(file.vault, auditEvent('done'));
    const error = await failure(() => file.vault.transact({ putObjects: [{ id, version: 1, blob }] }));
    expect(error.message).toBe('The vault’s keys were changed in the meantime. Try again.');
    await file.vault.close();
  });
});
