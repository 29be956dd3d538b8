import { describe, expect, test } from 'vitest';
import { packEvents, unpackRows } from '../../../src/core/crypto/packed-audit.ts';
import { systemRandom } from '../../../src/core/crypto/random.ts';
import type { HeadState, HsmOutput, SlotRow } from '../../../src/core/hsm/protocol.ts';
import { makeSlot } from '../../../src/core/hsm/slot.ts';
import {
  createTestVault,
  emptyEntry,
  emptyHead,
  FLOOR,
  replyKey,
  sealFor,
  startTestHsm,
  type TestVault,
  unlockWith,
} from '../../support/hsm.ts';

const utf8 = (text: string) => new TextEncoder().encode(text);
const password = (text: string) => ({ factor: 'password' as const, text });
const code = (text: string) => ({ factor: 'recovery-code' as const, text });

type Made = { hsm: ReturnType<typeof startTestHsm>; vault: TestVault; head: HeadState; headMac: Uint8Array };
let shared: Promise<Made> | undefined;

/** One vault for the tests that only read it: every new one costs two Argon2id. */
function sameVault(): Promise<Made> {
  shared ??= newVault();
  return shared;
}

async function newVault(): Promise<Made> {
  const hsm = startTestHsm();
  const vault = await createTestVault(hsm);
  const head = emptyHead(vault);
  const { headMac } = await hsm.call('commit', { records: [], pages: [], audit: new Uint8Array(), head });
  return { hsm, vault, head, headMac };
}

function flipped(bytes: Uint8Array, at: number): Uint8Array {
  const copy = new Uint8Array(bytes);
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}

/** A descriptor with some text replaced, as an attacker would edit the row. */
function edited(row: SlotRow, from: string, to: string): SlotRow {
  const text = new TextDecoder().decode(row.descriptor);
  expect(text).toContain(from);
  return { ...row, descriptor: utf8(text.replace(from, to)) };
}

