import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkEntry, type OtpEntry } from '../../../src/client/otp/entry.ts';
import { parseMigration } from '../../../src/client/otp/google-migration.ts';
import { nameFor } from '../../../src/client/otp/names.ts';
import { parseOtpauth, printOtpauth } from '../../../src/client/otp/parse-otpauth.ts';
import { fromBase32, toBase32 } from '../../../src/contract/base32.ts';
import { KeyholdError } from '../../../src/contract/errors.ts';

const FULL = process.env['KEYHOLD_TEST_FULL'] === '1';
const RUNS = FULL ? 1_000_000 : 5_000;
const utf8 = new TextEncoder();
const text = (bytes: Uint8Array | null) => (bytes === null ? null : new TextDecoder().decode(bytes));

describe('base32', () => {
  test('RFC 4648, section 10', () => {
    for (const [plain, encoded] of [
      ['f', 'MY======'],
      ['fo', 'MZXQ===='],
      ['foo', 'MZXW6==='],
      ['foob', 'MZXW6YQ='],
      ['fooba', 'MZXW6YTB'],
      ['foobar', 'MZXW6YTBOI======'],
    ] as const) {
      expect(text(fromBase32(utf8.encode(encoded)))).toBe(plain);
      expect(text(fromBase32(utf8.encode(encoded.replaceAll('=', '').toLowerCase())))).toBe(plain);
      expect(text(toBase32(utf8.encode(plain)))).toBe(encoded.replaceAll('=', ''));
    }
  });

  test('as it is printed for people', () => {
    expect(text(fromBase32(utf8.encode('mzxw 6ytb-oi')))).toBe('foobar');
  });

  test.each([
    '',
    ' ',
    'M',
    'MZX',
    'MZXW6Y',
    'MZXW6YT1',
    'MZXW6YT0',
    'MZ=XQ',
    'MY=====',
    'MY=======',
    'MÄXW',
    '========',
  ])('refuses %j', (wrong) => expect(fromBase32(utf8.encode(wrong))).toBeNull());

  test('reads what it writes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 200 }), (bytes) => {
        expect(fromBase32(toBase32(bytes))).toEqual(bytes);
      }),
    );
  });
});

