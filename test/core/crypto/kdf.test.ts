import { argon2id as nobleArgon2id } from '@noble/hashes/argon2.js';
import { describe, expect, test } from 'vitest';
import { toHex, utf8 } from '../../../src/core/crypto/bytes.ts';
import { ARGON2_FLOOR, argon2id, isAcceptableArgon2Cost } from '../../../src/core/crypto/kdf.ts';

describe('Argon2id', () => {
  test('at the floor equals an independent implementation of RFC 9106', { timeout: 60_000 }, async () => {
    const salt = Uint8Array.from({ length: 16 }, (_, index) => index);
    const input = utf8('pässword');
    const ours = await argon2id(input, salt, ARGON2_FLOOR);
    const theirs = nobleArgon2id(input, salt, { m: 65_536, t: 3, p: 1, dkLen: 32, version: 0x13 });
    expect(toHex(ours)).toBe(toHex(theirs));
  });

  const ok = { memoryKiB: 65_536, passes: 3, parallelism: 1 };
  test.each([
    [ok, true],
    [{ ...ok, memoryKiB: 4_194_304, passes: 64 }, true],
    [{ ...ok, memoryKiB: 65_535 }, false],
    [{ ...ok, memoryKiB: 4_194_305 }, false],
    [{ ...ok, memoryKiB: 65_536.5 }, false],
    [{ ...ok, passes: 2 }, false],
    [{ ...ok, passes: 65 }, false],
    [{ ...ok, passes: Number.NaN }, false],
    [{ ...ok, parallelism: 0 }, false],
    [{ ...ok, parallelism: 2 }, false],
  ])('%j accepted: %s', async (cost, accepted) => {
    expect(isAcceptableArgon2Cost(cost)).toBe(accepted);
    if (!accepted) await expect(argon2id(utf8('x'), new Uint8Array(16), cost)).rejects.toThrow(RangeError);
  });
});
