import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makeMaterial } from '../../../src/core/kms/make-material.ts';
import type { FoundKey, KmsKey } from '../../../src/core/kms/records.ts';
import { KMS_KINDS, removeKmsOfAccount } from '../../../src/core/kms/remove-records.ts';
import { DAY_MS } from '../../../src/core/kms/rotation.ts';
import { sweepKms } from '../../../src/core/kms/sweep.ts';
import type { Session } from '../../../src/core/session.ts';
import { startTestCore, type TestCore } from '../../support/core.ts';
import { createFakeClock, type FakeClock } from '../../support/fake-clock.ts';
import { kmsGrant, kmsKey, recordId } from '../../support/kms-records.ts';

let core: TestCore;
let clock: FakeClock;
let session: Session;
let account: string;

beforeEach(async () => {
  clock = createFakeClock();
  core = startTestCore({ clock });
  await core.create();
  await core.client.call('settings.update', { autoLockMinutes: 0 });
  await core.client.call('account.add', { name: 'lab', accountId: '123456789012', kind: 'remote' });
  session = core.running.core.session();
  await session.need('account', ...KMS_KINDS);
  account = session.things.byName('account', 'lab').id;
});
afterEach(() => core.dispose());

const sweep = () => sweepKms(session, core.running.core.ports);
const find = (id: string): FoundKey | undefined => session.things.kms.keyById(id);
const isStored = (object: string | undefined): boolean =>
  object !== undefined && session.vault.header(object) !== undefined;
const actions = async () =>
  (await core.client.call('audit.list', {})).entries
    .map(({ event }) => event.action)
    .filter((action) => action.startsWith('kms:'));

/** A key with real material in the vault. */
async function addKey(more: Partial<KmsKey> = {}): Promise<FoundKey & { object: string }> {
  const material = await makeMaterial(session, kmsKey({ account, ...more }), '123456789012', clock.now());
  const id = recordId();
  const value = kmsKey({
    account,
    materials: [{ id: material.id, object: material.object, state: 'CURRENT' }],
    ...more,
  });
  await session.write(
    'daemon',
    (draft) => {
      draft.putObject(material.object.id, 1, material.blob);
      draft.put('kmsKey', id, value);
      return () => undefined;
    },
    KMS_KINDS,
  );
  return { id, value, object: material.object.id };
}

function change(fill: Parameters<Session['write']>[1]): Promise<unknown> {
  return session.write('daemon', fill, KMS_KINDS);
}

describe('deletion', () => {
  test('takes aliases, grants and key material along, when its time has come and not before', async () => {
    const key = await addKey({ deletion: { windowInDays: 7, at: clock.now() + 7 * DAY_MS } });
    const kept = await addKey({ keyId: 'kept' });
    await change((draft) => {
      const at = clock.now();
      draft.put('kmsAlias', recordId(), {
        account,
        region: key.value.region,
        name: 'alias/x',
        key: key.id,
        createdAt: at,
        updatedAt: at,
      });
      draft.put('kmsGrant', recordId(), kmsGrant(key.id, { account }));
      return () => undefined;
    });
    clock.jump(7 * DAY_MS - 1);
    await sweep();
    expect(find(key.id)).toBeDefined();
    clock.jump(1);
    await sweep();
    expect(find(key.id)).toBeUndefined();
    expect([
      session.things.count('kmsAlias'),
      session.things.count('kmsGrant'),
      session.things.count('kmsKey'),
    ]).toEqual([0, 0, 1]);
    expect([isStored(key.object), isStored(kept.object)]).toEqual([false, true]);
    expect(await actions()).toEqual(['kms:DeleteKey']);
    expect((await core.client.call('vault.check', {})).ok).toBe(true);
  });

  test('of a primary begins to wait when its last replica is gone, and shared material stays until the last', async () => {
    const keyId = `mrk-${'1'.repeat(32)}`;
    const primary = await addKey({ keyId, multiRegion: 'PRIMARY', deletion: { windowInDays: 10 } });
    const { materials } = primary.value;
    const replica = (region: string, days: number) =>
      addKey({
        keyId,
        region,
        multiRegion: 'REPLICA',
        materials,
        deletion: { windowInDays: days, at: clock.now() + days * DAY_MS },
      });
    const first = await replica('us-east-1', 7);
    const second = await replica('us-west-2', 8);
    clock.jump(7 * DAY_MS);
    await sweep();
    expect([find(first.id), find(second.id)?.id]).toEqual([undefined, second.id]);
    expect(find(primary.id)?.value.deletion).toEqual({ windowInDays: 10 });
    clock.jump(DAY_MS);
    await sweep();
    expect(find(second.id)).toBeUndefined();
    expect(find(primary.id)?.value.deletion).toEqual({ windowInDays: 10, at: clock.now() + 10 * DAY_MS });
    expect(isStored(primary.object)).toBe(true);
    clock.jump(10 * DAY_MS);
    await sweep();
    expect([find(primary.id), isStored(primary.object)]).toEqual([undefined, false]);
  });
});

