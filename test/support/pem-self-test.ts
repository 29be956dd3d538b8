import { createPrivateKey, verify, X509Certificate } from 'node:crypto';
import { systemRandom } from '../../src/core/crypto/random.ts';
import { sha256 } from '../../src/core/crypto/sha256.ts';
import { KEY_PAIRS } from '../../src/core/hsm/algorithms/key-pairs.ts';
import { pemToPkcs8 } from '../../src/core/hsm/algorithms/pem-key.ts';
import { readChain } from '../../src/core/x509/read-chain.ts';
import { createTestCa } from './test-ca.ts';

type Check = (what: string, run: () => boolean | Promise<boolean>) => Promise<void>;

/** Private keys from PEM files of every kind, certificates, and ECDSA over a digest that is shorter than the curve: what certificates for IAM Roles Anywhere need. */
export async function checkPem(check: Check): Promise<void> {
  for (const [spec, forms] of [
    ['EC_P256', ['pkcs8', 'sec1']],
    ['EC_P384', ['pkcs8', 'sec1']],
    ['RSA_2048', ['pkcs8', 'pkcs1']],
  ] as const) {
    const material = await KEY_PAIRS[spec].generate(systemRandom);
    const key = createPrivateKey({ key: Buffer.from(material), format: 'der', type: 'pkcs8' });
    for (const type of forms) {
      const pem = Buffer.from(key.export({ type, format: 'pem' }));
      await check(`${spec} PEM ${type}`, () => {
        const read = pemToPkcs8(pem);
        return read.spec === spec && KEY_PAIRS[spec].fromPkcs8(read.pkcs8) !== null;
      });
    }
  }
  const pair = KEY_PAIRS.EC_P384.privateKey(await KEY_PAIRS.EC_P384.generate(systemRandom));
  const now = Date.parse('2026-03-01T12:00:00Z');
  const ca = createTestCa(now);
  const message = new Uint8Array(100);
  await check('EC_P384 over SHA-256, by the certificate', async () => {
    const { publicKey } = new X509Certificate(ca.certificate);
    const issued = ca.issueFor('CN=x', publicKey);
    const toSign = { algorithm: 'ECDSA_SHA_256', messageType: 'DIGEST', message: sha256(message) } as const;
    const signature = await pair.sign?.(toSign, systemRandom);
    const spki = { key: Buffer.from(pair.spki), format: 'der', type: 'spki' } as const;
    const { leaf } = readChain(issued, publicKey.export({ type: 'spki', format: 'der' }), now);
    return leaf.subject === 'CN=x' && signature !== undefined && verify('sha256', message, spki, signature);
  });
}
