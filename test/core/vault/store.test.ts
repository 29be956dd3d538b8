import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { readAnchor } from '../../../src/core/vault/anchor.ts';
import { checkVault } from '../../../src/core/vault/check.ts';
import { openVault } from '../../../src/core/vault/store.ts';
import {
  addObject,
  auditEvent,
  copyTestVault,
  failure,
  fillVault,
  makeTestVault,
  removeTestFolders,
  reopen,
} from '../../support/vault.ts';

afterEach(() => removeTestFolders());

const ACCOUNT = { kind: 'account' as const, data: { name: 'prod', accountId: '123456789012' } };

describe('records', () => {
  test('come back after a restart, with their versions', async () => {
    const file = await makeTestVault();
    const { ids } = await file.vault.transact({ put: [ACCOUNT] });
    const id = ids[0] ?? '';
    await file.vault.transact({ put: [{ ...ACCOUNT, id, data: { name: 'prod', note: 'Überweisung ✓' } }] });
    await file.vault.close();

    const { vault } = await reopen(file);
    expect(vault.generation).toBe(3);
    expect(await vault.get(id)).toEqual({ id, version: 2, data: { name: 'prod', note: 'Überweisung ✓' } });
    expect(await vault.read('account')).toHaveLength(1);
    expect(await vault.read('profile')).toEqual([]);
    await vault.close();
  });

  test('are shared deeply frozen', async () => {
    const { vault } = await makeTestVault();
    const { ids } = await vault.transact({ put: [{ kind: 'account', data: { tags: { team: 'a' } } }] });
    const item = await vault.get(ids[0] ?? '');
    expect(Object.isFrozen(item?.data)).toBe(true);
    await vault.close();
  });

  test('objects are kept as the HSM sealed them', async () => {
    const file = await makeTestVault();
    const id = await addObject(file.vault, file.hsm);
    const before = file.vault.blob(id);
    await file.vault.close();
    const { vault, hsm } = await reopen(file);
    expect(Buffer.from(vault.blob(id).blob).equals(before.blob)).toBe(true);
    const { mac } = await hsm.call('hmac', { key: vault.blob(id), algorithm: 'SHA-256', message: new Uint8Array(3) });
    expect(mac).toHaveLength(32);
    expect(await vault.get(id)).toBeNull();
    await vault.close();
  });

  test('more than one batch is read', async () => {
    const file = await makeTestVault();
    await fillVault(file.vault, 1500);
    await file.vault.close();
    const { vault } = await reopen(file);
    const items = await vault.read('account');
    expect(new Set(items.map((item) => JSON.stringify(item.data))).size).toBe(1500);
    await vault.close();
  });
});

describe('a change', () => {
  test('is refused when it does not fit, and then nothing is changed', async () => {
    const { vault } = await makeTestVault();
    const { ids } = await vault.transact({ put: [ACCOUNT] });
    const id = ids[0] ?? '';
    const generation = vault.generation;
    const refused = async (change: Parameters<typeof vault.transact>[0]) =>
      (await failure(() => vault.transact(change))).code;
    expect(await refused({ remove: ['00'.repeat(16)] })).toBe('NotFound');
    expect(await refused({ put: [{ ...ACCOUNT, id, kind: 'profile' }] })).toBe('InvalidInput');
    expect(await refused({ put: [ACCOUNT], remove: [id, id] })).toBe('InvalidInput');
    expect(await refused({ put: [{ ...ACCOUNT, id: 'AB' }] })).toBe('InvalidInput');
    expect(await refused({ putObjects: [{ id: '11'.repeat(16), version: 2, blob: new Uint8Array(100) }] })).toBe(
      'InvalidInput',
    );
    expect(await refused({ slots: [] })).toBe('LastSlot');
    expect(vault.generation).toBe(generation);
    expect(vault.recordCount).toBe(1);
    await vault.close();
  });

  test('decided on a view is decided when its turn has come', async () => {
    const { vault } = await makeTestVault();
    const id = '5a'.repeat(16);
    const addOnce = () =>
      vault.transact((view) => {
        if (view.has(id)) throw new Error('taken');
        return { put: [{ ...ACCOUNT, id }] };
      });
    const results = await Promise.allSettled([addOnce(), addOnce(), addOnce()]);
    expect(results.map((result) => result.status)).toEqual(['fulfilled', 'rejected', 'rejected']);
    expect(vault.header(id)?.version).toBe(1);
    await vault.close();
  });

  test('under way at lockNow rejects with Locked and leaves the file as it was', async () => {
    const file = await makeTestVault();
    const before = file.vault.generation;
    const writing = failure(() => file.vault.transact({ put: [ACCOUNT], audit: [auditEvent('x')] }));
    await Promise.resolve();
    file.vault.lockNow();
    expect((await writing).code).toBe('Locked');
    await file.vault.close();
    const { vault } = await reopen(file);
    expect(vault.generation).toBe(before);
    expect(vault.recordCount).toBe(0);
    await vault.close();
  });

  test('an SQL failure in the middle rolls everything back', async () => {
    const file = await makeTestVault();
    const { ids } = await file.vault.transact({ put: [ACCOUNT], audit: [auditEvent('first')] });
    const generation = file.vault.generation;
    // A row in the way of the next audit entry: the last statement but one fails.
    file.vault.file.db.exec("INSERT INTO audit VALUES (2, x'00', zeroblob(32), zeroblob(32))");
    const error = await failure(() =>
      file.vault.transact({ put: [ACCOUNT], remove: ids, audit: [auditEvent('second')] }),
    );
    expect(error.code).toBe('VaultCorrupt');
    expect(file.vault.generation).toBe(generation);
    file.vault.file.db.exec('DELETE FROM audit WHERE seq = 2');
    expect(await file.vault.get(ids[0] ?? '')).not.toBeNull();
    await file.vault.transact({ put: [ACCOUNT], audit: [auditEvent('third')] });
    await file.vault.close();
    const { vault } = await reopen(file);
    expect(vault.recordCount).toBe(2);
    expect(vault.auditEnd.seq).toBe(2);
    await vault.close();
  });

  test('writes are done in order', async () => {
    const { vault } = await makeTestVault();
    const id = '77'.repeat(16);
    await Promise.all(
      Array.from({ length: 20 }, (_, index) => vault.transact({ put: [{ id, kind: 'account', data: { index } }] })),
    );
    expect(await vault.get(id)).toEqual({ id, version: 20, data: { index: 19 } });
    await vault.close();
  });
});

