import { createPublicKey, generateKeyPairSync, type KeyObject, verify } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Hsm, ObjectRef } from '../../../src/core/hsm/protocol.ts';
import { requestInfo, requestPem } from '../../../src/core/x509/certification-request.ts';
import { encodeName } from '../../../src/core/x509/name.ts';
import { createTestVault, sealFor, startTestHsm } from '../../support/hsm.ts';
import { openssl, opensslVersion } from '../../support/openssl.ts';

const SPECS = ['EC_P256', 'EC_P384', 'RSA_2048'] as const;
const STRING_TO_SIGN = `AWS4-X509-RSA-SHA256\n20260301T120000Z\n20260301/eu-central-1/rolesanywhere/aws4_request\n${'ab'.repeat(32)}`;
const text = (value: string): Uint8Array => new TextEncoder().encode(value);

let hsm: Hsm;
let made = 0;
const newId = (): string => (++made).toString(16).padStart(32, '0');

beforeAll(async () => {
  hsm = startTestHsm();
  await createTestVault(hsm);
});

async function generate(spec: string, usage = ['sign']): Promise<{ key: ObjectRef; publicKey: Uint8Array }> {
  const id = newId();
  const material = { id, spec, usage, label: 'x', createdAt: 1, materialContext: new Uint8Array() };
  const { blob, publicKey } = await hsm.call('generateKmsMaterial', material as never);
  if (publicKey === undefined) throw new Error('no key pair');
  return { key: { id, version: 1, blob }, publicKey };
}

const load = (spki: Uint8Array): KeyObject => createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });

async function importKey(pem: string | Buffer) {
  const id = newId();
  const sealed = await sealFor(hsm, 'private-key', typeof pem === 'string' ? pem : new Uint8Array(pem));
  const { blob, ...rest } = await hsm.call('importX509Key', { id, sealed, label: 'x', createdAt: 1 });
  return { ...rest, key: { id, version: 1, blob } };
}

describe('keys of certificates', () => {
  test.each(SPECS)('%s signs strings to sign over SHA-256', async (spec) => {
    const { key, publicKey } = await generate(spec);
    const { signature } = await hsm.call('x509Sign', { key, message: text(STRING_TO_SIGN) });
    expect(verify('sha256', text(STRING_TO_SIGN), load(publicKey), signature)).toBe(true);
  });

  test.skipIf(opensslVersion === null).each(SPECS)('%s signs a request that openssl verifies', async (spec) => {
    const { key, publicKey } = await generate(spec);
    const info = requestInfo(encodeName('CN=build,O=Example\\, Inc.,C=DE'), publicKey);
    const { signature } = await hsm.call('x509Sign', { key, message: info });
    const request = requestPem(info, signature, spec.startsWith('RSA') ? 'rsa' : 'ec');
    // Before it issues anything, it checks that the request is signed with the key in it.
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const signer = privateKey.export({ type: 'pkcs8', format: 'pem' });
    const args = ['x509', '-req', '-in', '{csr}', '-signkey', '{key}', '-noout', '-subject', '-nameopt', 'RFC2253'];
    const issued = (csr: string): string | undefined =>
      openssl(args, { csr: text(csr), key: text(String(signer)) })?.toString();
    expect(issued(request)).toBe('subject=CN=build,O=Example\\, Inc.,C=DE\n');
    const forged = Uint8Array.from(signature, (byte, at) => (at === signature.length - 1 ? byte ^ 1 : byte));
    expect(issued(requestPem(info, forged, spec.startsWith('RSA') ? 'rsa' : 'ec'))).toBeUndefined();
    const shown = openssl(['req', '-in', '{csr}', '-noout', '-text'], { csr: text(request) })?.toString();
    expect(shown).toContain('Digital Signature');
    expect(shown).toContain('CA:FALSE');
  });

  test('sign nothing else: no message, no certificate, no digest', async () => {
    const { key, publicKey } = await generate('EC_P256');
    const [, ...rest] = requestInfo(encodeName('CN=x'), publicKey);
    for (const message of [
      text('hello'),
      text(`${STRING_TO_SIGN}\n`),
      text(STRING_TO_SIGN.replace('rolesanywhere', 'sts')),
      text(STRING_TO_SIGN.replace('AWS4-X509-RSA-SHA256', 'AWS4-HMAC-SHA256')),
      Uint8Array.from([0x31, ...rest]),
      new Uint8Array(32),
    ]) {
      await expect(hsm.call('x509Sign', { key, message })).rejects.toMatchObject({ code: 'InvalidInput' });
    }
  });

  test('are no keys of the KMS, and those do not sign here', async () => {
    const kms = await generate('EC_P256', ['sign', 'verify']);
    const message = text(STRING_TO_SIGN);
    await expect(hsm.call('x509Sign', { key: kms.key, message })).rejects.toMatchObject({ code: 'HsmRefused' });
    const curve = await generate('EC_SECP256K1');
    await expect(hsm.call('x509Sign', { key: curve.key, message })).rejects.toMatchObject({ code: 'HsmRefused' });
  });
});

describe('a private key from a file', () => {
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-384' });
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });

  test.each([
    ['PKCS #8', ec.privateKey.export({ type: 'pkcs8', format: 'pem' }), 'EC_P384', ec.publicKey],
    ['SEC 1', ec.privateKey.export({ type: 'sec1', format: 'pem' }), 'EC_P384', ec.publicKey],
    ['PKCS #8', rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }), 'RSA_2048', rsa.publicKey],
    ['PKCS #1', rsa.privateKey.export({ type: 'pkcs1', format: 'pem' }), 'RSA_2048', rsa.publicKey],
  ] as const)('is taken as %s, and signs', async (_, pem, spec, publicKey) => {
    const imported = await importKey(pem);
    expect(imported.spec).toBe(spec);
    expect(imported.attributes).toMatchObject({ class: 'private-key', usage: ['sign'], extractable: false });
    expect(Buffer.from(imported.publicKey)).toEqual(publicKey.export({ type: 'spki', format: 'der' }));
    const { signature } = await hsm.call('x509Sign', { key: imported.key, message: text(STRING_TO_SIGN) });
    expect(verify('sha256', text(STRING_TO_SIGN), publicKey, signature)).toBe(true);
  });

  test('is refused in a sentence, which has nothing of the file in it', async () => {
    const encrypted = { format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' } as const;
    const cases: [string | Buffer, string][] = [
      [ec.privateKey.export({ type: 'pkcs8', ...encrypted }), 'is encrypted'],
      [rsa.privateKey.export({ type: 'pkcs1', ...encrypted }), 'is encrypted'],
      ['-----BEGIN TSS2 PRIVATE KEY-----\nAAAA\n-----END TSS2 PRIVATE KEY-----\n', 'in a TPM'],
      ['-----BEGIN PRIVATE KEY-----\nc2VjcmV0LWtleQ==\n-----END PRIVATE KEY-----\n', 'no private key in PEM'],
      [
        generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }),
        'of a kind that is not kept',
      ],
      [
        generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).privateKey.export({ type: 'pkcs8', format: 'pem' }),
        'of a kind that is not kept',
      ],
    ];
    for (const [pem, why] of cases) {
      const error = await importKey(pem).then(
        () => 'accepted',
        (reason: unknown) => String(reason),
      );
      expect(error).toContain(why);
      expect(error).not.toContain('c2VjcmV0');
    }
  });
});
