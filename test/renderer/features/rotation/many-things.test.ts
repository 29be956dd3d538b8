import { expect, test } from 'vitest';
import { countWords, manyThings, someOf } from '../../../../src/renderer/features/rotation/many-things.ts';
import { sampleVault } from '../../../support/fake-contract.ts';

const vault = sampleVault(8, Date.parse('2026-11-23T12:00:00.000Z'));

test('keys and credentials go together, each by the name that the contract has for it', () => {
  const things = manyThings({ keys: ['breakglass', 'gone'], credentials: ['git', 'gone'] }, vault);
  expect(things.map(({ called, account, note }) => [called, account, note])).toEqual([
    ['key:breakglass', 'prod', 'used by prod-breakglass'],
    ['credential:git', 'prod', 'Password for CodeCommit'],
  ]);
  // A key that is called like one is still a key.
  const odd = manyThings(
    { keys: ['credential:git'], credentials: [] },
    { keys: vault.keys.map((key) => ({ ...key, name: 'credential:git' })), credentials: [] },
  );
  expect(odd.map(({ called }) => called)).toEqual(['key:credential:git']);
});

test('they are counted as what they are', () => {
  const key = { isKey: true };
  const other = { isKey: false };
  expect([[key], [key, key], [other], [key, other, other]].map(countWords)).toEqual([
    '1 key',
    '2 keys',
    '1 credential',
    '1 key and 2 credentials',
  ]);
  expect([1, 2].map(someOf([key, key]))).toEqual(['1 key', '2 keys']);
  expect([1, 2].map(someOf([key, other]))).toEqual(['1 of them', '2 of them']);
});
