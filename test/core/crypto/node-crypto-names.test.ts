import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

/** What both OpenSSL (Node) and BoringSSL (Electron) have, as the design allows it. Everything else comes from audited packages. */
const NAMES = new Set([
  'constants',
  'createCipheriv',
  'createDecipheriv',
  'createECDH',
  'createHash',
  'createHmac',
  'createPrivateKey',
  'createPublicKey',
  'createSecretKey',
  'diffieHellman',
  'generateKeyPair',
  'generateKeyPairSync',
  'hash',
  'KeyObject',
  'privateDecrypt',
  'privateEncrypt',
  'publicDecrypt',
  'publicEncrypt',
  'randomBytes',
  'randomFillSync',
  'randomUUID',
  'sign',
  'timingSafeEqual',
  'verify',
  'webcrypto',
  'X509Certificate',
]);
const ALGORITHMS = new Set([
  ...['aes-256-gcm', 'aes-256-cbc', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512'],
  ...['rsa', 'ec', 'prime256v1', 'secp384r1', 'secp521r1', 'ed25519'],
]);
/** A string literal that looks like the name of an algorithm. */
const ALGORITHM_LIKE =
  /'((?:aes|aria|bf|blake|camellia|chacha|des|ec|ed25519|ed448|id-aes|md[245]|prime|rc[245]|ripemd|rsa|secp|sect|sha|shake|sm[234]|x25519|x448)(?:[-_\d][\w-]*)?)'/gi;

const SOURCES = new URL('../../../src/', import.meta.url);
const files = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' })
  .filter((path) => /\.tsx?$/.test(path))
  .map((path) => ({ path, text: readFileSync(new URL(path, SOURCES), 'utf8') }));
const users = files.filter(({ text }) => /['"](?:node:)?crypto['"]/.test(text));

describe('node:crypto', () => {
  test('is used somewhere, so that this test looks at something', () => {
    expect(users.map(({ path }) => path.replaceAll('\\', '/'))).toContain('core/crypto/aead.ts');
  });

  test.each(users)('in $path: only names and algorithms that Electron has too', ({ text }) => {
    const imports = [...text.matchAll(/import\s+(?:type\s+)?([^;]*?)\s+from\s+'node:crypto'/g)];
    expect(imports, 'imported by name from node:crypto, once').toHaveLength(1);
    expect(text, 'no dynamic import, no require').not.toMatch(/(?:import|require)\(\s*['"](?:node:)?crypto['"]/);
    const names = /^\{(.*)\}$/s.exec(imports[0]?.[1] ?? '')?.[1]?.split(',') ?? ['(not a list of names)'];
    const used = names
      .map((name) =>
        name
          .trim()
          .replace(/^type\s+/, '')
          .replace(/\s+as\s+.*$/, ''),
      )
      .filter(Boolean);
    expect(used.filter((name) => !NAMES.has(name))).toEqual([]);
    const algorithms = [...text.matchAll(ALGORITHM_LIKE)].map(([, name = '']) => name);
    expect(algorithms.filter((name) => !ALGORITHMS.has(name.toLowerCase()))).toEqual([]);
  });
});
