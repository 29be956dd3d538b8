import { expect, test } from 'vitest';
import { readKeyFile, wipeFoundKeys } from '../../../src/renderer/features/keys/found-keys.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const SECRET = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';

test('reads the console’s CSV and wipes the file’s bytes', () => {
  const file = bytes(`Access key ID,Secret access key\r\nAKIAIOSFODNN7EXAMPLE,${SECRET}\r\n`);
  const found = readKeyFile('ada_accessKeys.csv', file);
  expect(found.keys).toMatchObject([
    { name: 'AKIAIOSFODNN7EXAMPLE', accessKeyId: 'AKIAIOSFODNN7EXAMPLE', source: 'csv' },
  ]);
  expect(new TextDecoder().decode(found.keys[0]?.secretAccessKey)).toBe(SECRET);
  expect(file.every((byte) => byte === 0)).toBe(true);
  wipeFoundKeys(found.keys);
  expect(found.keys[0]?.secretAccessKey.every((byte) => byte === 0)).toBe(true);
});

test('reads a credentials file, and says what it left behind with the line', () => {
  const found = readKeyFile(
    'credentials',
    bytes(
      `[prod]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = ${SECRET}\n[sso]\nsso_start_url = https://example.com\n`,
    ),
  );
  expect(found.keys.map((key) => [key.name, key.source])).toEqual([['prod', 'aws-files']]);
  expect(found.remarks.join('\n')).toMatch(/Line 5, sso_start_url: /);
});

test('a file that is neither has no key and says why', () => {
  const found = readKeyFile('notes.csv', bytes('hello'));
  expect(found.keys).toEqual([]);
  expect(found.remarks[0]).toMatch(/^Line 1: /);
});
