import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeCbor } from '../../../src/aws/protocol/cbor/decode-cbor.ts';
import { encodeCbor } from '../../../src/aws/protocol/cbor/encode-cbor.ts';
import { MalformedInput } from '../../../src/aws/protocol/malformed-input.ts';

const hex = (text: string): Buffer => Buffer.from(text, 'hex');

/** RFC 8949, appendix A, as far as Smithy RPC v2 has the kind: encoded, decoded, and whether we write it that way. */
const EXAMPLES: readonly (readonly [string, unknown, boolean])[] = [
  ['00', 0, true],
  ['0a', 10, true],
  ['17', 23, true],
  ['1818', 24, true],
  ['1864', 100, true],
  ['1903e8', 1000, true],
  ['1a000f4240', 1_000_000, true],
  ['1b000000e8d4a51000', 1_000_000_000_000, true],
  ['1bffffffffffffffff', 18_446_744_073_709_551_615n, true],
  ['3bffffffffffffffff', -18_446_744_073_709_551_616n, true],
  ['20', -1, true],
  ['29', -10, true],
  ['3863', -100, true],
  ['3903e7', -1000, true],
  ['f90000', 0, false],
  ['f98000', -0, false],
  ['f93c00', 1, false],
  ['fb3ff199999999999a', 1.1, true],
  ['f93e00', 1.5, false],
  ['f97bff', 65_504, false],
  ['fa47c35000', 100_000, false],
  ['fa7f7fffff', 3.4028234663852886e38, false],
  ['fb7e37e43c8800759c', 1.0e300, true],
  ['f90001', 2 ** -24, false],
  ['f90400', 0.00006103515625, false],
  ['f9c400', -4, false],
  ['fbc010666666666666', -4.1, true],
  ['f97c00', Number.POSITIVE_INFINITY, false],
  ['f97e00', Number.NaN, false],
  ['f9fc00', Number.NEGATIVE_INFINITY, false],
  ['fb7ff0000000000000', Number.POSITIVE_INFINITY, true],
  ['f4', false, true],
  ['f5', true, true],
  ['f6', null, true],
  ['c11a514b67b0', new Date(1_363_896_240_000), true],
  ['c1fb41d452d9ec200000', new Date(1_363_896_240_500), true],
  ['40', Buffer.alloc(0), true],
  ['4401020304', hex('01020304'), true],
  ['60', '', true],
  ['6449455446', 'IETF', true],
  ['62225c', '"\\', true],
  ['62c3bc', 'ü', true],
  ['64f0908591', '\u{10151}', true],
  ['80', [], true],
  ['83010203', [1, 2, 3], true],
  ['8301820203820405', [1, [2, 3], [4, 5]], true],
  ['98190102030405060708090a0b0c0d0e0f101112131415161718181819', Array.from({ length: 25 }, (_, i) => i + 1), true],
  ['a0', {}, true],
  ['a26161016162820203', { a: 1, b: [2, 3] }, true],
  ['826161a161626163', ['a', { b: 'c' }], true],
  ['5f42010243030405ff', hex('0102030405'), false],
  ['7f657374726561646d696e67ff', 'streaming', false],
  ['9fff', [], false],
  ['9f018202039f0405ffff', [1, [2, 3], [4, 5]], false],
  ['bf61610161629f0203ffff', { a: 1, b: [2, 3] }, false],
  ['bf6346756ef563416d7421ff', { Fun: true, Amt: -2 }, false],
];

describe('the examples of RFC 8949', () => {
  test.each(EXAMPLES)('%s', (text, value, written) => {
    expect(decodeCbor(hex(text))).toEqual(value);
    if (written) expect(encodeCbor(value).toString('hex')).toBe(text);
  });
});

test.each([
  ['nothing', ''],
  ['a second item', '0000'],
  ['a text that ends too early', '6261'],
  ['a text that is not UTF-8', '61ff'],
  ['an array longer than the body', '9a7fffffff00'],
  ['a map longer than the body', 'bb7fffffffffffffff6161'],
  ['a key that is no text', 'a10101'],
  ['the same key twice', 'a2616101616102'],
  ['a big number', 'c249010000000000000000'],
  ['a date as text', 'c074323031332d30332d32315432303a30343a30305a'],
  ['a break where there is nothing to end', 'ff'],
  ['an array without an end', '9f01'],
  ['a reserved length', '1c'],
  ['an unassigned simple value', 'f0'],
  ['a string within pieces of another kind', '5f6161ff'],
  ['pieces within pieces', '5f5f4100ffff'],
  ['too many levels', '81'.repeat(70) + '00'],
])('%s is malformed', (_, text) => {
  expect(() => decodeCbor(hex(text))).toThrow(MalformedInput);
});

test('what is written is read again (property)', () => {
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.integer(),
      fc.maxSafeInteger(),
      fc.bigInt({ min: 2n ** 53n, max: 2n ** 64n - 1n }),
      fc.double({ noNaN: true }).map((number) => (Object.is(number, -0) ? 0.5 : number)),
      fc.boolean(),
      fc.constant(null),
      fc.string({ unit: 'binary' }).filter((text) => text.isWellFormed()),
      fc.uint8Array().map((bytes) => Buffer.from(bytes)),
      fc.date({ noInvalidDate: true, min: new Date('1900-01-01'), max: new Date('2200-01-01') }),
      fc.array(tie('value'), { maxLength: 5 }),
      fc.dictionary(fc.string({ maxLength: 5 }), tie('value'), { maxKeys: 5 }),
    ),
  }));
  fc.assert(
    fc.property(value, (one) => {
      expect(decodeCbor(encodeCbor(one))).toEqual(one);
    }),
    { seed: 8949 },
  );
});

test('whatever arrives is read or malformed (property)', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      try {
        decodeCbor(Buffer.from(bytes));
      } catch (error) {
        expect(error).toBeInstanceOf(MalformedInput);
      }
    }),
    { seed: 8949, numRuns: 5000 },
  );
});
