import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  missingWords,
  NO_FILES,
  type PemFiles,
  pemText,
  readPemFile,
  withPemFile,
} from '../../../../src/renderer/features/certificates/read-pem-file.ts';

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const PKCS8 = String(privateKey.export({ type: 'pkcs8', format: 'pem' }));
const SEC1 = String(privateKey.export({ type: 'sec1', format: 'pem' }));
const certificate = (body: string): string => `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----\n`;
const bytesOf = (text: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(text, 'latin1'));
const read = (text: string) => readPemFile('build.pem', bytesOf(text));
const keyText = ({ key }: { key: Uint8Array | null }): string | null =>
  key === null ? null : Buffer.from(key).toString('latin1');

test('a key and certificates are told apart, whatever stands between them', () => {
  const all = read(
    `Bag Attributes\n  friendlyName: build\n${certificate('AAAA')}\n# key\n${SEC1}${certificate('BBBB')}`,
  );
  expect(all.fault).toBeNull();
  expect(keyText(all)).toBe(SEC1);
  expect(all.certificates).toEqual([certificate('AAAA'), certificate('BBBB')]);
  expect(keyText(read(PKCS8))).toBe(PKCS8);
  expect(read(certificate('AAAA'))).toMatchObject({ key: null, certificates: [certificate('AAAA')], fault: null });
  const crlf = read(certificate('AAAA').replaceAll('\n', '\r\n'));
  expect(crlf.certificates).toHaveLength(1);
});

test('what cannot be taken is refused with what to do, and without what is in it', () => {
  const refused = (text: string): string => {
    const file = read(text);
    expect(file).toMatchObject({ key: null, certificates: [] });
    return file.fault ?? '';
  };
  const encrypted = PKCS8.replaceAll('PRIVATE KEY', 'ENCRYPTED PRIVATE KEY');
  expect(refused(encrypted)).toContain('openssl pkey -in build.pem -out plain.pem');
  expect(refused(SEC1.replace('-----\n', '-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\n'))).toContain(
    'is encrypted',
  );
  expect(refused(PKCS8.replaceAll('PRIVATE KEY', 'TSS2 PRIVATE KEY'))).toContain('in a TPM');
  expect(refused(`${PKCS8}${SEC1}`)).toBe('build.pem has several private keys. Choose a file with one.');
  expect(refused('hello')).toBe('build.pem has neither a private key nor a certificate in PEM.');
  expect(refused('-----BEGIN CERTIFICATE-----\nAAAA')).toContain('neither');
  expect(readPemFile('build.p12', new Uint8Array([0x30, 0x82, 1, 2])).fault).toContain('PKCS #12');
  expect(refused(encrypted)).not.toContain(PKCS8.split('\n')[1]);
});

test('any bytes are read without a fault of the program', () => {
  const parts = fc.oneof(
    fc.constantFrom('-----BEGIN ', '-----END ', '-----', 'PRIVATE KEY', 'CERTIFICATE', '\n', 'ENCRYPTED '),
    fc.string(),
  );
  fc.assert(
    fc.property(fc.array(parts, { maxLength: 12 }), (texts) => {
      const file = read(texts.join(''));
      expect(file.fault === null).toBe(file.key !== null || file.certificates.length > 0);
    }),
  );
});

test('files add up, and what takes another’s place wipes the key before', () => {
  expect(missingWords(NO_FILES)).toBe('Choose the files with the private key and its certificate.');
  const one = withPemFile(NO_FILES, read(certificate('AAAA')));
  expect(missingWords(one)).toBe('The private key is still missing: add its file.');
  const both = withPemFile(one, { ...read(PKCS8), fileName: 'build.key' });
  expect(missingWords(both)).toBeNull();
  expect(missingWords({ ...both, certificates: [] })).toBe('The certificate is still missing: add its file.');
  const chain: PemFiles = withPemFile(both, {
    ...read(`${certificate('BBBB')}${certificate('CCCC')}`),
    fileName: 'ca',
  });
  expect(pemText(chain)).toBe([certificate('AAAA'), certificate('BBBB'), certificate('CCCC')].join(''));
  const again = withPemFile(chain, { ...read(certificate('DDDD')), fileName: 'ca' });
  expect(pemText(again)).toBe([certificate('AAAA'), certificate('DDDD')].join(''));
  const before = both.key?.bytes;
  const replaced = withPemFile(both, { ...read(SEC1), fileName: 'other.key' });
  expect(before?.every((byte) => byte === 0)).toBe(true);
  expect(replaced.key?.fileName).toBe('other.key');
});
