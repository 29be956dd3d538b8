import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KeyholdError } from '../../../src/contract/errors.ts';
import { readIdToken } from '../../../src/core/sign-ins/oidc/read-id-token.ts';

const NOW = 1_764_000_000_000;
const EXPECTED = { issuer: 'https://idp.example.com', clientId: 'keyhold' };
const CLAIMS = { iss: EXPECTED.issuer, sub: 'user-1', aud: 'keyhold', exp: NOW / 1000 + 60 };

const tokenOf = (claims: unknown): Uint8Array =>
  Buffer.from(`e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.c2ln`);
const read = (claims: object, more: object = {}) =>
  readIdToken(tokenOf({ ...CLAIMS, ...claims }), { ...EXPECTED, ...more }, NOW);

describe('an id token', () => {
  test('says who it is of and when it ends', () => {
    expect(read({})).toEqual({ subject: 'user-1', who: 'user-1', expiresAt: NOW + 60_000 });
    expect(read({ email: 'ada@example.com', preferred_username: 'ada' }).who).toBe('ada@example.com');
    expect(read({ preferred_username: 'ada' }).who).toBe('ada');
    expect(read({ aud: ['other', 'keyhold'], azp: 'keyhold' }).subject).toBe('user-1');
    expect(read({ nonce: 'n' }, { nonce: 'n' }).subject).toBe('user-1');
  });

  test.each<[string, object, object]>([
    ['another issuer, even by a slash', { iss: `${EXPECTED.issuer}/` }, {}],
    ['another client', { aud: 'other' }, {}],
    ['another authorized party', { aud: ['other', 'keyhold'], azp: 'other' }, {}],
    ['no authorized party among several audiences', { aud: ['other', 'keyhold'] }, {}],
    ['an end that is now', { exp: NOW / 1000 }, {}],
    ['an end that is no number', { exp: 'never' }, {}],
    ['no nonce where one was sent', {}, { nonce: 'n' }],
    ['another person', {}, { subject: 'user-2' }],
    ['nobody', { sub: '' }, {}],
  ])('with %s is refused', (_, claims, more) => {
    expect(() => read(claims, more)).toThrow(KeyholdError);
  });

  test('of whatever bytes is read or refused with a sentence that holds none of them', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 200 }),
          fc.json().map((json) => tokenOf(json)),
        ),
        (bytes) => {
          try {
            readIdToken(bytes, EXPECTED, NOW);
          } catch (error) {
            expect(error).toBeInstanceOf(KeyholdError);
          }
        },
      ),
      { numRuns: process.env['KEYHOLD_TEST_FULL'] === '1' ? 50_000 : 500 },
    );
  });
});