describe('unlock', () => {
  test('by password and by recovery code, in a fresh HSM', async () => {
    const { vault, head, headMac } = await sameVault();
    expect(vault.recoveryText).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){7}[0-9A-HJKMNP-TV-Z]{4}$/);
    const byPassword = startTestHsm();
    expect(await unlockWith(byPassword, vault, password(vault.password), head, headMac)).toEqual({
      slot: 0,
      headOk: true,
    });
    const typed = vault.recoveryText.toLowerCase().replaceAll('-', ' ').replaceAll('0', 'o');
    expect(await unlockWith(startTestHsm(), vault, code(typed), head, headMac)).toEqual({ slot: 1, headOk: true });
    await expect(unlockWith(byPassword, vault, password(vault.password), head, headMac)).rejects.toMatchObject({
      code: 'InvalidInput',
    });
  });

  test('takes a password in any Unicode form', async () => {
    const maker = startTestHsm();
    const vault = await createTestVault(maker, 'Amélie Ångström');
    const head = emptyHead(vault);
    const { headMac } = await maker.call('commit', { records: [], pages: [], audit: new Uint8Array(), head });
    const decomposed = 'Amélie Ångström'.normalize('NFD');
    await expect(unlockWith(startTestHsm(), vault, password(decomposed), head, headMac)).resolves.toBeDefined();
  });

  test('a wrong password and a wrong recovery code fail with the very same error', async () => {
    const { vault, head, headMac } = await sameVault();
    const hsm = startTestHsm();
    const errors = [];
    for (const wrong of [password('wrong'), code('0'.repeat(32))]) {
      const error: unknown = await unlockWith(hsm, vault, wrong, head, headMac).catch((thrown: unknown) => thrown);
      errors.push(error);
    }
    // A vault without any slot of that factor answers the same.
    errors.push(
      await unlockWith(hsm, vault, code('0'.repeat(32)), { ...head, slots: head.slots.slice(0, 1) }, headMac).catch(
        (thrown: unknown) => thrown,
      ),
    );
    expect(errors[0]).toMatchObject({ code: 'WrongSecret', details: undefined });
    expect(errors[1]).toEqual(errors[0]);
    expect(errors[2]).toEqual(errors[0]);
    await expect(hsm.call('verifyHead', { head, headMac })).rejects.toMatchObject({ code: 'Locked' });
  });

  test('the recovery code does not open the password slot, nor the other way', async () => {
    const { vault, head, headMac } = await sameVault();
    const hsm = startTestHsm();
    await expect(unlockWith(hsm, vault, password(vault.recoveryText), head, headMac)).rejects.toMatchObject({
      code: 'WrongSecret',
    });
    await expect(unlockWith(hsm, vault, code(vault.password), head, headMac)).rejects.toMatchObject({
      code: 'InvalidInput',
    });
  });

  test('every slot of the factor is tried; the index says which', async () => {
    const { hsm: maker, vault, head } = await sameVault();
    const { slot } = await maker.call('makePasswordSlot', {
      id: '0123456789abcdef',
      label: 'Second',
      password: await sealFor(maker, 'password', 'second password'),
      kdf: FLOOR,
      createdAt: 5,
    });
    const more = { ...head, slots: [...head.slots, slot] };
    const { headMac } = await maker.call('commit', { records: [], pages: [], audit: new Uint8Array(), head: more });
    const second = await unlockWith(startTestHsm(), vault, password('second password'), more, headMac);
    expect(second.slot).toBe(2);
    const first = await unlockWith(startTestHsm(), vault, password(vault.password), more, headMac);
    expect(first.slot).toBe(0);
    expect(JSON.parse(new TextDecoder().decode(slot.descriptor))).toMatchObject({
      v: 1,
      id: '0123456789abcdef',
      label: 'Second',
      createdAt: 5,
      factors: [{ type: 'password', kdf: 'argon2id', version: 19, memoryKiB: 65_536, passes: 3, parallelism: 1 }],
    });
  });

  test('a slot with an unknown version or factor is passed over', async () => {
    const { hsm, vault, head } = await sameVault();
    const [first] = vault.slots;
    if (first === undefined) throw new Error('no slot');
    const odd: SlotRow[] = [
      edited(first, '"v":1', '"v":2'),
      edited(first, '"type":"password"', '"type":"fido2"'),
      { descriptor: utf8('{'), wrapped: new Uint8Array() },
      { descriptor: utf8('{"v":1,"factors":[]}'), wrapped: new Uint8Array() },
      { descriptor: Uint8Array.of(0xff), wrapped: new Uint8Array(60) },
      { ...first, wrapped: new Uint8Array(3) },
    ];
    const more = { ...head, slots: [...odd, ...head.slots] };
    const { headMac } = await hsm.call('commit', { records: [], pages: [], audit: new Uint8Array(), head: more });
    const { slot } = await unlockWith(startTestHsm(), vault, password(vault.password), more, headMac);
    expect(slot).toBe(odd.length);
  });

  test.each([
    ['memory below the floor', '"memoryKiB":65536', '"memoryKiB":65535'],
    ['memory of a phone', '"memoryKiB":65536', '"memoryKiB":8'],
    ['memory above the ceiling', '"memoryKiB":65536', '"memoryKiB":4194305'],
    ['too few passes', '"passes":3', '"passes":1'],
    ['passes above the ceiling', '"passes":3', '"passes":65'],
    ['two lanes', '"parallelism":1', '"parallelism":2'],
  ])('%s is refused before anything is derived, and named', async (_, from, to) => {
    const { vault, head, headMac } = await sameVault();
    const [first, second] = vault.slots;
    if (first === undefined || second === undefined) throw new Error('no slots');
    const lowered = { ...head, slots: [edited(first, from, to), second] };
    await expect(unlockWith(startTestHsm(), vault, password(vault.password), lowered, headMac)).rejects.toMatchObject({
      code: 'VaultTampered',
      details: { findings: [{ where: 'slot 0', what: 'edited' }] },
    });
    // The other way in still shows that the set was edited.
    await expect(unlockWith(startTestHsm(), vault, code(vault.recoveryText), lowered, headMac)).rejects.toMatchObject({
      code: 'VaultTampered',
    });
  });

  test('raised but allowed parameters do not open the slot: they are authenticated', async () => {
    const { vault, head, headMac } = await sameVault();
    const [first, second] = vault.slots;
    if (first === undefined || second === undefined) throw new Error('no slots');
    const raised = { ...head, slots: [edited(first, '"passes":3', '"passes":4'), second] };
    const relabelled = { ...head, slots: [edited(first, '"label":"Password"', '"label":"Passw0rd"'), second] };
    for (const changed of [raised, relabelled]) {
      await expect(unlockWith(startTestHsm(), vault, password(vault.password), changed, headMac)).rejects.toMatchObject(
        {
          code: 'WrongSecret',
        },
      );
    }
  });

  test('another vault’s slots do not open under this vault’s id', async () => {
    const { vault, head, headMac } = await sameVault();
    const other = { vaultId: flipped(vault.vaultId, 3) };
    await expect(unlockWith(startTestHsm(), other, password(vault.password), head, headMac)).rejects.toMatchObject({
      code: 'WrongSecret',
    });
  });

  test.each<[string, (head: HeadState) => HeadState]>([
    ['the generation', (head) => ({ ...head, generation: head.generation + 1 })],
    ['a page MAC', (head) => ({ ...head, pageMacs: flipped(head.pageMacs, 8191) })],
    ['the slot set', (head) => ({ ...head, slots: head.slots.slice(0, 1) })],
    ['the KEK set', (head) => ({ ...head, keks: head.keks.slice(0, 1) })],
    ['a KEK’s date', (head) => ({ ...head, keks: head.keks.map((kek) => ({ ...kek, createdAt: kek.createdAt + 1 })) })],
    ['the audit number', (head) => ({ ...head, auditSeq: 1 })],
    ['the audit hash', (head) => ({ ...head, auditHash: flipped(head.auditHash, 0) })],
  ])('%s changed in the head is VaultTampered, and holds nothing', async (_, change) => {
    const { vault, head, headMac } = await sameVault();
    const hsm = startTestHsm();
    await expect(unlockWith(hsm, vault, password(vault.password), change(head), headMac)).rejects.toMatchObject({
      code: 'VaultTampered',
    });
    await expect(hsm.call('openRecords', { records: [] })).rejects.toMatchObject({ code: 'Locked' });
  });

  test('a changed or missing head MAC is VaultTampered', async () => {
    const { vault, head, headMac } = await sameVault();
    for (const mac of [flipped(headMac, 31), new Uint8Array()]) {
      await expect(unlockWith(startTestHsm(), vault, password(vault.password), head, mac)).rejects.toMatchObject({
        code: 'VaultTampered',
      });
    }
  });

  test('inspecting a tampered vault verifies, and does nothing else', async () => {
    const { hsm: maker, vault, head } = await sameVault();
    const id = 'ab'.repeat(16);
    const committed = await maker.call('commit', {
      records: [{ id, kind: 'account', version: 1, plaintext: utf8('{}') }],
      pages: [{ page: 0xab, entries: emptyEntry(id, 1, 2) }],
      audit: packEvents(['{"a":1}']),
      head,
    });
    const hsm = startTestHsm();
    const bad = { ...head, keks: head.keks.slice(0, 1) };
    expect(await unlockWith(hsm, vault, password(vault.password), bad, committed.headMac, true)).toEqual({
      slot: 0,
      headOk: false,
    });
    expect(await hsm.call('verifyPages', { pages: committed.pages })).toEqual({ broken: [] });
    expect(await hsm.call('openRecords', { records: committed.records })).toMatchObject({ failed: [] });
    const [row] = unpackRows(committed.audit) ?? [];
    if (row === undefined) throw new Error('the HSM answered no entry');
    const audit = await hsm.call('openAudit', { rows: [{ seq: 1, ...row }], previousHash: new Uint8Array(32) });
    expect(audit.broken).toBeNull();
    expect(await hsm.call('verifyHead', { head: bad, headMac: committed.headMac })).toEqual({ ok: false });
    const refused = { code: 'VaultTampered' };
    await expect(hsm.call('commit', { records: [], pages: [], audit: new Uint8Array(), head })).rejects.toMatchObject(
      refused,
    );
    await expect(hsm.call('generateObject', { id, attributes: clientKey() })).rejects.toMatchObject(refused);
    await expect(hsm.call('objectInfo', { key: { id, version: 1, blob: new Uint8Array(200) } })).rejects.toMatchObject(
      refused,
    );
    await expect(
      hsm.call('makeRecoverySlot', {
        id: '0'.repeat(16),
        label: 'x',
        kdf: FLOOR,
        replyKey: (await replyKey()).raw,
        createdAt: 0,
      }),
    ).rejects.toMatchObject(refused);
  });

  test('inspecting a sound vault is a plain unlock', async () => {
    const { vault, head, headMac } = await sameVault();
    const hsm = startTestHsm();
    expect(await unlockWith(hsm, vault, password(vault.password), head, headMac, true)).toEqual({
      slot: 0,
      headOk: true,
    });
    await expect(hsm.call('commit', { records: [], pages: [], audit: new Uint8Array(), head })).resolves.toBeDefined();
  });

  test('a secret sealed to another process is StaleSealKey; one sealed for another purpose does not open', async () => {
    const { vault, head, headMac } = await sameVault();
    const hsm = startTestHsm();
    const stale = await sealFor(startTestHsm(), 'password', vault.password);
    const call = (sealed: typeof stale) =>
      hsm.call('unlock', { vaultId: vault.vaultId, secret: { factor: 'password', sealed }, head, headMac });
    await expect(call(stale)).rejects.toMatchObject({ code: 'StaleSealKey' });
    await expect(call(await sealFor(hsm, 'session-token', vault.password))).rejects.toMatchObject({
      code: 'InvalidInput',
    });
  });
});

