import { execFileSync, spawnSync } from 'node:child_process';
import { generateKeyPairSync, sign, X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkServerIdentity } from 'node:tls';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AuthorityKey, createAuthority, createLeaf } from '../../src/aws/authority.ts';
import { startDoor } from '../../src/aws/index.ts';
import { oid, time, tlv, unsigned } from '../../src/core/x509/der.ts';
import { authority, caKey, random } from '../support/authority.ts';
import { fakeDoorBackend } from '../support/door-backend.ts';
import { silentLogger } from '../support/silent-logger.ts';
import { cleanUp, startHarness, systemClock } from './harness.ts';

const DAY = 86_400_000;

describe('the local CA', () => {
  it('is a CA for five years and signs its leaf for thirty days', async () => {
    const { ca, leaf, now } = await authority();
    const root = new X509Certificate(ca.pem);
    const server = new X509Certificate(leaf.pem);
    expect([root.ca, server.ca]).toEqual([true, false]);
    expect(root.verify(root.publicKey)).toBe(true);
    expect(server.verify(root.publicKey)).toBe(true);
    expect(server.checkIssued(root)).toBe(true);
    expect(root.validToDate.getTime()).toBe(ca.notAfter);
    expect(Math.round((ca.notAfter - now) / DAY)).toBe(1825);
    expect(Math.round((leaf.notAfter - now) / DAY)).toBe(30);
    expect(server.checkHost('localhost')).toBe('localhost');
    expect(server.checkHost('evil.example')).toBeUndefined();
    expect([server.checkIP('127.0.0.1'), server.checkIP('::1'), server.checkIP('10.0.0.1')]).toEqual([
      '127.0.0.1',
      '::1',
      undefined,
    ]);
    expect(server.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
    expect(checkServerIdentity('localhost', server.toLegacyObject())).toBeUndefined();
  });

  it('takes the public key as SubjectPublicKeyInfo, too', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const key: AuthorityKey = {
      publicKey: publicKey.export({ type: 'spki', format: 'der' }),
      sign: async (tbs) => sign('sha256', tbs, privateKey),
    };
    const { pem } = await createAuthority(key, random, Date.now());
    expect(new X509Certificate(pem).publicKey.equals(publicKey)).toBe(true);
  });

  it('issues nothing over a wrong signature', async () => {
    const key = caKey();
    const wrong = { ...key, sign: caKey().sign };
    await expect(createAuthority(wrong, random, Date.now())).rejects.toThrow(/did not come out right/);
    const ca = await createAuthority(key, random, Date.now());
    await expect(createLeaf({ pem: ca.pem, key: wrong }, random, Date.now())).rejects.toThrow(/did not come out right/);
  });

  it('a leaf does not outlive its CA', async () => {
    const key = caKey();
    const ca = await createAuthority(key, random, Date.now() - 1820 * DAY);
    expect((await createLeaf({ pem: ca.pem, key }, random, Date.now())).notAfter).toBeLessThanOrEqual(ca.notAfter);
  });

  const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
  it.skipIf(!hasOpenssl)('stands OpenSSL’s strict check, name constraints included', async () => {
    const { key, ca, leaf, now } = await authority();
    const folder = mkdtempSync(join(tmpdir(), 'keyhold-ca-'));
    try {
      const file = (name: string, text: string): string => {
        writeFileSync(join(folder, name), text);
        return join(folder, name);
      };
      const caFile = file('ca.pem', ca.pem);
      const verify = (...args: string[]) =>
        spawnSync('openssl', ['verify', '-x509_strict', '-purpose', 'sslserver', '-CAfile', caFile, ...args], {
          encoding: 'utf8',
        });
      const leafFile = file('leaf.pem', leaf.pem);
      expect(verify(leafFile)).toMatchObject({ status: 0 });
      expect(verify('-verify_ip', '127.0.0.1', leafFile).status).toBe(0);
      const text = execFileSync('openssl', ['x509', '-in', caFile, '-noout', '-text'], { encoding: 'utf8' });
      expect(text).toMatch(
        /Name Constraints: critical\s+Permitted:\s+DNS:localhost\s+IP:127\.0\.0\.0\/255\.0\.0\.0\s+IP:0:0:0:0:0:0:0:1\/FFFF/,
      );
      expect(text).toMatch(/CA:TRUE, pathlen:0/);
      // A leaf for another name, signed by the same CA, is refused because of the constraints.
      const other = await foreignLeaf(key, ca.pem, now);
      const refused = verify(file('other.pem', other));
      expect(refused.status).not.toBe(0);
      expect(refused.stderr + refused.stdout).toContain('permitted subtree violation');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

/** What a thief of the CA key would try: a certificate for another host. */
async function foreignLeaf(key: AuthorityKey, caPem: string, now: number): Promise<string> {
  const { certificatePem, extensions, toBeSigned } = await import('../../src/aws/authority/certificate.ts');
  const { octets, sequence } = await import('../../src/core/x509/der.ts');
  const san = sequence(oid('2.5.29.17'), octets(sequence(tlv(0x82, Buffer.from('sts.amazonaws.com')))));
  const tbs = toBeSigned({
    serial: Uint8Array.of(5),
    issuer: new X509Certificate(caPem).subject.replace('CN=', ''),
    subject: 'sts',
    notBefore: now,
    notAfter: now + DAY,
    publicKey: key.publicKey,
    extensions: [
      extensions.serverAuth(),
      san,
      extensions.subjectKey(key.publicKey),
      extensions.authorityKey(key.publicKey),
    ],
  });
  return certificatePem(tbs, await key.sign(tbs));
}

describe('DER', () => {
  it.each([
    [oid('1.2.840.10045.4.3.2'), '06082a8648ce3d040302'],
    [unsigned(Uint8Array.of(0)), '020100'],
    [unsigned(Uint8Array.of(0, 0x80)), '02020080'],
    [time(Date.UTC(2026, 10, 23, 22, 15, 4)), '170d3236313132333232313530345a'],
    [time(Date.UTC(2050, 0, 1)), '180f32303530303130313030303030305a'],
  ])('%#', (encoded, hex) => {
    expect(Buffer.from(encoded).toString('hex')).toBe(hex);
  });
  it('lengths read back (property)', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 70_000 }), (length) => {
        const encoded = tlv(0x04, new Uint8Array(length));
        const first = encoded[1] ?? 0;
        const size = first < 0x80 ? 0 : first & 0x7f;
        const read =
          size === 0 ? first : Number.parseInt(Buffer.from(encoded.subarray(2, 2 + size)).toString('hex'), 16);
        expect(read).toBe(length);
        expect(encoded.length).toBe(2 + size + length);
      }),
      { seed: 4587 },
    );
  });
});

