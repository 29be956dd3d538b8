import { execFileSync } from 'node:child_process';
import { constants, createDecipheriv, createPrivateKey, generateKeyPairSync, privateDecrypt } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  FILES,
  importRecipe,
  WRAPPING_ALGORITHMS,
  type WrappingAlgorithm,
  wrappingAlgorithms,
  wrappingSpecs,
} from '../../../../src/renderer/features/kms/import/recipe.ts';
import { missing } from '../../../support/scenario.ts';

const reason = missing('openssl', ['version'], 'openssl');
const WRAP_IV = Buffer.from('a65959a6', 'hex');

/** The material, as the HSM gets it out of what was uploaded. */
function unwrap(wrapped: Buffer, key: ReturnType<typeof createPrivateKey>, algorithm: WrappingAlgorithm): Buffer {
  const oaepHash = algorithm.endsWith('SHA_1') ? 'sha1' : 'sha256';
  const open = (bytes: Buffer) => privateDecrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash }, bytes);
  if (algorithm.startsWith('RSAES_')) return open(wrapped);
  const aes = open(wrapped.subarray(0, 256));
  const decipher = createDecipheriv('id-aes256-wrap-pad', aes, WRAP_IV);
  return Buffer.concat([decipher.update(wrapped.subarray(256)), decipher.final()]);
}

describe.skipIf(reason !== null)(`the recipe, run${reason === null ? '' : ` (skipped: ${reason})`}`, () => {
  const cases = WRAPPING_ALGORITHMS.flatMap((algorithm) =>
    ['SYMMETRIC_DEFAULT', 'HMAC_384', 'ECC_NIST_P256', 'ECC_NIST_EDWARDS25519', 'RSA_2048']
      .filter((spec) => wrappingAlgorithms(spec).includes(algorithm))
      .map((spec) => [spec, algorithm] as const),
  );
  test.each(cases)('%s by %s makes material that opens again, and leaves no other copy of it', (spec, algorithm) => {
    const folder = mkdtempSync(join(tmpdir(), 'kh-recipe-'));
    try {
      const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
      writeFileSync(join(folder, FILES.publicKey), publicKey.export({ format: 'der', type: 'spki' }));
      execFileSync('sh', ['-e', '-c', importRecipe(spec, algorithm)], { cwd: folder, stdio: 'pipe' });
      const material = readFileSync(join(folder, 'KeyMaterial.bin'));
      expect(unwrap(readFileSync(join(folder, FILES.encrypted)), privateKey, algorithm).equals(material)).toBe(true);
      if (spec === 'SYMMETRIC_DEFAULT') expect(material).toHaveLength(32);
      else if (spec.startsWith('HMAC_')) expect(material).toHaveLength(48);
      else expect(createPrivateKey({ key: material, format: 'der', type: 'pkcs8' }).type).toBe('private');
      expect(readdirSync(folder).sort()).toEqual([FILES.encrypted, 'KeyMaterial.bin', FILES.publicKey].sort());
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

test('RSA alone is offered only where it can hold the material', () => {
  expect(wrappingAlgorithms('RSA_4096').every((algorithm) => algorithm.startsWith('RSA_AES_'))).toBe(true);
  expect(wrappingSpecs('ECC_NIST_P521', 'RSAES_OAEP_SHA_256')).not.toContain('RSA_2048');
  expect(wrappingSpecs('ECC_NIST_P521', 'RSA_AES_KEY_WRAP_SHA_256')).toContain('RSA_2048');
});
