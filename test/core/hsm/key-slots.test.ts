import { createHmac, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import type { HeadState, HsmInput, SlotRow } from '../../../src/core/hsm/protocol.ts';
import { readSlot } from '../../../src/core/hsm/slot.ts';
import { parseSlotDescriptor, slotInfo } from '../../../src/core/vault/slot-descriptor.ts';
import { createTestVault, emptyHead, FLOOR, sealFor, startTestHsm, type TestVault } from '../../support/hsm.ts';
import { createSoftKey } from '../../support/soft-key.ts';

type Given = Extract<HsmInput<'checkSecret'>['secret'], { factor: 'security-key' }>['factors'];
type NewFactors = HsmInput<'makeKeySlot'>['factors'];

const ID = 'ab'.repeat(8);
const salt = new Uint8Array(randomBytes(32));
const challenge = new Uint8Array(randomBytes(32));
const yubikeySecret = randomBytes(20);
const utf8 = (text: string) => new TextEncoder().encode(text);
const key = createSoftKey();

/** What passwords were stretched to, by whoever asked for it. */
const derived = vi.hoisted((): Uint8Array[] => []);
vi.mock('../../../src/core/crypto/kdf.ts', async (original) => {
  const kdf = await original<typeof import('../../../src/core/crypto/kdf.ts')>();
  const argon2id: typeof kdf.argon2id = async (...input) => {
    const output = await kdf.argon2id(...input);
    derived.push(output);
    return output;
  };
  return { ...kdf, argon2id };
});

let hsm: ReturnType<typeof startTestHsm>;
let vault: TestVault;
let head: HeadState;

const yubikeyResponse = () => new Uint8Array(createHmac('sha1', yubikeySecret).update(challenge).digest());
const yubikey = () => ({
  ...{ factor: 'yubikey-hmac-sha1' as const, serial: 123, otpSlot: 2 as const, challenge },
  response: yubikeyResponse(),
});
const response = () => ({ factor: 'yubikey-hmac-sha1' as const, response: yubikeyResponse() });
const password = async (text: string, to = hsm) => ({
  factor: 'password' as const,
  sealed: await sealFor(to, 'password', text),
});

beforeAll(async () => {
  hsm = startTestHsm();
  vault = await createTestVault(hsm);
  head = emptyHead(vault);
});

async function make(factors: NewFactors): Promise<SlotRow> {
  return (await hsm.call('makeKeySlot', { id: ID, label: 'Key', createdAt: 5, factors })).slot;
}

const check = async (row: SlotRow, factors: Given, slot = ID) =>
  (await hsm.call('checkSecret', { secret: { factor: 'security-key', slot, factors }, slots: [...vault.slots, row] }))
    .slot;

describe('a slot with a security key', () => {
  test('alone, with its person verified, unlocks a fresh HSM process', async () => {
    const row = await make([await key.factor(hsm, salt)]);
    const slots = [...vault.slots, row];
    const { headMac } = await hsm.call('commit', {
      records: [],
      pages: [],
      audit: new Uint8Array(),
      head: { ...head, slots },
    });
    for (const protocol of [1, 2] as const) {
      const fresh = startTestHsm();
      const answered = await key.answer(fresh, salt, { protocol });
      const opened = await fresh.call('unlock', {
        vaultId: vault.vaultId,
        secret: { factor: 'security-key', slot: ID, factors: [{ factor: 'fido2', ...answered }] },
        head: { ...head, slots },
        headMac,
      });
      expect(opened).toEqual({ slot: 2, headOk: true });
    }
  });

  test('together with a password wants both, in any order', async () => {
    const kdf = FLOOR;
    const row = await make([{ ...(await password('second')), kdf }, await key.factor(hsm, salt, false)]);
    const touched = async () => ({ factor: 'fido2' as const, ...(await key.answer(hsm, salt, { uv: false })) });
    expect(await check(row, [await password('second'), await touched()])).toBe(2);
    expect(await check(row, [await touched(), await password('second')])).toBe(2);
    expect(await check(row, [await touched()])).toBe(null);
    expect(await check(row, [await password('second')])).toBe(null);
    expect(await check(row, [await password('wrong'), await touched()])).toBe(null);
    // A right one starts the count of wrong ones afresh.
    expect(await check(row, [await password('second'), await touched()])).toBe(2);
    expect(await check(row, [await password('second'), await touched(), response()])).toBe(null);
    expect(await check(row, [await password('second'), await touched()], 'cd'.repeat(8))).toBe(null);
    expect(await check(row, [await password('second'), await touched()])).toBe(2);
  });

  test('of a YubiKey, alone and with a password', async () => {
    const alone = await make([yubikey()]);
    const given = (response: Uint8Array) => ({ factor: 'yubikey-hmac-sha1' as const, response });
    expect(await check(alone, [given(yubikeyResponse())])).toBe(2);
    expect(await check(alone, [given(new Uint8Array(20))])).toBe(null);
    const both = await make([{ ...(await password('second')), kdf: FLOOR }, yubikey()]);
    expect(await check(both, [await password('second'), given(yubikeyResponse())])).toBe(2);
    expect(await check(both, [given(yubikeyResponse())])).toBe(null);
    expect(slotInfo(both.descriptor)).toMatchObject({
      factors: ['password', 'yubikey-hmac-sha1'],
      yubikey: { serial: 123, otpSlot: 2 },
      kdf: FLOOR,
    });
  });

  test('a password alone does not try it, and it is no slot of a single password', async () => {
    const row = await make([{ ...(await password('only here')), kdf: FLOOR }, yubikey()]);
    const sealed = await sealFor(hsm, 'password', 'only here');
    const tried = hsm.call('checkSecret', { secret: { factor: 'password', sealed }, slots: [row] });
    expect(await tried).toEqual({ slot: null });
    const again = await password(vault.password);
    expect(await hsm.call('checkSecret', { secret: again, slots: vault.slots })).toEqual({ slot: 0 });
  });

  test('is not made where anybody who finds the key could use it', async () => {
    await expect(make([await key.factor(hsm, salt, false)])).rejects.toMatchObject({ code: 'InvalidInput' });
    await expect(make([])).rejects.toMatchObject({ code: 'InvalidInput' });
    await expect(make([{ ...(await password('x')), kdf: FLOOR }])).rejects.toMatchObject({ code: 'InvalidInput' });
    await expect(make([yubikey(), yubikey()])).rejects.toMatchObject({ code: 'InvalidInput' });
  });
});

test('whatever slots there are: what opens one is exactly what it asks for, of exactly its devices', {
  timeout: 120_000,
}, async () => {
  const keys = [createSoftKey(), createSoftKey()] as const;
  const secrets = [randomBytes(20), randomBytes(20)] as const;
  const which = fc.constantFrom(0, 1, null);
  const combination = fc.record({ fido: which, otp: which }).filter(({ fido, otp }) => fido !== null || otp !== null);
  const answerOf = (at: 0 | 1) => new Uint8Array(createHmac('sha1', secrets[at]).update(challenge).digest());
  const isSame = (a: { fido: number | null; otp: number | null }, b: typeof a) => a.fido === b.fido && a.otp === b.otp;
  await fc.assert(
    fc.asyncProperty(combination, combination, async (asked, given) => {
      const factors: NewFactors = [];
      if (asked.fido !== null) factors.push(await keys[asked.fido].factor(hsm, salt));
      if (asked.otp !== null) factors.push({ ...yubikey(), response: answerOf(asked.otp) });
      const row = await make(factors);
      const answers: Given = [];
      if (given.otp !== null) answers.push({ factor: 'yubikey-hmac-sha1', response: answerOf(given.otp) });
      if (given.fido !== null) answers.push({ factor: 'fido2', ...(await keys[given.fido].answer(hsm, salt)) });
      expect(await check(row, answers)).toBe(isSame(asked, given) ? 2 : null);
      // A right secret starts the count of wrong ones afresh.
      await hsm.call('checkSecret', { secret: await password(vault.password), slots: vault.slots });
    }),
    { seed: 29, numRuns: process.env['KEYHOLD_TEST_FULL'] === '1' ? 500 : 40 },
  );
});

describe('an answer is taken only if it verifies', () => {
  const other = createSoftKey();
  const cases: [string, () => Promise<Given[number]>][] = [
    ['of another key', async () => ({ factor: 'fido2', ...(await other.answer(hsm, salt)) })],
    ['for another site', async () => ({ factor: 'fido2', ...(await key.answer(hsm, salt, { rpId: 'example.com' })) })],
    ['without a touch', async () => ({ factor: 'fido2', ...(await key.answer(hsm, salt, { up: false })) })],
    ['without verification', async () => ({ factor: 'fido2', ...(await key.answer(hsm, salt, { uv: false })) })],
    ['for another salt', async () => ({ factor: 'fido2', ...(await key.answer(hsm, new Uint8Array(32))) })],
    [
      'over another hash',
      async () => ({ factor: 'fido2', ...(await key.answer(hsm, salt, { hash: new Uint8Array(32) })) }),
    ],
    [
      'from another exchange',
      async () => {
        const before = await key.answer(hsm, salt);
        const { handle } = await key.answer(hsm, salt);
        return { factor: 'fido2', ...before, handle };
      },
    ],
  ];

  test.each(cases)('%s', async (_name, given) => {
    const row = await make([await key.factor(hsm, salt)]);
    expect(await check(row, [await given()])).toBe(null);
    expect(await check(row, [{ factor: 'fido2', ...(await key.answer(hsm, salt)) }])).toBe(2);
  });

  test('and a slot is not made of one that does not', async () => {
    const wrong = { ...(await key.factor(hsm, salt)), publicKey: other.publicKey };
    await expect(make([wrong])).rejects.toMatchObject({ code: 'DeviceFault' });
  });

  test('an exchange that has ended is told from a wrong key', async () => {
    const row = await make([await key.factor(hsm, salt)]);
    const answered = await key.answer(hsm, salt);
    await hsm.call('pinUvEnd', { handle: answered.handle });
    await expect(check(row, [{ factor: 'fido2', ...answered }])).rejects.toMatchObject({ code: 'StaleSealKey' });
  });

  test('and keeps nothing of the password that came with it', async () => {
    const row = await make([{ ...(await password('second')), kdf: FLOOR }, await key.factor(hsm, salt)]);
    const answered = await key.answer(hsm, salt);
    await hsm.call('pinUvEnd', { handle: answered.handle });
    derived.length = 0;
    const given: Given = [await password('second'), { factor: 'fido2', ...answered }];
    await expect(check(row, given)).rejects.toMatchObject({ code: 'StaleSealKey' });
    expect(derived).toEqual([new Uint8Array(32)]);
  });

  test('at most sixteen exchanges are under way: the oldest ends', async () => {
    const row = await make([await key.factor(hsm, salt)]);
    const first = await key.answer(hsm, salt);
    for (let n = 0; n < 15; n += 1) await key.answer(hsm, salt);
    expect(await check(row, [{ factor: 'fido2', ...first }])).toBe(2);
    await key.answer(hsm, salt);
    await expect(check(row, [{ factor: 'fido2', ...first }])).rejects.toMatchObject({ code: 'StaleSealKey' });
  });

  test('wrong keys are counted like wrong passwords', async () => {
    const fresh = startTestHsm();
    const own = await createTestVault(fresh);
    const made = await fresh.call('makeKeySlot', {
      ...{ id: ID, label: 'Key', createdAt: 5 },
      factors: [await key.factor(fresh, salt)],
    });
    const tried = async () =>
      fresh.call('checkSecret', {
        secret: {
          ...{ factor: 'security-key' as const, slot: ID },
          factors: [{ factor: 'fido2' as const, ...(await other.answer(fresh, salt)) }],
        },
        slots: [...own.slots, made.slot],
      });
    for (let n = 0; n < 5; n += 1) expect(await tried()).toEqual({ slot: null });
    await expect(tried()).rejects.toMatchObject({ code: 'TooManyAttempts' });
  });
});

describe('descriptors', () => {
  const fido2 = {
    ...{ type: 'fido2', rpId: 'keyhold.invalid', credentialId: 'AQI=', publicKey: 'AQI=' },
    ...{ salt: Buffer.alloc(32).toString('base64'), uv: true },
  };
  const otp = {
    ...{ type: 'yubikey-hmac-sha1', serial: null, slot: 1 },
    challenge: Buffer.alloc(32).toString('base64'),
  };
  const argon = {
    ...{ type: 'password', kdf: 'argon2id', version: 19, memoryKiB: 65_536, passes: 3, parallelism: 1 },
    salt: Buffer.alloc(16).toString('base64'),
  };
  const descriptor = (factors: unknown[]) => utf8(JSON.stringify({ v: 1, id: ID, label: 'x', createdAt: 1, factors }));
  const recovery = { ...argon, type: 'recovery-code' };

  test.each([
    ['a key with verification', [fido2], true],
    ['a YubiKey', [otp], true],
    ['a password and a key without verification', [argon, { ...fido2, uv: false }], true],
    ['all three', [argon, fido2, otp], true],
    ['a key without verification', [{ ...fido2, uv: false }], false],
    ['two keys of a kind', [fido2, { ...fido2, credentialId: 'AQM=' }], false],
    ['a recovery code and a key', [recovery, fido2], false],
    ['a short salt', [{ ...fido2, salt: 'AQI=' }], false],
    ['no credential', [{ ...fido2, credentialId: '' }], false],
    ['a flag that is no flag', [{ ...fido2, uv: 1 }], false],
    ['a third slot', [{ ...otp, slot: 3 }], false],
    ['a serial number that is none', [{ ...otp, serial: -1 }], false],
    ['a short challenge', [{ ...otp, challenge: 'AQI=' }], false],
    ['a kind of a later version', [argon, { type: 'iris' }], false],
    ['nothing', [], false],
  ])('%s', (_name, factors, usable) => {
    const bytes = descriptor(factors);
    expect(readSlot(bytes).usable).toBe(usable);
    expect(parseSlotDescriptor(bytes) !== null).toBe(usable);
  });

  test('both readers agree on whatever is changed in one', () => {
    const values = fc.oneof(
      fc.constantFrom(null, '', 'AQI=', true, false, 1, 2, 3, -1, 1.5, 2 ** 33, [], {}),
      fc.base64String({ maxLength: 64 }),
    );
    const field = fc.constantFrom(
      'type',
      'rpId',
      'credentialId',
      'publicKey',
      'salt',
      'uv',
      'serial',
      'slot',
      'challenge',
    );
    fc.assert(
      fc.property(fc.constantFrom(fido2, otp), field, values, fc.boolean(), (factor, name, value, withPassword) => {
        const changed = { ...factor, [name]: value };
        const bytes = descriptor(withPassword ? [argon, changed] : [changed]);
        expect(parseSlotDescriptor(bytes) !== null).toBe(readSlot(bytes).usable);
      }),
      { seed: 15, numRuns: 2000 },
    );
  });
});
