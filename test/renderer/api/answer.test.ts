import { expect, test } from 'vitest';
import { KeyholdError } from '../../../src/contract/errors.ts';
import { isDaemonEvent, readAnswer } from '../../../src/renderer/api/answer.ts';
import { asWireError, dependents, retryAfter } from '../../../src/renderer/api/error.ts';

test('a result is handed on, also an empty one', () => {
  expect(readAnswer({ result: { a: 1 } })).toEqual({ a: 1 });
  expect(readAnswer({ result: null })).toBeNull();
});

test('an error is thrown with its code and details', () => {
  const wire = { code: 'TooManyAttempts', message: 'Wait 4 s.', details: { retryAfterSeconds: 4 } };
  expect(() => readAnswer({ error: wire })).toThrow(KeyholdError);
  try {
    readAnswer({ error: wire });
  } catch (error) {
    expect(asWireError(error)).toEqual(wire);
    expect(retryAfter(error)).toBe(4);
  }
});

test.each([null, 'text', [], {}, { error: null }, { error: { code: 'Nonsense' } }])('%j is refused', (answer) => {
  expect(() => readAnswer(answer)).toThrow(KeyholdError);
});

test('a code this page does not know becomes Internal', () => {
  expect(() => readAnswer({ error: { code: 'FromTheFuture', message: 'x' } })).toThrow(
    expect.objectContaining({ code: 'Internal', message: 'x' }),
  );
});

test('only the daemon’s own events pass', () => {
  expect(isDaemonEvent({ type: 'changed', what: [] })).toBe(true);
  expect(isDaemonEvent({ type: 'future' })).toBe(false);
  expect(isDaemonEvent(null)).toBe(false);
});

test('what depends on a thing is read from InUse only', () => {
  expect(dependents(new KeyholdError('InUse', 'x', { dependents: ['profile prod'] }))).toEqual(['profile prod']);
  expect(dependents(new KeyholdError('NotFound', 'x'))).toBeNull();
  expect(retryAfter(new KeyholdError('WrongSecret', 'x'))).toBeNull();
  expect(asWireError(new Error('boom'))).toMatchObject({ code: 'Internal', details: { error: 'boom' } });
});
