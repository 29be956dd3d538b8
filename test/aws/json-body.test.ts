import fc from 'fast-check';
import { expect, test } from 'vitest';
import { jsonWith } from '../../src/aws/remote/json-body.ts';
import { takeSecrets } from '../../src/core/sessions/take-secrets.ts';

const secret = fc.stringMatching(/^[!-~]{1,60}$/);
const bytes = (text: string) => Uint8Array.from(Buffer.from(text));

test('is the JSON that the same members would make as text', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), fc.oneof(fc.string(), fc.integer(), fc.array(fc.string()))),
      fc.dictionary(fc.stringMatching(/^[A-Z]{1,5}$/), secret),
      (plain, secrets) => {
        const body = jsonWith(plain, Object.fromEntries(Object.entries(secrets).map(([k, v]) => [k, bytes(v)])));
        expect(body.toString()).toBe(JSON.stringify({ ...plain, ...secrets }));
      },
    ),
  );
});

test('what is put in is what the reader of answers takes out', () => {
  fc.assert(
    fc.property(secret, (text) => {
      const { rest, secrets } = takeSecrets(jsonWith({ id: 'x' }, { accessToken: bytes(text) }), ['accessToken']);
      expect(Buffer.from(secrets.get('accessToken') ?? []).toString()).toBe(text);
      expect(rest).toMatchObject({ id: 'x' });
    }),
  );
});
