import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { quotedName } from '../../src/contract/quoted-name.ts';

test('a name is quoted only where a shell would read it otherwise, and then comes out as it is', () => {
  expect(quotedName('build-1.example')).toBe('build-1.example');
  expect(quotedName('build server')).toBe('"build server"');
  const names = ['build server', "it's", 'a "b" c', '$HOME', '`id`', 'really!', 'a;b', 'ä ö', "$a 'b'", '*'];
  const shown = execFileSync('sh', ['-c', `printf '%s\\n' ${names.map(quotedName).join(' ')}`], { encoding: 'utf8' });
  expect(shown.trimEnd().split('\n')).toEqual(names);
});
