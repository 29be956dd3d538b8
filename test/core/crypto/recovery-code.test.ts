import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { utf8 } from '../../../src/core/crypto/bytes.ts';
import { decodeRecoveryCode, encodeRecoveryCode } from '../../../src/core/crypto/recovery-code.ts';

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const code = fc.uint8Array({ minLength: 20, maxLength: 20 });

describe('recovery code', () => {
  test('is Crockford base32 in eight groups', () => {
    expect(text(encodeRecoveryCode(new Uint8Array(20)))).toBe('0000-0000-0000-0000-0000-0000-0000-0000');
    expect(text(encodeRecoveryCode(new Uint8Array(20).fill(0xff)))).toBe('ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ');
    const counting = Uint8Array.from({ length: 20 }, (_, index) => index);
    expect(text(encodeRecoveryCode(counting))).toBe(expected());
  });

  test('round-trips', () => {
    fc.assert(
      fc.property(code, (bytes) => {
        expect(decodeRecoveryCode(encodeRecoveryCode(bytes))).toEqual(bytes);
      }),
      { seed: 1, numRuns: 500 },
    );
  });

  test('forgives case, hyphens, white space and look-alikes', () => {
    const bytes = Uint8Array.from({ length: 20 }, (_, index) => index * 7);
    const typed = text(encodeRecoveryCode(bytes)).replaceAll('0', 'o').replaceAll('1', 'l').replaceAll('-', ' \n\t');
    expect(decodeRecoveryCode(utf8(typed.toLowerCase()))).toEqual(bytes);
    expect(decodeRecoveryCode(utf8(typed.toUpperCase().replaceAll('L', 'I')))).not.toBeNull();
  });

  test.each(['', '0', '0'.repeat(31), '0'.repeat(33), `${'0'.repeat(31)}U`, `${'0'.repeat(31)}!`, '0'.repeat(10_000)])(
    'refuses %j',
    (typed) => {
      expect(decodeRecoveryCode(utf8(typed))).toBeNull();
    },
  );

  test('never crashes on bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (typed) => {
        const decoded = decodeRecoveryCode(typed);
        expect(decoded === null || decoded.length === 20).toBe(true);
      }),
      { seed: 2, numRuns: 2000 },
    );
  });
});

/** The same 160 bits read as one number in base 32: a second way to the text. */
function expected(): string {
  const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
  let number = 0n;
  for (let index = 0; index < 20; index++) number = (number << 8n) | BigInt(index);
  let digits = '';
  for (let index = 0; index < 32; index++) {
    digits = alphabet.charAt(Number(number & 31n)) + digits;
    number >>= 5n;
  }
  return digits.replace(/(.{4})(?=.)/g, '$1-');
}
