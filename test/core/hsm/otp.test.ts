import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { codeOf } from '../../../src/core/hsm/otp/codes.ts';
import type { Hsm, ObjectAttributes, OtpAlgorithm, OtpParameters } from '../../../src/core/hsm/protocol.ts';
import {
  createTestVault,
  FLOOR,
  PASSWORD,
  replyKey,
  sealFor,
  startTestHsm,
  type TestVault,
} from '../../support/hsm.ts';
import { type SmallSet, smallSet } from '../../support/small-set.ts';

const RFC_SEED = '12345678901234567890';
const id = 'ab'.repeat(16);
let now = 0;
let hsm: Hsm;
let vault: TestVault;
let set: SmallSet;

const TOTP: OtpParameters = { type: 'totp', algorithm: 'SHA1', digits: 6, period: 30, next: 0 };
const HOTP: OtpParameters = { type: 'hotp', algorithm: 'SHA1', digits: 6, period: 0, next: 0 };

beforeAll(async () => {
  hsm = startTestHsm({ clock: { now: () => now, monotonic: () => now } });
  vault = await createTestVault(hsm);
  set = smallSet(hsm, vault);
});

async function imported(otp: OtpParameters, seed: Uint8Array | string = RFC_SEED) {
  const own = randomBytes(16).toString('hex');
  const sealed = await sealFor(hsm, 'otp-seed', seed);
  const { blob } = await hsm.call('importOtpSeed', { id: own, sealed, label: 'x', createdAt: 1, otp });
  await set.commit({ put: [{ id: own, kind: 'object', version: 1, sealed: blob }] });
  return { id: own, version: 1, blob };
}

/** Takes a code and commits it, as a daemon does. */
async function use(key: { id: string; version: number; blob: Uint8Array }) {
  const answer = await hsm.call('otpClaim', { key });
  if ('wait' in answer) return answer;
  const { version, blob } = answer.claimed;
  await set.commit({ put: [{ id: key.id, kind: 'object', version, sealed: blob }] });
  return { ...(await hsm.call('otpCode', { id: key.id, version })), key: { id: key.id, version, blob } };
}

describe('published vectors', () => {
  test('RFC 4226, Appendix D', () => {
    const seed = new TextEncoder().encode(RFC_SEED);
    const codes = Array.from({ length: 10 }, (_, step) => codeOf(seed, HOTP, step).code);
    expect(codes).toEqual('755224 287082 359152 969429 338314 254676 287922 162583 399871 520489'.split(' '));
  });

  const TABLE: [number, Record<OtpAlgorithm, string>][] = [
    [59, { SHA1: '94287082', SHA256: '46119246', SHA512: '90693936' }],
    [1_111_111_109, { SHA1: '07081804', SHA256: '68084774', SHA512: '25091201' }],
    [1_111_111_111, { SHA1: '14050471', SHA256: '67062674', SHA512: '99943326' }],
    [1_234_567_890, { SHA1: '89005924', SHA256: '91819424', SHA512: '93441116' }],
    [2_000_000_000, { SHA1: '69279037', SHA256: '90698825', SHA512: '38618901' }],
    [20_000_000_000, { SHA1: '65353130', SHA256: '77737706', SHA512: '47863826' }],
  ];
  test.each(['SHA1', 'SHA256', 'SHA512'] as const)('RFC 6238, Appendix B, %s', async (algorithm) => {
    const length = { SHA1: 20, SHA256: 32, SHA512: 64 }[algorithm];
    let key = await imported({ ...TOTP, algorithm, digits: 8 }, RFC_SEED.repeat(4).slice(0, length));
    for (const [seconds, codes] of TABLE) {
      now = seconds * 1000;
      expect((await hsm.call('otpShow', { key })).current?.code).toBe(codes[algorithm]);
      const used = await use(key);
      if ('wait' in used) throw new Error('the step was free');
      expect(used.code).toBe(codes[algorithm]);
      key = used.key;
    }
  });
});