describe('an otpauth:// address', () => {
  const ALICE = 'otpauth://totp/Example:alice@google.com?secret=JBSWY3DPEHPK3PXP&issuer=Example';

  test('of the Key URI format', () => {
    const entry = parseOtpauth(ALICE);
    expect(entry).toMatchObject({ type: 'totp', issuer: 'Example', label: 'alice@google.com', digits: 6, period: 30 });
    expect(Buffer.from(entry.seed).toString('hex')).toBe('48656c6c6f21deadbeef');
    expect(
      parseOtpauth(
        'otpauth://totp/ACME%20Co:john.doe@email.com?secret=HXDMVJECJJWSRB3HWIZR4IFUGFTMXBOZ&issuer=ACME%20Co&algorithm=SHA256&digits=7&period=60',
      ),
    ).toMatchObject({ issuer: 'ACME Co', label: 'john.doe@email.com', algorithm: 'SHA256', digits: 7, period: 60 });
    expect(parseOtpauth('otpauth://hotp/x?secret=JBSWY3DPEHPK3PXP&counter=7')).toMatchObject({
      type: 'hotp',
      counter: 7,
    });
    expect(parseOtpauth('otpauth://totp/A:%20b?secret=jbswy3dpehpk3pxp')).toMatchObject({ issuer: 'A', label: 'b' });
  });

  test.each([
    ['nothing', '', /looks like otpauth/],
    ['another address', 'https://example.com/?secret=JBSWY3DPEHPK3PXP', /looks like otpauth/],
    ['no secret', 'otpauth://totp/x?issuer=y', /has no secret/],
    ['a secret that is none', 'otpauth://totp/x?secret=JBSWY3DPEHPK3P01', /not base32/],
    ['a short secret', 'otpauth://totp/x?secret=JBSWY3DP', /8 to 128 bytes, this one 5/],
    ['a parameter twice', `${ALICE}&digits=6&digits=8`, /digits comes twice/],
    ['an unknown parameter', `${ALICE}&offset=3`, /offset of this address is not known/],
    ['two issuers', 'otpauth://totp/A:b?secret=JBSWY3DPEHPK3PXP&issuer=B', /names two issuers, A and B/],
    ['9 digits', `${ALICE}&digits=9`, /6 to 8 digits/],
    ['digits that are none', `${ALICE}&digits=six`, /6 to 8 digits/],
    ['MD5', `${ALICE}&algorithm=MD5`, /SHA1, SHA256 or SHA512/],
    ['no period', `${ALICE}&period=0`, /1 to 3,600 seconds/],
    ['a counter that is missing', 'otpauth://hotp/x?secret=JBSWY3DPEHPK3PXP', /need the counter/],
    ['Steam', 'otpauth://steam/x?secret=JBSWY3DPEHPK3PXP', /Steam Guard/],
    ['broken percent signs', 'otpauth://totp/%E0%A4?secret=JBSWY3DPEHPK3PXP', /percent signs/],
    ['no end', `otpauth://totp/x?secret=${'A'.repeat(5000)}`, /too long/],
  ])('with %s is refused in words', (_what, uri, message) => {
    expect(() => parseOtpauth(uri)).toThrow(message);
    expect(() => parseOtpauth(uri)).toThrow(KeyholdError);
  });

  const entries: fc.Arbitrary<OtpEntry> = fc
    .record({
      type: fc.constantFrom('totp' as const, 'hotp' as const),
      issuer: fc.string({ unit: 'grapheme', maxLength: 30 }),
      label: fc.string({ unit: 'grapheme', maxLength: 30, minLength: 1 }),
      algorithm: fc.constantFrom('SHA1' as const, 'SHA256' as const, 'SHA512' as const),
      digits: fc.integer({ min: 6, max: 8 }),
      period: fc.integer({ min: 1, max: 3600 }),
      counter: fc.nat(),
      seed: fc.uint8Array({ minLength: 8, maxLength: 64 }),
    })
    .filter(({ issuer, label }) => !issuer.includes(':') && !label.includes(':') && label.trim() !== '')
    .map((one) => checkEntry({ ...one, seed: one.seed }));

  test('is read as it was written', () => {
    fc.assert(
      fc.property(entries, (entry) => {
        const uri = text(printOtpauth(entry, toBase32(entry.seed))) ?? '';
        expect(parseOtpauth(uri)).toEqual(entry);
      }),
      { numRuns: 1000 },
    );
  });

  test(`${RUNS} mutations: refused in words, or parameters within their bounds`, { timeout: 600_000 }, () => {
    const bits = [
      '&',
      '=',
      '%',
      '%00',
      ':',
      '/',
      '?',
      '#',
      'secret',
      'issuer',
      '&digits=8',
      'otpauth://',
      '\u0000',
      '💥',
      '+',
    ];
    const seeds = [ALICE, 'otpauth://hotp/A:b?secret=JBSWY3DPEHPK3PXP&counter=1&algorithm=SHA512'];
    const mutation = fc.tuple(fc.nat(200), fc.nat(3), fc.oneof(fc.constantFrom(...bits), fc.string({ maxLength: 3 })));
    const mutated = fc
      .tuple(fc.constantFrom(...seeds), fc.array(mutation, { minLength: 1, maxLength: 4 }))
      .map(([uri, all]) => all.reduce((now, [at, cut, put]) => now.slice(0, at) + put + now.slice(at + cut), uri));
    fc.assert(
      fc.property(mutated, (uri) => {
        let entry: OtpEntry;
        try {
          entry = parseOtpauth(uri);
        } catch (error) {
          if (!(error instanceof KeyholdError)) throw error;
          return;
        }
        if (entry.seed.length < 8 || entry.digits < 6 || entry.digits > 8) throw new Error(uri);
        if (entry.type === 'totp' ? entry.period < 1 || entry.period > 3600 : entry.counter < 0) throw new Error(uri);
        if (/\p{C}/u.test(entry.issuer + entry.label)) throw new Error(uri);
      }),
      { numRuns: RUNS, seed: 20_261_128 },
    );
  });

  test(`${RUNS / 10} mutated migration codes do no harm`, { timeout: 600_000 }, () => {
    const whole = Buffer.from('CjEKCkhlbGxvId6tvu8SGEV4YW1wbGU6YWxpY2VAZ29vZ2xlLmNvbRoHRXhhbXBsZTAC', 'base64');
    expect(
      parseMigration(`otpauth-migration://offline?data=${encodeURIComponent(whole.toString('base64'))}`),
    ).toMatchObject({
      entries: [{ entry: { issuer: 'Example', label: 'alice@google.com', type: 'totp' } }],
    });
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(60), fc.nat(255)), { maxLength: 4 }), fc.nat(60), (edits, length) => {
        const bytes = Buffer.from(whole);
        for (const [at, value] of edits) bytes[at % bytes.length] = value;
        const data = bytes.subarray(0, length).toString('base64');
        try {
          parseMigration(`otpauth-migration://offline?data=${encodeURIComponent(data)}`);
        } catch (error) {
          if (!(error instanceof KeyholdError)) throw error;
        }
      }),
      { numRuns: RUNS / 10, seed: 20_261_128 },
    );
  });
});

test('names are of issuer and account, and free', () => {
  const taken = new Set(['github alice']);
  expect(nameFor({ issuer: 'GitHub', label: 'alice' }, taken)).toBe('GitHub alice 2');
  expect(nameFor({ issuer: '', label: '' }, taken)).toBe('Authenticator');
  expect(nameFor({ issuer: 'a/b', label: '\u0007c'.repeat(80) }, taken).length).toBeLessThanOrEqual(64);
});
