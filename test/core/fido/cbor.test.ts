import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../../../src/core/crypto/bytes.ts';
import { type CborKey, type CborValue, cborMap, decodeCbor, encodeCbor } from '../../../src/core/fido/cbor.ts';
import { GET_INFO, GET_INFO_EXTRA, PACKED_RESPONSE } from './vectors.ts';

/** RFC 8949, appendix A, as far as CTAP's form allows it. */
const EXAMPLES: readonly (readonly [string, CborValue])[] = [
  ['00', 0],
  ['17', 23],
  ['1818', 24],
  ['1864', 100],
  ['1903e8', 1000],
  ['1a000f4240', 1_000_000],
  ['1b000000e8d4a51000', 1_000_000_000_000],
  ['1bffffffffffffffff', 18_446_744_073_709_551_615n],
  ['3bffffffffffffffff', -18_446_744_073_709_551_616n],
  ['20', -1],
  ['29', -10],
  ['3863', -100],
  ['3903e7', -1000],
  ['f4', false],
  ['f5', true],
  ['f6', null],
  ['40', new Uint8Array()],
  ['4401020304', Uint8Array.of(1, 2, 3, 4)],
  ['60', ''],
  ['6449455446', 'IETF'],
  ['62c3bc', 'ü'],
  ['64f0908591', '\ud800\udd51'],
  ['80', []],
  ['83010203', [1, 2, 3]],
  ['8301820203820405', [1, [2, 3], [4, 5]]],
  ['a0', cborMap()],
  ['a201020304', cborMap([1, 2], [3, 4])],
  ['a26161016162820203', cborMap(['a', 1], ['b', [2, 3]])],
];

const FLAWS = [
  ['nothing', '', 'Truncated'],
  ['a cut length', '19', 'Truncated'],
  ['a cut byte string', '4301', 'Truncated'],
  ['a cut text', '6261', 'Truncated'],
  ['a cut array', '8201', 'Truncated'],
  ['a cut map', 'a101', 'Truncated'],
  ['an array of 2^64 items', '9bffffffffffffffff', 'Truncated'],
  ['a map of 2^32 entries', 'ba80000000', 'Truncated'],
  ['a byte string of 2^63 bytes', '5b8000000000000000', 'Truncated'],
  ['something behind', '0000', 'TrailingBytes'],
  ['a map with something behind', 'a000', 'TrailingBytes'],
  ['23 in two bytes', '1817', 'NonCanonicalLength'],
  ['255 in three bytes', '1900ff', 'NonCanonicalLength'],
  ['65535 in five bytes', '1a0000ffff', 'NonCanonicalLength'],
  ['2^32-1 in nine bytes', '1b00000000ffffffff', 'NonCanonicalLength'],
  ['-24 in two bytes', '3817', 'NonCanonicalLength'],
  ['a length in two bytes', '580101', 'NonCanonicalLength'],
  ['the length of an array in two bytes', '980100', 'NonCanonicalLength'],
  ['the length of a map in two bytes', 'b8010000', 'NonCanonicalLength'],
  ['bytes of no stated length', '5f4101ff', 'IndefiniteLength'],
  ['text of no stated length', '7f6161ff', 'IndefiniteLength'],
  ['an array of no stated length', '9f00ff', 'IndefiniteLength'],
  ['a map of no stated length', 'bf0000ff', 'IndefiniteLength'],
  ['a break alone', 'ff', 'IndefiniteLength'],
  ['a reserved length', '1c', 'ReservedLength'],
  ['a reserved length of bytes', '5e', 'ReservedLength'],
  ['a tag', 'c000', 'Tag'],
  ['the tag of CBOR itself', 'd9d9f700', 'Tag'],
  ['a half float', 'f90000', 'Float'],
  ['a float', 'fa00000000', 'Float'],
  ['a double', 'fb0000000000000000', 'Float'],
  ['undefined', 'f7', 'SimpleValue'],
  ['an unassigned simple value', 'e0', 'SimpleValue'],
  ['a simple value in two bytes', 'f8ff', 'SimpleValue'],
  ['five levels of arrays', '818181818100', 'TooDeep'],
  ['five levels of maps', 'a100a100a100a100a10000', 'TooDeep'],
  ['integers out of order', 'a202000100', 'UnsortedKeys'],
  ['a negative key before a positive one', 'a220000000', 'UnsortedKeys'],
  ['a longer key first', 'a2626161006162 00'.replace(' ', ''), 'UnsortedKeys'],
  ['texts out of order', 'a2616200616100', 'UnsortedKeys'],
  ['a text before an integer', 'a26161000100', 'UnsortedKeys'],
  ['a key twice', 'a201000100', 'DuplicateKey'],
  ['a text twice', 'a2616100616100', 'DuplicateKey'],
  ['a byte string as key', 'a1410000', 'KeyType'],
  ['an array as key', 'a18000', 'KeyType'],
  ['a boolean as key', 'a1f500', 'KeyType'],
  ['half a character', '61c3', 'InvalidUtf8'],
  ['a surrogate', '63eda080', 'InvalidUtf8'],
] as const;