test('1,000 codes are those of oathtool', { timeout: 120_000 }, (context) => {
  if (spawnSync('oathtool', ['--version']).status !== 0) return context.skip('oathtool is not installed');
  // One process for a window of 50 codes of each kind of device.
  for (let at = 0; at < 20; at += 1) {
    const algorithm = (['SHA1', 'SHA256', 'SHA512'] as const)[at % 3] ?? 'SHA1';
    const digits = 6 + (at % 3);
    const seed = new Uint8Array(randomBytes(10 + at * 3));
    const period = [30, 60, 15, 1, 3600][at % 5] ?? 30;
    const from = 1_700_000_000 + at * 77_777;
    const hotp = at % 4 === 0;
    const hex = Buffer.from(seed).toString('hex');
    // oathtool's HOTP knows SHA-1 alone.
    const parameters: OtpParameters = hotp ? { ...HOTP, digits } : { ...TOTP, algorithm, digits, period };
    const options = hotp
      ? ['--hotp', `--counter=${at * 1000}`]
      : [
          `--totp=${algorithm}`,
          `--time-step-size=${period}s`,
          `--now=${new Date(from * 1000).toISOString().replace('T', ' ').slice(0, 19)} UTC`,
        ];
    const theirs = execFileSync('oathtool', [...options, `--digits=${digits}`, '--window=49', hex], {
      encoding: 'utf8',
    });
    const first = hotp ? at * 1000 : Math.floor(from / period);
    const ours = Array.from({ length: 50 }, (_, step) => codeOf(seed, parameters, first + step).code);
    expect(ours).toEqual(theirs.trim().split('\n'));
  }
});

describe('a step is used once', () => {
  test('the code of a claim leaves after its commit, and then once', async () => {
    now = 1_000_000_000_000;
    const key = await imported(TOTP);
    const answer = await hsm.call('otpClaim', { key });
    if ('wait' in answer) throw new Error('the step was free');
    const { version, blob, step } = answer.claimed;
    expect(step).toBe(Math.floor(now / 30_000));
    await expect(hsm.call('otpCode', { id: key.id, version })).rejects.toMatchObject({ code: 'HsmRefused' });
    // Another version of the object is not what was claimed.
    const other = await hsm.call('updateObject', { key, label: 'y' });
    await set.commit(
      { put: [{ id: key.id, kind: 'object', version: other.version, sealed: other.blob }] },
      { write: false },
    );
    await expect(hsm.call('otpCode', { id: key.id, version })).rejects.toMatchObject({ code: 'HsmRefused' });
    await set.commit({ put: [{ id: key.id, kind: 'object', version, sealed: blob }] });
    expect(await hsm.call('otpCode', { id: key.id, version })).toMatchObject({ step, validFrom: step * 30_000 });
    await expect(hsm.call('otpCode', { id: key.id, version })).rejects.toMatchObject({ code: 'HsmRefused' });
  });

  test('the next use waits, whatever version of the object is shown', async () => {
    now = 1_000_000_000_000 + 10_000;
    const key = await imported(TOTP);
    const used = await use(key);
    if ('wait' in used) throw new Error('the step was free');
    for (const ref of [key, used.key]) {
      const wait = 30_000 - (now % 30_000);
      expect(await hsm.call('otpClaim', { key: ref })).toEqual({ wait });
      const shown = await hsm.call('otpShow', { key: ref });
      expect(shown).toMatchObject({ current: null, usableFrom: now + wait, next: { step: used.step + 1 } });
    }
    now += 30_000;
    expect(await use(used.key)).toMatchObject({ step: used.step + 1 });
  });

  test('a process that starts anew reads what was used in the object', async () => {
    now = 1_200_000_000_000;
    const key = await imported(TOTP);
    const used = await use(key);
    if ('wait' in used) throw new Error('the step was free');
    const another = startTestHsm({ clock: { now: () => now, monotonic: () => now } });
    await another.call('unlock', {
      vaultId: vault.vaultId,
      secret: { factor: 'password', sealed: await sealFor(another, 'password', PASSWORD) },
      head: set.head,
      headMac: set.headMac,
    });
    expect(await another.call('otpClaim', { key: used.key })).toHaveProperty('wait');
  });

  test('HOTP counts on, also over a claim that was never committed', async () => {
    const key = await imported({ ...HOTP, next: 5 });
    expect(await hsm.call('otpShow', { key })).toEqual({ current: null, next: null, usableFrom: 0 });
    await hsm.call('otpClaim', { key });
    expect(await use(key)).toMatchObject({ step: 6, code: '287922' });
  });

  test('other keys make no codes, and a seed does nothing else', async () => {
    const key = await imported(TOTP);
    await expect(hsm.call('hmac', { key, algorithm: 'SHA-256', message: new Uint8Array(1) })).rejects.toMatchObject({
      code: 'HsmRefused',
    });
    await expect(hsm.call('openToken', { key })).rejects.toMatchObject({ code: 'HsmRefused' });
    const attributes: Omit<ObjectAttributes, 'id'> = {
      class: 'secret-key',
      spec: 'GENERIC_SECRET',
      usage: ['mac'],
      extractable: false,
      label: 'x',
      createdAt: 1,
      policy: {},
    };
    const { blob } = await hsm.call('generateObject', { id, attributes });
    await expect(hsm.call('otpShow', { key: { id, version: 1, blob } })).rejects.toMatchObject({ code: 'HsmRefused' });
  });
});

