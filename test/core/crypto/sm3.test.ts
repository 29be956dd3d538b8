import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { concat, toHex, utf8 } from '../../../src/core/crypto/bytes.ts';
import { sm3 } from '../../../src/core/crypto/sm3.ts';

test.each([
  ['abc', '66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0'],
  ['abcd'.repeat(16), 'debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732'],
])('the examples of GB/T 32905, annex A: %s', (message, digest) => {
  expect(toHex(sm3(utf8(message)))).toBe(digest);
});

test('is what OpenSSL makes of the same bytes, whatever their length and however they come in parts', () => {
  const openssl = (bytes: Uint8Array) => createHash('sm3').update(bytes).digest('hex');
  for (let length = 0; length < 200; length += 1) {
    const bytes = new Uint8Array(length).fill(length);
    expect(toHex(sm3(bytes))).toBe(openssl(bytes));
  }
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 5 }), (parts) => {
      const before = parts.map(toHex);
      expect(toHex(sm3(...parts))).toBe(openssl(concat(...parts)));
      expect(parts.map(toHex)).toEqual(before);
    }),
  );
});