test('a change of records is noted in the anchor at once, log entries now and then and at lock', async () => {
  const { vault, path } = await makeTestVault();
  expect(readAnchor(path)?.generation).toBe(1);
  await vault.transact({ audit: [auditEvent('x')] });
  expect(readAnchor(path)?.generation).toBe(1);
  await vault.transact({ put: [ACCOUNT] });
  expect(readAnchor(path)?.generation).toBe(3);
  for (let index = 0; index < 8; index++) await vault.transact({ audit: [auditEvent('x')] });
  expect(readAnchor(path)?.generation).toBe(11);
  await vault.transact({ audit: [auditEvent('x')] });
  await vault.lock();
  expect(readAnchor(path)?.generation).toBe(12);
  await vault.close();
});

test('a record that is changed, removed or added while its kind is being read is read as it is in the end', async () => {
  const { vault } = await makeTestVault();
  await fillVault(vault, 1500);
  const ids = vault.ids('account');
  const [changed = '', removed = '', late = ''] = [ids[0], ids[1], ids.at(-1)];
  let added = '';
  const seen = new Map<string, unknown>();
  let batches = 0;
  await vault.each('account', async (items) => {
    for (const { id, data } of items) seen.set(id, data);
    batches += 1;
    if (batches > 1) return;
    const put = [changed, late].map((id) => ({ id, kind: 'account' as const, data: { name: 'changed' } }));
    const committed = await vault.transact({ put: [...put, ACCOUNT], remove: [removed] });
    added = committed.ids.at(-1) ?? '';
  });
  expect(seen.get(changed)).toEqual({ name: 'changed' });
  expect(seen.get(late)).toEqual({ name: 'changed' });
  expect(seen.get(added)).toEqual(ACCOUNT.data);
  expect(seen.size).toBe(1501);
  expect((await vault.read('account')).map(({ id }) => id).sort()).toEqual(vault.ids('account'));
  expect(vault.ids('account')).not.toContain(removed);
  await vault.close();
});

test('closed while something is being read: Locked, nothing else', async () => {
  const file = await makeTestVault();
  await fillVault(file.vault, 2000);
  await file.vault.lock();
  await file.vault.load(file.hsm);
  const reading = failure(() => file.vault.read('account'));
  const checking = failure(() => checkVault(file.vault, file.hsm));
  file.vault.lockNow();
  file.vault.file.close();
  expect((await reading).code).toBe('Locked');
  expect((await checking).code).toBe('Locked');
});

test('locked: nothing can be read or written', async () => {
  const { vault } = await makeTestVault();
  await vault.lock();
  expect((await failure(() => vault.read('account'))).code).toBe('Locked');
  expect((await failure(() => vault.transact({ put: [ACCOUNT] }))).code).toBe('Locked');
  expect((await failure(() => vault.blob('00'.repeat(16)))).code).toBe('Locked');
  await vault.close();
});

type Step = { op: 'put'; slot: number; value: string } | { op: 'remove'; slot: number } | { op: 'reopen' };
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ op: fc.constant('put' as const), slot: fc.nat(9), value: fc.string() }) },
  { weight: 3, arbitrary: fc.record({ op: fc.constant('remove' as const), slot: fc.nat(9) }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('reopen' as const) }) },
);

test('any sequence of changes and restarts equals a map', async () => {
  const template = await makeTestVault();
  await template.vault.close();
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      const file = await copyTestVault(template);
      let { vault } = file;
      const restart = async () => {
        await vault.close();
        vault = openVault(file.path);
        await vault.load(file.hsm);
      };
      const model = new Map<string, string>();
      // Two ids share a page, the others have their own.
      const idOf = (slot: number) => (slot < 2 ? '00' : `${slot}f`) + String(slot).repeat(30);
      for (const one of steps) {
        if (one.op === 'put') {
          await vault.transact({ put: [{ id: idOf(one.slot), kind: 'profile', data: { value: one.value } }] });
          model.set(idOf(one.slot), one.value);
        } else if (one.op === 'remove' && model.delete(idOf(one.slot))) {
          await vault.transact({ remove: [idOf(one.slot)] });
        } else if (one.op === 'reopen') {
          await restart();
        }
      }
      const expected = new Map([...model].map(([id, value]) => [id, { value }]));
      const contents = async () => new Map((await vault.read('profile')).map((item) => [item.id, item.data]));
      expect(await contents()).toEqual(expected);
      await restart();
      expect(await contents()).toEqual(expected);
      await vault.close();
    }),
    { numRuns: 30, seed: 20261123 },
  );
});