const key: fc.Arbitrary<CborKey> = fc.oneof(fc.maxSafeInteger(), fc.string({ unit: 'binary', maxLength: 30 }));
const value = (levels: number): fc.Arbitrary<CborValue> =>
  fc.oneof(
    fc.maxSafeInteger(),
    fc.integer({ min: -70_000, max: 70_000 }),
    fc.string({ unit: 'binary', maxLength: 30 }),
    fc.boolean(),
    fc.constant(null),
    fc.uint8Array({ maxLength: 300 }),
    ...(levels === 0
      ? []
      : [
          fc.array(value(levels - 1), { maxLength: 4 }),
          fc.array(fc.tuple(key, value(levels - 1)), { maxLength: 5 }).map((entries) => cborMap(...entries)),
        ]),
  );

describe('CTAP’s canonical CBOR', () => {
  test.each(EXAMPLES)('%s', (hex, example) => {
    expect(toHex(encodeCbor(example))).toBe(hex);
    expect(decodeCbor(fromHex(hex))).toMatchObject({ ok: true, value: example });
  });

  test.each(FLAWS)('%s is refused', (_, hex, flaw) => {
    expect(decodeCbor(fromHex(hex))).toEqual({ ok: false, flaw });
  });

  test('four levels are read and written, five are not written', () => {
    expect(decodeCbor(fromHex('8181818100')).ok).toBe(true);
    expect(toHex(encodeCbor([[[[0]]]]))).toBe('8181818100');
    expect(() => encodeCbor([[[[[0]]]]])).toThrow(RangeError);
  });

  test('what is no integer of 64 bits is not written', () => {
    for (const wrong of [0.5, Number.NaN, 2n ** 64n, -(2n ** 64n) - 1n]) {
      expect(() => encodeCbor(wrong), String(wrong)).toThrow(RangeError);
    }
  });

  test('what was written is read back', () => {
    fc.assert(
      fc.property(value(4), (one) => {
        const read = decodeCbor(encodeCbor(one));
        expect(read).toMatchObject({ ok: true, value: one });
      }),
    );
  });

  test('any bytes are refused or are the one encoding of what they say', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const read = decodeCbor(bytes);
        if (read.ok) expect(toHex(encodeCbor(read.value))).toBe(toHex(bytes));
      }),
      { numRuns: 5000 },
    );
  });

  test('answers of real security keys are canonical', () => {
    for (const answer of [GET_INFO, GET_INFO_EXTRA, PACKED_RESPONSE]) {
      const read = decodeCbor(answer);
      expect(read.ok && toHex(encodeCbor(read.value))).toBe(toHex(answer));
    }
  });
});
