import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { hasCertificateOf, readChain } from '../../../src/core/x509/read-chain.ts';
import { createTestCa } from '../../support/test-ca.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const DAY = 86_400_000;
const root = createTestCa(NOW);
const middle = root.below('CN=Middle,O=Example');
const low = middle.below('CN=Low,O=Example');
const own = generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey;
const leaf = low.issueFor('CN=build,O=Example,C=DE', own);
const spki = new Uint8Array(own.export({ type: 'spki', format: 'der' }));
const refused = (pem: string, now = NOW): string => {
  try {
    readChain(pem, spki, now);
    return 'accepted';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
};

describe('a certificate and the chain above it', () => {
  test('are found in whatever order the file has them, without the root, and each once', () => {
    for (const file of [
      [leaf, low.certificate, middle.certificate, root.certificate],
      [root.certificate, middle.certificate, leaf, low.certificate, leaf],
    ]) {
      const read = readChain(`some text\n${file.join('more text\n')}`, spki, NOW);
      expect(read.leaf).toMatchObject({
        subject: 'CN=build,O=Example,C=DE',
        issuer: 'CN=Low,O=Example',
        notBefore: NOW - DAY,
        notAfter: NOW + 30 * DAY,
      });
      expect(read.leaf.serial).toMatch(/^\d{30,}$/);
      expect(hasCertificateOf(file.join(''), spki)).toBe(true);
      expect(read.chain.map(({ subject }) => subject)).toEqual(['CN=Low,O=Example', 'CN=Middle,O=Example']);
    }
    expect(hasCertificateOf(root.certificate, spki)).toBe(false);
  });

  test('may be without what is above it: AWS may have it', () => {
    expect(readChain(leaf, spki, NOW).chain).toEqual([]);
  });

  test('are refused in a sentence that says why', () => {
    const other = low.issueFor('CN=other', generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey);
    expect(refused(other)).toContain('is of another key than the one in the vault (CN=other)');
    expect(refused(leaf + other)).toContain('file has CN=other in it');
    expect(refused(leaf + root.certificate)).toContain('file has CN=Test root in it');
    expect(refused('nothing')).toContain('there is no -----BEGIN CERTIFICATE----- in it');
    expect(refused('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n')).toContain('cannot be read');
    expect(refused(leaf, NOW + 31 * DAY)).toContain(
      'has expired (CN=build,O=Example,C=DE, on 2026-03-31T12:00:00.000Z)',
    );
    expect(refused(leaf, NOW - 2 * DAY)).toContain('is valid from 2026-02-28T12:00:00.000Z only');
  });

  test('are not those of a CA with the name of the issuer and another key', () => {
    const forged = root.below('CN=Middle,O=Example');
    expect(refused(leaf + low.certificate + forged.certificate)).toContain('file has CN=Middle,O=Example in it');
  });
});
