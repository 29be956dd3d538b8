import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { shellQuote } from '../../../src/renderer/lib/shell-quote.ts';
import { formatTags, parseTags, tagsError } from '../../../src/renderer/lib/tags.ts';

test('a quoted word is one word for the shell', () => {
  for (const word of ['prod', 'my profile', "it's", '$HOME', '`id`', 'a"b', 'é ü', '-n', '']) {
    expect(execFileSync('sh', ['-c', `printf %s ${shellQuote(word)}`], { encoding: 'utf8' })).toBe(word);
  }
});

test('tags survive being written and read', () => {
  const word = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9 ._/-]{0,30}[A-Za-z0-9]$/);
  fc.assert(
    fc.property(fc.dictionary(word, fc.oneof(word, fc.constant(''))), (tags) => {
      expect(parseTags(formatTags(tags))).toEqual({ tags: { ...tags } });
    }),
  );
});

test('bad tags say what is wrong', () => {
  expect(tagsError('=x')).toMatch(/no name/);
  expect(tagsError('a=1, a=2')).toMatch(/stands twice/);
  expect(tagsError(`${'n'.repeat(129)}=1`)).toMatch(/128/);
  expect(tagsError(' , ,')).toBeNull();
});
