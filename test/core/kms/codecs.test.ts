import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeCiphertextBlob, encodeCiphertextBlob } from '../../../src/core/kms/ciphertext-blob.ts';
import { ciphertextAad, materialContext } from '../../../src/core/kms/encryption-context.ts';
import { grantOfToken, isTokenOf, makeGrantToken } from '../../../src/core/kms/grant-token.ts';
import { ACCOUNT_ID, KEY_ID } from '../../support/kms-records.ts';

const context = fc.dictionary(fc.string({ unit: 'grapheme', maxLength: 8 }), fc.string({ maxLength: 8 }), {
  maxKeys: 6,
});
const bytes = (min: number) => fc.uint8Array({ minLength: min, maxLength: 200 });

describe('the additional authenticated data', () => {
  test('does not depend on the order of the pairs', () => {
    fc.assert(
      fc.property(context, (pairs) => {
        const reversed = Object.fromEntries(Object.entries(pairs).reverse());
        expect(ciphertextAad(reversed, ACCOUNT_ID, KEY_ID)).toEqual(ciphertextAad(pairs, ACCOUNT_ID, KEY_ID));
      }),
    );
  });

  test('is another one for every other context, account and key', () => {
    const one = fc.tuple(
      context,
      fc.constantFrom('123456789012', '210987654321'),
      fc.constantFrom(KEY_ID, 'mrk-1', ''),
    );
    fc.assert(
      fc.property(one, one, (a, b) => {
        const same = JSON.stringify([sorted(a[0]), a[1], a[2]]) === JSON.stringify([sorted(b[0]), b[1], b[2]]);
        const equal = Buffer.compare(ciphertextAad(...a), ciphertextAad(...b)) === 0;
        expect(equal).toBe(same);
      }),
    );
  });

  test('tells pairs apart that run together without lengths, and cases', () => {
    const aads = [{ ab: 'c' }, { a: 'bc' }, { abc: '' }, { AB: 'c' }, {}].map((pairs) =>
      Buffer.from(ciphertextAad(pairs, ACCOUNT_ID, KEY_ID)).toString('hex'),
    );
    expect(new Set(aads).size).toBe(aads.length);
    expect(ciphertextAad(undefined, ACCOUNT_ID, KEY_ID)).toEqual(ciphertextAad({}, ACCOUNT_ID, KEY_ID));
  });

  test('orders keys by their UTF-8: U+FFFD before U+10000', () => {
    const aad = Buffer.from(ciphertextAad({ '\u{10000}': '2', '\ufffd': '1' }, ACCOUNT_ID, KEY_ID));
    expect(aad.indexOf('\ufffd')).toBeLessThan(aad.indexOf('\u{10000}'));
  });

  test('has a most', () => {
    expect(() => ciphertextAad({ a: 'x'.repeat(8192) }, ACCOUNT_ID, KEY_ID)).toThrow(
      expect.objectContaining({ code: 'ValidationException' }),
    );
    expect(() => ciphertextAad({ a: 'x'.repeat(8191) }, ACCOUNT_ID, KEY_ID)).not.toThrow();
  });

  test('material contexts differ by account and key', () => {
    const one = materialContext(ACCOUNT_ID, KEY_ID);
    expect(materialContext(ACCOUNT_ID, 'mrk-1')).not.toEqual(one);
    expect(materialContext('210987654321', KEY_ID)).not.toEqual(one);
  });
});

const FORMATS = [1, 2, 3] as const;

describe('the ciphertext blob', () => {
  const materialId = fc.stringMatching(/^[0-9a-f]{64}$/);

  test('decodes to what was encoded', () => {
    fc.assert(
      fc.property(fc.constantFrom(...FORMATS), materialId, bytes(75), (format, id, ciphertext) => {
        expect(decodeCiphertextBlob(encodeCiphertextBlob(format, id, ciphertext))).toEqual({
          format,
          material: id.slice(0, 32),
          ciphertext,
        });
      }),
    );
  });

  test('is what it decodes to: any bytes either are a blob or are not', () => {
    fc.assert(
      fc.property(bytes(0), (blob) => {
        const decoded = decodeCiphertextBlob(blob);
        if (decoded === null) return;
        expect(encodeCiphertextBlob(decoded.format, decoded.material, decoded.ciphertext)).toEqual(blob);
      }),
    );
    expect(decodeCiphertextBlob(new Uint8Array())).toBeNull();
    expect(decodeCiphertextBlob(Uint8Array.of(4, ...new Array<number>(100).fill(0)))).toBeNull();
    for (const [format, least] of [
      [1, 61],
      [2, 45],
      [3, 91],
    ] as const) {
      expect(decodeCiphertextBlob(Uint8Array.of(format, ...new Array<number>(least - 1).fill(0)))).toBeNull();
      expect(decodeCiphertextBlob(Uint8Array.of(format, ...new Array<number>(least).fill(0)))).not.toBeNull();
    }
  });
});

function sorted(pairs: Record<string, string>): [string, string][] {
  return Object.entries(pairs).sort(([a], [b]) => (a < b ? -1 : 1));
}

describe('grant tokens', () => {
  const hex = (digits: number) => fc.stringMatching(new RegExp(`^[0-9a-f]{${digits}}$`));
  test('name their grant, and no edited or made-up text does', () => {
    fc.assert(
      fc.property(
        hex(32),
        hex(64),
        hex(32),
        fc.nat(48),
        fc.integer({ min: 1, max: 255 }),
        (record, grantId, nonce, at, bits) => {
          const token = makeGrantToken(record, grantId, nonce);
          expect(grantOfToken(token)).toBe(record);
          expect(isTokenOf(token, record, grantId)).toBe(true);
          const bytes = Buffer.from(token, 'base64');
          bytes[at] = (bytes[at] ?? 0) ^ bits;
          expect(isTokenOf(bytes.toString('base64'), record, grantId)).toBe(false);
          expect(
            isTokenOf(
              token,
              record,
              grantId.replace(/./, (digit) => (digit === '0' ? '1' : '0')),
            ),
          ).toBe(false);
        },
      ),
    );
  });
  test.each(['', 'x', 'AQ==', 'A'.repeat(66), ` ${makeGrantToken('0'.repeat(32), '0'.repeat(64), '0'.repeat(32))}`])(
    '%j is none',
    (text) => {
      expect(grantOfToken(text)).toBeNull();
    },
  );
});
