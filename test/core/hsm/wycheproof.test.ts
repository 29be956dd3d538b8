import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { fromHex, toHex } from '../../../src/core/crypto/bytes.ts';
import { KEY_PAIRS } from '../../../src/core/hsm/algorithms/key-pairs.ts';
import { unwrapAesKwp } from '../../../src/core/hsm/algorithms/unwrap-material.ts';
import type {
  KeyPairSpec,
  MessageType,
  RsaEncryptionAlgorithm,
  SigningAlgorithm,
} from '../../../src/core/hsm/protocol.ts';

// The files of Wycheproof whose algorithms KMS keys offer, through src/core/hsm/algorithms. AES-GCM, HMAC and HKDF, which the HSM has from
// core/crypto, are in test/core/crypto/wycheproof.test.ts. Not run: P1363 signatures (KMS has DER only), AES-KW without padding,
// ChaCha20, XChaCha20 and X25519 (no KMS key has them).

const FOLDER = new URL('../../../../shared/vectors/wycheproof/', import.meta.url);
const present = existsSync(FOLDER);
const title = present ? 'Wycheproof' : 'Wycheproof (skipped: ../shared/vectors/wycheproof is not here)';

const Vector = {
  tcId: z.number(),
  comment: z.string(),
  flags: z.array(z.string()).default([]),
  result: z.enum(['valid', 'invalid', 'acceptable']),
};
const VerifyGroup = z.object({
  publicKeyDer: z.string().nullish(),
  tests: z.array(z.object({ ...Vector, msg: z.string(), sig: z.string(), ctx: z.string().default('') })),
});
const DecryptGroup = z.object({
  privateKeyPkcs8: z.string(),
  tests: z.array(z.object({ ...Vector, msg: z.string(), ct: z.string(), label: z.string() })),
});
const WrapGroup = z.object({
  tests: z.array(z.object({ ...Vector, key: z.string(), msg: z.string(), ct: z.string() })),
});

