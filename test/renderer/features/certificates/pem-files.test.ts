import { expect, test } from 'vitest';
import {
  missingWords,
  NO_FILES,
  pemRows,
  pemText,
  withoutPemFile,
  withPemFile,
} from '../../../../src/renderer/features/certificates/pem-files.ts';
import type { PemFile } from '../../../../src/renderer/features/certificates/read-pem-file.ts';

const file = (fileName: string, certificates: string[], key: Uint8Array<ArrayBuffer> | null = null): PemFile => ({
  ...{ fileName, certificates, key },
  fault: null,
});
const keyBytes = () => new Uint8Array(8).fill(7);
const isWiped = (bytes: Uint8Array) => bytes.every((byte) => byte === 0);

test('files add up, and what is missing is said', () => {
  expect(missingWords(NO_FILES)).toBe('Choose the files with the private key and its certificate.');
  const one = withPemFile(NO_FILES, file('build.crt', ['A']));
  expect(missingWords(one)).toBe('The private key is still missing: add its file.');
  const both = withPemFile(one, file('build.key', [], keyBytes()));
  expect(missingWords(both)).toBeNull();
  expect(missingWords(withoutPemFile(both, 'build.crt'))).toBe('The certificate is still missing: add its file.');
  const chain = withPemFile(both, file('ca.crt', ['B', 'C']));
  expect(pemText(chain)).toBe('ABC');
  expect(pemRows(chain)).toEqual([
    { called: 'build.key', hasKey: true, certificates: 0 },
    { called: 'build.crt', hasKey: false, certificates: 1 },
    { called: 'ca.crt', hasKey: false, certificates: 2 },
  ]);
});

test('two files of one name are both kept, and one that comes twice is listed once', () => {
  const one = withPemFile(NO_FILES, file('cert.pem', ['A']));
  const two = withPemFile(one, file('cert.pem', ['B']));
  expect(pemRows(two).map(({ called }) => called)).toEqual(['cert.pem', 'cert.pem (2)']);
  expect(pemText(two)).toBe('AB');
  expect(withPemFile(two, file('cert.pem', ['B']))).toEqual(two);
  expect(pemText(withoutPemFile(two, 'cert.pem'))).toBe('B');
  // A key in a file of that name is neither of them.
  const withKey = withPemFile(two, file('cert.pem', [], keyBytes()));
  expect(withKey.key).toMatchObject({ fileName: 'cert.pem', called: 'cert.pem (3)' });
  expect(pemRows(withKey)).toHaveLength(3);
});

test('a key is wiped when another takes its place and when its file is taken out', () => {
  const first = keyBytes();
  const whole = withPemFile(NO_FILES, file('all.pem', ['A'], first));
  expect(pemRows(whole)).toEqual([{ called: 'all.pem', hasKey: true, certificates: 1 }]);
  const second = keyBytes();
  const replaced = withPemFile(whole, file('all.pem', ['A'], second));
  expect(isWiped(first)).toBe(true);
  expect(pemRows(replaced)).toEqual([{ called: 'all.pem', hasKey: true, certificates: 1 }]);
  const more = withPemFile(replaced, file('ca.crt', ['B']));
  expect(withoutPemFile(more, 'ca.crt').key?.bytes).toBe(second);
  expect(isWiped(second)).toBe(false);
  expect(pemRows(withoutPemFile(more, 'all.pem'))).toEqual([{ called: 'ca.crt', hasKey: false, certificates: 1 }]);
  expect(isWiped(second)).toBe(true);
});
