import { expect, test } from 'vitest';
import { takeSecrets } from '../../../src/core/sessions/take-secrets.ts';

const take = (text: string, ...names: string[]) => {
  const { rest, secrets } = takeSecrets(Buffer.from(text), names);
  return {
    rest,
    secrets: Object.fromEntries([...secrets].map(([name, value]) => [name, Buffer.from(value).toString()])),
  };
};

test('takes members out at any depth and leaves the rest', () => {
  const text = JSON.stringify({ a: 1, roleCredentials: { secret: 's/e+c=', other: 'x"y' }, list: ['secret'] });
  expect(take(text, 'secret')).toEqual({
    rest: { a: 1, roleCredentials: { secret: '*'.repeat(6), other: 'x"y' }, list: ['secret'] },
    secrets: { secret: 's/e+c=' },
  });
});

test('knows the escapes that an encoder may use', () => {
  expect(take('{"k" : "a\\/b\\u002Bc\\"\\\\"}', 'k').secrets).toEqual({ k: 'a/b+c"\\' });
});

test('a value that only looks like a name is none, and what is no string is left', () => {
  expect(take('{"x":"k","k":12}', 'k')).toEqual({ rest: { x: 'k', k: 12 }, secrets: {} });
  expect(take('["k","v"]', 'k').secrets).toEqual({});
});

test.each(['', '{', '{"k":"unfinished', '{"k":"a\\', '"', '\\"k":"v"', '{"k":"\\ud800"}'])(
  'never throws: %j',
  (text) => {
    expect(() => take(text, 'k')).not.toThrow();
  },
);