describe('a seed', () => {
  test('leaves to who proves the password, and to nobody else', async () => {
    const key = await imported(TOTP);
    const { raw, pair } = await replyKey();
    const ask = async (password: string) =>
      hsm.call('otpExport', {
        key,
        secret: { factor: 'password', sealed: await sealFor(hsm, 'password', password) },
        slots: vault.slots,
        enrolled: [],
        replyKey: raw,
      });
    await expect(ask('another one')).rejects.toMatchObject({ code: 'WrongSecret' });
    const { seed } = await ask(PASSWORD);
    expect(new TextDecoder().decode(await pair.open(seed, 'otp-seed'))).toBe(RFC_SEED);
  });

  test('is no part of an account file, going out or coming in', async () => {
    const key = await imported(TOTP);
    const { transfer } = await hsm.call('beginAccountExport', {
      fileId: new Uint8Array(16),
      slotId: '0'.repeat(16),
      passphrase: await sealFor(hsm, 'passphrase', 'x'),
      kdf: FLOOR,
      createdAt: 1,
    });
    const record = { id: key.id, kind: 'object' as const, version: 1, blob: key.blob };
    await expect(hsm.call('exportRecords', { transfer, records: [record] })).rejects.toMatchObject({
      code: 'HsmRefused',
    });
    await hsm.call('dropTransfer', {});
  });

  test('is compared without being told', async () => {
    const key = await imported(TOTP);
    const same = async (seed: string) =>
      (await hsm.call('compareOtpSeed', { key, sealed: await sealFor(hsm, 'otp-seed', seed) })).same;
    expect(await same(RFC_SEED)).toBe(true);
    expect(await same(`${RFC_SEED}1`)).toBe(false);
  });

  test('of a size or with parameters that nobody uses is refused', async () => {
    await expect(imported(TOTP, 'short')).rejects.toMatchObject({ code: 'InvalidInput' });
    for (const wrong of [{ period: 0 }, { period: 3601 }, { digits: 5 }, { digits: 9 }]) {
      await expect(imported({ ...TOTP, ...wrong })).rejects.toMatchObject({ code: 'InvalidInput' });
    }
    await expect(imported({ ...HOTP, period: 30 })).rejects.toMatchObject({ code: 'InvalidInput' });
  });
});
