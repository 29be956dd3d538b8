import { expect, test } from 'vitest';
import { pinTryIsLast, settledWords } from '../../../src/renderer/features/hsm/token-words.ts';
import { sampleTokens } from '../../support/fake-tokens.ts';

const [ready, away] = sampleTokens('2026-09-01T00:00:00.000Z');
if (ready?.connection.state !== 'ready' || away === undefined) throw new Error('no samples');

test('a token that would lock itself says so before a PIN is typed', () => {
  expect(pinTryIsLast(ready)).toBe(false);
  expect(pinTryIsLast(away)).toBe(false);
  const { connection } = ready;
  if (connection.state !== 'ready') throw new Error('not ready');
  const facts = { ...connection.facts, pin: 'final-try' as const };
  expect(pinTryIsLast({ connection: { ...connection, facts } })).toBe(true);
});

test('what was found out of an interrupted change is said for both sides', () => {
  expect(settledWords('lab', 'next')).toBe('lab has the new PIN, and so has the vault.');
  expect(settledWords('lab', 'present')).toBe('lab has kept the PIN before, and so does the vault.');
  expect(settledWords('lab', 'certain')).toContain('no change of it was interrupted');
});
