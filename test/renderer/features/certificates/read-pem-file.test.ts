import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readPemFile } from '../../../../src/renderer/features/certificates/read-pem-file.ts';

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
  // Its first byte is that of DER as well.
  expect(read(`0 s:CN=build\n${certificate('AAAA')}`).certificates).toHaveLength(1);
  for (const label of ['X509 CERTIFICATE', 'TRUSTED CERTIFICATE']) {
    const other = certificate('AAAA').replaceAll('CERTIFICATE', label);
    expect(read(other)).toMatchObject({ certificates: [other], fault: null });
  }
  expect(
    read(`${certificate('AAAA')}${certificate('BBBB').replaceAll('CERTIFICATE', 'CERTIFICATE REQUEST')}`),
  ).toMatchObject({ certificates: [certificate('AAAA')] });
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