test('expired material goes, its name and description stay', async () => {
  const key = await addKey({ origin: 'EXTERNAL' });
  const [current] = key.value.materials;
  if (current === undefined) throw new Error('no material');
  const materials = [{ ...current, expiresAt: clock.now() + 1000, description: 'from the safe' }];
  await change((draft) => {
    draft.put('kmsKey', key.id, { ...key.value, materials });
    return () => undefined;
  });
  clock.jump(1000);
  await sweep();
  expect(find(key.id)?.value.materials).toEqual([{ id: current.id, state: 'CURRENT', description: 'from the safe' }]);
  expect(isStored(key.object)).toBe(false);
  expect(await actions()).toEqual(['kms:DeleteExpiredKeyMaterial']);
});

describe('rotation', () => {
  test('happens by the schedule, keeps the old material, and once for all the time nobody looked', async () => {
    const start = clock.now();
    const key = await addKey({ rotation: { periodInDays: 90, nextAt: start + 90 * DAY_MS } });
    await sweep();
    expect(find(key.id)?.value.materials).toHaveLength(1);
    clock.jump(200 * DAY_MS);
    await sweep();
    await sweep();
    const after = find(key.id)?.value;
    expect(after?.materials.map(({ state }) => state)).toEqual(['NON_CURRENT', 'CURRENT']);
    expect(after?.materials[1]?.rotation).toEqual({ type: 'AUTOMATIC', at: clock.now() });
    expect(after?.rotation).toEqual({ periodInDays: 90, nextAt: start + 270 * DAY_MS });
    expect(after?.materials.every(({ object }) => isStored(object?.id))).toBe(true);
    expect(new Set(after?.materials.map(({ id }) => id)).size).toBe(2);
    expect(await actions()).toEqual(['kms:RotateKey']);
  });

  test('of a disabled key waits until it is enabled', async () => {
    const rotation = { periodInDays: 90, nextAt: clock.now() };
    const key = await addKey({ enabled: false, rotation });
    await sweep();
    expect(find(key.id)?.value.materials).toHaveLength(1);
    await change((draft) => {
      draft.put('kmsKey', key.id, { ...key.value, enabled: true });
      return () => undefined;
    });
    await sweep();
    expect(find(key.id)?.value.materials).toHaveLength(2);
  });

  test('of a primary gives its replicas the same material', async () => {
    const keyId = `mrk-${'2'.repeat(32)}`;
    const rotation = { periodInDays: 90, nextAt: clock.now() };
    const primary = await addKey({ keyId, multiRegion: 'PRIMARY', rotation });
    const replica = await addKey({
      keyId,
      region: 'us-east-1',
      multiRegion: 'REPLICA',
      materials: primary.value.materials,
    });
    await sweep();
    expect(find(replica.id)?.value.materials).toEqual(find(primary.id)?.value.materials);
    expect(find(replica.id)?.value.materials).toHaveLength(2);
    expect(find(replica.id)?.value.rotation).toBeUndefined();
  });
});

test('an unlock does what came due while the vault was locked, and the clock does it after that', async () => {
  const due = await addKey({ deletion: { windowInDays: 7, at: clock.now() + 1000 } });
  const later = await addKey({ keyId: 'later', deletion: { windowInDays: 7, at: clock.now() + 120_000 } });
  await core.client.call('vault.lock', {});
  clock.jump(2000);
  await core.unlock();
  clock.advance(100);
  session = core.running.core.session();
  await expect.poll(() => session.things.isComplete('kmsKey') && find(due.id) === undefined).toBe(true);
  expect(find(later.id)).toBeDefined();
  clock.advance(180_000);
  await expect.poll(() => find(later.id)).toBeUndefined();
});

test('an account can be emptied, and others stay as they are', async () => {
  await core.client.call('account.add', { name: 'other', accountId: '210987654321', kind: 'remote' });
  const other = session.things.byName('account', 'other').id;
  const mine = await addKey();
  const theirs = await addKey({ account: other });
  await change((draft) => {
    draft.put('kmsGrant', recordId(), kmsGrant(mine.id, { account }));
    draft.put('kmsGrant', recordId(), kmsGrant(theirs.id, { account: other }));
    return () => undefined;
  });
  await change((draft) => {
    removeKmsOfAccount(draft, session.things, account);
    return () => undefined;
  });
  expect(session.things.all('kmsKey').map(({ id }) => id)).toEqual([theirs.id]);
  expect(session.things.count('kmsGrant')).toBe(1);
  expect([isStored(mine.object), isStored(theirs.object)]).toEqual([false, true]);
});

test('last uses are written with the usage notes', async () => {
  const key = await addKey();
  session.kmsUsage.note(key.id, { operation: 'Decrypt', at: clock.now(), requestId: 'r-1' });
  await session.flushUsage();
  expect(find(key.id)?.value.lastUse).toEqual({ operation: 'Decrypt', at: clock.now(), requestId: 'r-1' });
  session.kmsUsage.note('f'.repeat(32), { operation: 'Decrypt', at: clock.now(), requestId: 'r-2' });
  await session.flushUsage();
});