describe('HTTPS', () => {
  it('serves the same pipeline beside HTTP, under the local CA', async () => {
    const { ca, leaf } = await authority();
    const harness = await startHarness();
    const door = await startDoor({
      backend: fakeDoorBackend(harness.upstream.url).backend,
      clock: systemClock,
      log: silentLogger,
      port: 0,
      tls: { key: leaf.key, cert: leaf.pem },
    });
    cleanUp(() => door.close());
    const ask = (host: string): Promise<number> =>
      new Promise((resolve, reject) => {
        const { headers } = harness.sign({ host: `${host}:${door.tlsPort}` });
        request(
          {
            host,
            port: door.tlsPort,
            ca: ca.pem,
            headers: headers.flat(),
            setHost: false,
            agent: false,
            lookup: (_name, _options, done) => done(null, [{ address: '127.0.0.1', family: 4 }]),
          },
          (response) => {
            response.resume();
            resolve(response.statusCode ?? 0);
          },
        )
          .on('error', reject)
          .end();
      });
    expect(await ask('127.0.0.1')).toBe(200);
    expect(await ask('localhost')).toBe(200);
    expect(harness.upstream.failures).toEqual([]);
  });

  it('verifies the upstream’s certificate, always', async () => {
    const { ca, leaf } = await authority();
    const trusting = await startHarness({
      upstream: { tls: { key: leaf.key, cert: leaf.pem } },
      door: { upstreamAgentOptions: { ca: ca.pem } },
    });
    expect((await trusting.send({})).status).toBe(200);
    expect(trusting.upstream.failures).toEqual([]);
    const wary = await startHarness({ upstream: { tls: { key: leaf.key, cert: leaf.pem } } });
    const answer = await wary.send({});
    expect(answer.status).toBe(502);
    expect(answer.text).toContain('certificate is not trusted');
    expect(wary.upstream.seen).toEqual([]);
  });
});
