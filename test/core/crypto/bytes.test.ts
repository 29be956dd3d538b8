import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  concat,
  fromBase64,
  fromHex,
  lp,
  readLp,
  readU32,
  toBase64,
  toHex,
  u32,
  u64,
} from '../../../src/core/crypto/bytes.ts';

const bytes = fc.uint8Array({ maxLength: 200 });

describe('integers', () => {
  test('are big-endian', () => {
    expect(toHex(u32(0x01020304))).toBe('01020304');
    expect(toHex(u32(0xffff_ffff))).toBe('ffffffff');
    expect(toHex(u64(0x01_0203_0405_0607))).toBe('0001020304050607');
    expect(toHex(u64(Number.MAX_SAFE_INTEGER))).toBe('001fffffffffffff');
  });

  test.each([-1, 0.5, 2 ** 32, Number.NaN])('u32 refuses %s', (value) => {
    expect(() => u32(value)).toThrow(RangeError);
  });

  test.each([-1, 0.5, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY])('u64 refuses %s', (value) => {
    expect(() => u64(value)).toThrow(RangeError);
  });

  test('readU32 reads what u32 wrote, at any offset', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffff_ffff }), bytes, (value, before) => {
        expect(readU32(concat(before, u32(value)), before.length)).toBe(value);
      }),
      { seed: 1 },
    );
  });
});

test('lp values come back in order, and a cut one is null', () => {
  fc.assert(
    fc.property(bytes, bytes, (first, second) => {
      const joined = concat(lp(first), lp(second));
      const one = readLp(joined, 0);
      const two = readLp(joined, one?.next ?? -1);
      expect([one?.value, two?.value, two?.next]).toEqual([first, second, joined.length]);
      expect(readLp(joined.subarray(0, joined.length - 1), one?.next ?? -1)).toBeNull();
    }),
    { seed: 2 },
  );
});

test('hex and base64 round-trip and are strict', () => {
  fc.assert(
    fc.property(bytes, (value) => {
      expect(fromHex(toHex(value))).toEqual(value);
      expect(fromBase64(toBase64(value))).toEqual(value);
    }),
    { seed: 3 },
  );
  for (const bad of ['a', 'zz', '0 ', '0x00']) expect(() => fromHex(bad)).toThrow(RangeError);
  for (const bad of ['A', 'A===', 'AA', 'AB==', 'A_==', 'AAAA\n', ' AAA']) expect(fromBase64(bad)).toBeNull();
});

test('decoded bytes own their buffer', () => {
  expect(fromHex('0102').buffer.byteLength).toBe(2);
  expect(fromBase64('AQI=')?.buffer.byteLength).toBe(2);
});
