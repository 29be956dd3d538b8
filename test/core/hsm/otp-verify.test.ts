import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { systemRandom } from '../../../src/core/crypto/random.ts';
import { codeOf } from '../../../src/core/hsm/otp/codes.ts';
import type { Hsm, OtpParameters } from '../../../src/core/hsm/protocol.ts';
import { createTestVault, sealFor, startTestHsm, type TestVault } from '../../support/hsm.ts';
import { missing } from '../../support/scenario.ts';
import { type SmallSet, smallSet } from '../../support/small-set.ts';

const TOTP: OtpParameters = { type: 'totp', algorithm: 'SHA1', digits: 6, period: 30, next: 0 };
const noOathtool = missing('oathtool', ['--version'], 'oathtool');

const SEED_BYTES = 40;
/** What the HSM has in its own memory of the seeds that it made. */
const drawn: Uint8Array[] = [];

let now = 0;
let hsm: Hsm;
let vault: TestVault;
let set: SmallSet;
let key: { id: string; version: number; blob: Uint8Array };
let seed: Uint8Array;

beforeAll(async () => {
  const random = {
    bytes(length: number) {
      const bytes = systemRandom.bytes(length);
      if (length === SEED_BYTES) drawn.push(bytes);
      return bytes;
    },
  };
  hsm = startTestHsm({ random, clock: { now: () => now, monotonic: () => now } });
  vault = await createTestVault(hsm);
  set = smallSet(hsm, vault);
});

beforeEach(async () => {
  now = 1_795_000_000_000;
  const id = randomBytes(16).toString('hex');
  const made = await hsm.call('generateOtpSeed', { id, label: 'x', createdAt: 1, otp: TOTP });
  seed = made.seed;
  key = { id, version: 1, blob: made.blob };
  await set.commit({ put: [{ id, kind: 'object', version: 1, sealed: made.blob }] });
});

test('a seed is wiped where it was made, once it has been answered', () => {
  expect(seed.some((byte) => byte !== 0)).toBe(true);
  expect(drawn.at(-1)).toEqual(new Uint8Array(SEED_BYTES));
});

const step = (): number => Math.floor(now / 30_000);
const code = (at: number): string => codeOf(seed, TOTP, at).code;

/** Verifies and commits, as a daemon does; the last code's step, or null. */
async function verify(codes: string[], window = 20): Promise<number | null> {
  const { verified } = await hsm.call('otpVerify', { key, codes, window });
  if (verified === null) return null;
  key = { id: key.id, version: verified.version, blob: verified.blob };
  await set.commit({ put: [{ id: key.id, kind: 'object', version: verified.version, sealed: verified.blob }] });
  return verified.step;
}

describe('codes of a verifier', () => {
  test.skipIf(noOathtool !== null)('are those that oathtool makes of the seed', async () => {
    const hex = Buffer.from(seed).toString('hex');
    const made = execFileSync('oathtool', ['--totp', '-d', '6', '-w', '1', '-N', `@${now / 1000}`, hex]);
    expect(await verify(made.toString().trim().split('\n'))).toBe(step() + 1);
  });

  test('follow on one another', async () => {
    const at = step();
    expect(await verify([code(at), code(at)])).toBeNull();
    expect(await verify([code(at), code(at - 1)])).toBeNull();
    expect(await verify([code(at), code(at + 2)])).toBeNull();
    expect(await verify([code(at), code(at + 1)])).toBe(at + 1);
  });

  test('are of use once, the second of a pair too', async () => {
    const at = step();
    expect(await verify([code(at), code(at + 1)])).toBe(at + 1);
    expect(await verify([code(at), code(at + 1)])).toBeNull();
    expect(await verify([code(at + 1), code(at + 2)])).toBeNull();
    expect(await verify([code(at + 1)], 1)).toBeNull();
    expect(await verify([code(at + 2), code(at + 3)])).toBe(at + 3);
  });

  test('are looked for in the window and not beyond', async () => {
    const at = step();
    expect(await verify([code(at - 22), code(at - 21)])).toBeNull();
    expect(await verify([code(at + 20), code(at + 21)])).toBeNull();
    expect(await verify([code(at - 21), code(at - 20)])).toBe(at - 20);
    expect(await verify([code(at + 19), code(at + 20)])).toBe(at + 20);
  });

  test('stay used when what was verified is not committed, or an older object is shown', async () => {
    const at = step();
    const before = key;
    const codes = [code(at), code(at + 1)];
    expect((await hsm.call('otpVerify', { key, codes, window: 20 })).verified).not.toBeNull();
    expect(await verify(codes)).toBeNull();
    expect(await verify([code(at + 2)], 2)).toBe(at + 2);
    key = before;
    expect(await verify([code(at + 2)], 2)).toBeNull();
  });

  test('of any number of codes are tried in a window that leaves little to guess', async () => {
    for (const [codes, window] of [
      [['123456'], 3],
      [['123456', '123456'], 61],
      [['123456', '123456', '123456'], 1],
      [[], 0],
      [['12345'], 1],
      [['12345a'], 1],
    ] as const) {
      await expect(hsm.call('otpVerify', { key, codes: [...codes], window })).rejects.toMatchObject({
        code: 'InvalidInput',
      });
    }
  });
});

test('no sequence of clocks and codes has a step accepted twice', async () => {
  const offset = fc.integer({ min: -25, max: 25 });
  const attempt = fc.record({
    jump: fc.integer({ min: -90, max: 900 }),
    first: offset,
    gap: fc.integer({ min: -1, max: 2 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(attempt, { minLength: 1, maxLength: 12 }), async (attempts) => {
      const id = randomBytes(16).toString('hex');
      const made = await hsm.call('generateOtpSeed', { id, label: 'x', createdAt: 1, otp: TOTP });
      ({ seed } = made);
      key = { id, version: 1, blob: made.blob };
      await set.commit({ put: [{ id, kind: 'object', version: 1, sealed: made.blob }] });
      let free = 0;
      for (const { jump, first, gap } of attempts) {
        now += jump * 1000;
        const at = step() + first;
        const last = at + 1;
        const follows = code(at + gap) === code(at + 1);
        const right = follows && at >= free && last >= step() - 20 && last <= step() + 20;
        expect(await verify([code(at), code(at + gap)])).toBe(right ? last : null);
        if (right) free = last + 1;
      }
    }),
    { numRuns: process.env['KEYHOLD_TEST_FULL'] === '1' ? 2000 : 40, seed: 20261128 },
  );
});

test('a seed that verifies makes no codes and does not leave, and one that makes them does not verify', async () => {
  for (const call of [hsm.call('otpShow', { key }), hsm.call('otpClaim', { key })]) {
    await expect(call).rejects.toMatchObject({ code: 'HsmRefused' });
  }
  const id = randomBytes(16).toString('hex');
  const sealed = await sealFor(hsm, 'otp-seed', seed);
  const { blob } = await hsm.call('importOtpSeed', { id, sealed, label: 'x', createdAt: 1, otp: TOTP });
  const own = { id, version: 1, blob };
  await expect(hsm.call('otpVerify', { key: own, codes: ['123456'], window: 1 })).rejects.toMatchObject({
    code: 'HsmRefused',
  });
});