function load<T>(file: string, group: z.ZodType<T>): T[] {
  return z.object({ testGroups: z.array(group) }).parse(JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8')))
    .testGroups;
}

interface Count {
  file: string;
  valid: number;
  invalid: number;
  /** Valid with an option that KMS does not have (a context, a label), or acceptable as legacy: all rejected. */
  other: number;
}
const counts: Count[] = [];

function counter(file: string): Count {
  const count = { file, valid: 0, invalid: 0, other: 0 };
  counts.push(count);
  return count;
}

function add(count: Count, accepted: boolean, result: 'valid' | 'invalid' | 'acceptable'): void {
  if (accepted) count.valid++;
  else if (result === 'invalid') count.invalid++;
  else count.other++;
}

afterAll(() => {
  for (const { file, valid, invalid, other } of counts) {
    console.log(`${file}: ${valid} valid accepted, ${invalid} invalid rejected, ${other} others rejected`);
  }
});

type Verified = [file: string, spec: KeyPairSpec, algorithm: SigningAlgorithm, digest: string | null];
const SIGNATURES: Verified[] = [
  ['rsa_signature_2048_sha256_test.json', 'RSA_2048', 'RSASSA_PKCS1_V1_5_SHA_256', 'sha256'],
  ['rsa_signature_3072_sha384_test.json', 'RSA_3072', 'RSASSA_PKCS1_V1_5_SHA_384', 'sha384'],
  ['rsa_signature_4096_sha512_test.json', 'RSA_4096', 'RSASSA_PKCS1_V1_5_SHA_512', 'sha512'],
  ['rsa_pss_2048_sha256_mgf1_32_test.json', 'RSA_2048', 'RSASSA_PSS_SHA_256', 'sha256'],
  ['rsa_pss_4096_sha512_mgf1_64_test.json', 'RSA_4096', 'RSASSA_PSS_SHA_512', 'sha512'],
  ['ecdsa_secp256r1_sha256_test.json', 'EC_P256', 'ECDSA_SHA_256', 'sha256'],
  ['ecdsa_secp384r1_sha384_test.json', 'EC_P384', 'ECDSA_SHA_384', 'sha384'],
  ['ecdsa_secp521r1_sha512_test.json', 'EC_P521', 'ECDSA_SHA_512', 'sha512'],
  ['ecdsa_secp256k1_sha256_test.json', 'EC_SECP256K1', 'ECDSA_SHA_256', 'sha256'],
  ['ed25519_test.json', 'ED25519', 'ED25519_SHA_512', null],
  ['mldsa_44_verify_test.json', 'ML_DSA_44', 'ML_DSA_SHAKE_256', null],
  ['mldsa_65_verify_test.json', 'ML_DSA_65', 'ML_DSA_SHAKE_256', null],
];

/** The message as itself and, where the algorithm has a hash, as its digest: two ways through different code. */
function messages(message: Uint8Array, digest: string | null): [MessageType, Uint8Array][] {
  if (digest === null) return [['RAW', message]];
  return [
    ['RAW', message],
    ['DIGEST', new Uint8Array(createHash(digest).update(message).digest())],
  ];
}

describe.skipIf(!present)(title, () => {
  test.each(SIGNATURES)('%s', { timeout: 120_000 }, (file, spec, algorithm, digest) => {
    const count = counter(file);
    for (const group of load(file, VerifyGroup)) {
      const key = group.publicKeyDer ? KEY_PAIRS[spec].publicKey(fromHex(group.publicKeyDer)) : null;
      for (const vector of group.tests) {
        // KMS signs in the empty context only; the acceptable ones (DigestInfo without its NULL) are none of AWS's algorithms.
        const wanted = vector.result === 'valid' && vector.ctx === '';
        for (const [messageType, message] of messages(fromHex(vector.msg), digest)) {
          const valid = key?.verify?.({ algorithm, messageType, message }, fromHex(vector.sig)) ?? false;
          expect(valid, `case ${vector.tcId}, ${messageType}: ${vector.comment}`).toBe(wanted);
        }
        add(count, wanted, vector.result);
      }
    }
    expect(count.valid).toBeGreaterThan(5);
    expect(count.invalid).toBeGreaterThan(40);
  });

  test.each<[string, KeyPairSpec, RsaEncryptionAlgorithm]>([
    ['rsa_oaep_2048_sha1_mgf1sha1_test.json', 'RSA_2048', 'RSAES_OAEP_SHA_1'],
    ['rsa_oaep_2048_sha256_mgf1sha256_test.json', 'RSA_2048', 'RSAES_OAEP_SHA_256'],
    ['rsa_oaep_4096_sha256_mgf1sha256_test.json', 'RSA_4096', 'RSAES_OAEP_SHA_256'],
  ])('%s', (file, spec, algorithm) => {
    const count = counter(file);
    for (const group of load(file, DecryptGroup)) {
      const key = KEY_PAIRS[spec].privateKey(fromHex(group.privateKeyPkcs8));
      for (const vector of group.tests) {
        const plaintext = key.decrypt?.(algorithm, fromHex(vector.ct)) ?? null;
        // KMS has the empty label only.
        const wanted = vector.result === 'valid' && vector.label === '' ? vector.msg : null;
        expect(plaintext && toHex(plaintext), `case ${vector.tcId}: ${vector.comment}`).toBe(wanted);
        add(count, wanted !== null, vector.result);
      }
    }
    expect(count.valid).toBeGreaterThan(8);
    expect(count.invalid).toBeGreaterThan(15);
  });

  test('aes_kwp_test.json', () => {
    const count = counter('aes_kwp_test.json');
    for (const vector of load('aes_kwp_test.json', WrapGroup).flatMap(({ tests }) => tests)) {
      const unwrapped = unwrapAesKwp(fromHex(vector.key), fromHex(vector.ct));
      const wanted = vector.result === 'valid' ? vector.msg : null;
      expect(unwrapped && toHex(unwrapped), `case ${vector.tcId}: ${vector.comment}`).toBe(wanted);
      add(count, wanted !== null, vector.result);
    }
    expect(count.valid).toBeGreaterThan(70);
    expect(count.invalid).toBeGreaterThan(150);
  });
});
