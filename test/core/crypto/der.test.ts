import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../../../src/core/crypto/bytes.ts';
import { DER, derElement, derElements, derSequence } from '../../../src/core/crypto/der.ts';

const tag = fc.constantFrom(DER.integer, DER.bitString, DER.octetString, DER.sequence, 0x80, 0xa1);
const content = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc.constantFrom(127, 128, 255, 256, 65_535, 65_536).map((length) => new Uint8Array(length).fill(length)),
);

describe('DER', () => {
  test('what was written is read back, whatever the length', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(tag, content), { maxLength: 4 }), (parts) => {
        const encoded = parts.map(([name, value]) => derElement(name, value));
        const sequence = derSequence(derElement(DER.sequence, ...encoded));
        expect(sequence?.map((element) => [element.tag, toHex(element.value)])).toEqual(
          parts.map(([name, value]) => [name, toHex(value)]),
        );
        expect(sequence?.map((element) => toHex(element.encoded))).toEqual(encoded.map(toHex));
      }),
    );
  });

  test('any bytes are read or refused, and what is read is written again as it was', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        const elements = derElements(bytes);
        if (elements === null) return;
        expect(elements.map(({ tag: name, value }) => toHex(derElement(name, value))).join('')).toBe(toHex(bytes));
      }),
      { numRuns: 2000 },
    );
  });

  test.each([
    ['nothing after the tag', '04'],
    ['fewer contents than told', '0402aa'],
    ['indefinite length', '3080040100000000'],
    ['a long form that a short one would do for', '048101aa'],
    ['a leading zero in the length', `04820080${'aa'.repeat(128)}`],
    ['a length of four bytes', '048400000001aa'],
    ['a tag of several bytes', '1f810100'],
    ['something behind', '0401aa04'],
  ])('%s is refused', (_, hex) => {
    expect(derElements(fromHex(hex))).toBeNull();
  });

  test('a sequence is one element of that tag', () => {
    expect(derSequence(fromHex('3003040100'))).toHaveLength(1);
    expect(derSequence(fromHex('3000'))).toEqual([]);
    for (const hex of ['', '040100', '30003000', '3002040100', '30030402aa']) {
      expect(derSequence(fromHex(hex)), hex).toBeNull();
    }
  });
});