function clientKey() {
  return {
    class: 'secret-key' as const,
    spec: 'CLIENT_SECRET_KEY' as const,
    usage: ['sigv4' as const],
    extractable: true,
    label: 'x',
    createdAt: 1,
    policy: {},
  };
}

describe('wrong secrets', () => {
  test('after five in one process: TooManyAttempts, doubling to a minute; refused ones do not lengthen it', async () => {
    const { vault, head, headMac } = await sameVault();
    let time = 1_000_000;
    const hsm = startTestHsm({ clock: { now: () => 0, monotonic: () => time } });
    const attempt = (text: string) => unlockWith(hsm, vault, password(text), head, headMac);
    for (let index = 0; index < 5; index++)
      await expect(attempt('wrong')).rejects.toMatchObject({ code: 'WrongSecret' });
    for (const seconds of [1, 2, 4, 8, 16, 32, 60, 60]) {
      const refused = { code: 'TooManyAttempts', details: { retryAfterSeconds: seconds } };
      await expect(attempt('wrong')).rejects.toMatchObject(refused);
      await expect(attempt(vault.password)).rejects.toMatchObject(refused);
      time += seconds * 1000 - 1;
      await expect(attempt(vault.password)).rejects.toMatchObject({ details: { retryAfterSeconds: 1 } });
      time += 1;
      await expect(attempt('wrong')).rejects.toMatchObject({ code: 'WrongSecret' });
    }
    time += 60_000;
    await expect(attempt(vault.password)).resolves.toMatchObject({ slot: 0 });
  });

  test('sent all at once get no more tries than one after the other', async () => {
    const { vault, head, headMac } = await sameVault();
    const hsm = startTestHsm({ clock: { now: () => 0, monotonic: () => 0 } });
    const answers = await Promise.allSettled(
      Array.from({ length: 40 }, () => unlockWith(hsm, vault, password('wrong'), head, headMac)),
    );
    const codes = answers.map((answer) => (answer.status === 'rejected' ? answer.reason.code : 'opened'));
    expect(codes.filter((found) => found === 'WrongSecret')).toHaveLength(5);
    expect(codes.filter((found) => found === 'TooManyAttempts')).toHaveLength(35);
  });

  test('checkSecret counts as well, and a right one starts afresh', async () => {
    const { hsm, vault } = await newVault();
    const check = async (text: string, slots = vault.slots) =>
      hsm.call('checkSecret', { secret: { factor: 'password', sealed: await sealFor(hsm, 'password', text) }, slots });
    expect(await check('wrong')).toEqual({ slot: null });
    expect(await check(vault.password)).toEqual({ slot: 0 });
    for (let index = 0; index < 5; index++) expect(await check('wrong')).toEqual({ slot: null });
    await expect(check(vault.password)).rejects.toMatchObject({ code: 'TooManyAttempts' });
  });

  test('checkSecret is not satisfied by a slot that wraps another root key', async () => {
    const { hsm, vault } = await sameVault();
    const foreign = await makeSlot(systemRandom, vault.vaultId, new Uint8Array(32), utf8('planted'), {
      id: '0'.repeat(16),
      label: 'x',
      createdAt: 0,
      factor: 'password',
      cost: FLOOR,
    });
    const sealed = await sealFor(hsm, 'password', 'planted');
    const answer = await hsm.call('checkSecret', { secret: { factor: 'password', sealed }, slots: [foreign] });
    expect(answer).toEqual({ slot: null });
  });
});

describe('new slots', () => {
  test('a recovery slot’s code opens the vault', async () => {
    const { hsm, vault, head } = await sameVault();
    const reply = await replyKey();
    const made = await hsm.call('makeRecoverySlot', {
      id: 'f'.repeat(16),
      label: 'Printed in May',
      kdf: FLOOR,
      replyKey: reply.raw,
      createdAt: 7,
    });
    const text = new TextDecoder().decode(await reply.pair.open(made.recoveryCode, 'recovery-code'));
    const replaced = { ...head, slots: [made.slot] };
    const { headMac } = await hsm.call('commit', { records: [], pages: [], audit: new Uint8Array(), head: replaced });
    await expect(unlockWith(startTestHsm(), vault, code(text), replaced, headMac)).resolves.toEqual({
      slot: 0,
      headOk: true,
    });
    await expect(unlockWith(startTestHsm(), vault, code(vault.recoveryText), replaced, headMac)).rejects.toMatchObject({
      code: 'WrongSecret',
    });
  });

  test.each([
    ['too little memory', { ...FLOOR, memoryKiB: 65_535 }],
    ['too few passes', { ...FLOOR, passes: 2 }],
    ['too much memory', { ...FLOOR, memoryKiB: 4_194_305 }],
    ['lanes', { ...FLOOR, parallelism: 4 }],
  ])('%s is refused', async (_, kdf) => {
    const hsm = startTestHsm();
    await expect(
      hsm.call('createVault', {
        vaultId: new Uint8Array(16),
        password: await sealFor(hsm, 'password', 'x'),
        kdf,
        replyKey: (await replyKey()).raw,
        createdAt: 0,
      }),
    ).rejects.toMatchObject({ code: 'InvalidInput' });
  });

  test('an empty, endless or non-UTF-8 password is refused', async () => {
    const hsm = startTestHsm();
    for (const secret of ['', 'x'.repeat(1025), Uint8Array.of(0xc3, 0x28)]) {
      await expect(
        hsm.call('createVault', {
          vaultId: new Uint8Array(16),
          password: await sealFor(hsm, 'password', secret),
          kdf: FLOOR,
          replyKey: (await replyKey()).raw,
          createdAt: 0,
        }),
      ).rejects.toMatchObject({ code: 'InvalidInput' });
    }
  });

  test('a reply key that is no key makes no vault', async () => {
    const hsm = startTestHsm();
    const call = async (replyKeyBytes: Uint8Array) =>
      hsm.call('createVault', {
        vaultId: new Uint8Array(16),
        password: await sealFor(hsm, 'password', 'x'),
        kdf: FLOOR,
        replyKey: replyKeyBytes,
        createdAt: 0,
      });
    await expect(call(new Uint8Array(32))).rejects.toMatchObject({ code: 'InvalidInput' });
    await expect(call(new Uint8Array(31))).rejects.toMatchObject({ code: 'InvalidInput' });
    await expect(hsm.call('openRecords', { records: [] })).rejects.toMatchObject({ code: 'Locked' });
  });
});

test('calibrate never goes below the floor nor beyond a sixteenth of the memory', async () => {
  const small = startTestHsm({ memoryBytes: 512 * 1024 ** 2 });
  expect(await small.call('calibrate', { targetMs: 50 })).toMatchObject(FLOOR);
  // The floor takes 10 ms (12 at first), twice the memory 20, then 7 passes 40 and 8 passes 50: memory first, then passes.
  const durations = [12, 10, 20, 40, 50];
  let time = 0;
  let starts = true;
  const monotonic = () => {
    if (!starts) time += durations.shift() ?? 0;
    starts = !starts;
    return time;
  };
  const fast = startTestHsm({ clock: { now: () => 0, monotonic }, memoryBytes: 2 * 1024 ** 3 });
  const answer: HsmOutput<'calibrate'> = await fast.call('calibrate', { targetMs: 50 });
  expect(answer).toEqual({ memoryKiB: 131_072, passes: 8, parallelism: 1, measuredMs: 50 });
});
