import * as nodeCrypto from 'node:crypto';
import { createHash, createPublicKey, verify } from 'node:crypto';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { KEY_PAIR_SPECS, KEY_PAIRS } from '../../../src/core/hsm/algorithms/key-pairs.ts';
import type { HsmClient } from '../../../src/core/hsm/client.ts';
import type { KeyPairSpec, MessageType, SigningAlgorithm } from '../../../src/core/hsm/protocol.ts';
import { createTestVault, startTestHsm } from '../../support/hsm.ts';
import { edited, type KmsTestKey, makeKmsKey } from '../../support/kms-keys.ts';
import { openssl, opensslVersion } from '../../support/openssl.ts';

const SIGNERS = KEY_PAIR_SPECS.filter((spec) => KEY_PAIRS[spec].signing.length > 0);
const CASES = SIGNERS.flatMap((spec) =>
  KEY_PAIRS[spec].signing.flatMap((algorithm) =>
    typesOf(algorithm).map((type): [KeyPairSpec, SigningAlgorithm, MessageType] => [spec, algorithm, type]),
  ),
);
const MALFORMED = { code: 'InvalidInput' };
const REFUSED = { code: 'HsmRefused' };

let hsm: HsmClient;
const keys = new Map<KeyPairSpec, KmsTestKey>();

beforeAll(async () => {
  hsm = startTestHsm();
  await createTestVault(hsm);
  for (const spec of SIGNERS) keys.set(spec, await makeKmsKey(hsm, spec, ['sign', 'verify']));
}, 120_000);

function typesOf(algorithm: SigningAlgorithm): MessageType[] {
  if (algorithm === 'ED25519_SHA_512') return ['RAW'];
  if (algorithm === 'ED25519_PH_SHA_512') return ['DIGEST'];
  return algorithm === 'ML_DSA_SHAKE_256' ? ['RAW', 'EXTERNAL_MU'] : ['RAW', 'DIGEST'];
}

function keyOf(spec: KeyPairSpec): KmsTestKey {
  const key = keys.get(spec);
  if (key === undefined) throw new Error(`no key of spec ${spec}`);
  return key;
}

/** `sha256` of `…_SHA_256`. SM2's digest covers the public key too (sm2.test.ts); here any of its length will do. */
const hashOf = (algorithm: SigningAlgorithm): string => (algorithm === 'SM2DSA' ? 'sm3' : `sha${algorithm.slice(-3)}`);
const digest = (algorithm: SigningAlgorithm, message: Uint8Array): Uint8Array =>
  new Uint8Array(createHash(hashOf(algorithm)).update(message).digest());

async function signed(spec: KeyPairSpec, algorithm: SigningAlgorithm, messageType: MessageType, message: Uint8Array) {
  return (await hsm.call('kmsSign', { key: keyOf(spec).ref, algorithm, messageType, message })).signature;
}

async function verified(
  spec: KeyPairSpec,
  algorithm: SigningAlgorithm,
  messageType: MessageType,
  message: Uint8Array,
  signature: Uint8Array,
) {
  return (await hsm.call('kmsVerify', { key: keyOf(spec).ref, algorithm, messageType, message, signature })).valid;
}

/** The message as this type wants it. */
function typed(algorithm: SigningAlgorithm, type: MessageType, message: Uint8Array): Uint8Array {
  if (type === 'RAW') return message;
  return type === 'EXTERNAL_MU' ? new Uint8Array(64).fill(3) : digest(algorithm, message);
}

describe.each(CASES)('%s %s %s', (spec, algorithm, type) => {
  test('verifies its own; a changed byte anywhere, another message and a cut are not valid', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 4096 }), fc.nat(), fc.nat(7), async (raw, at, bit) => {
        const message = typed(algorithm, type, raw);
        const signature = await signed(spec, algorithm, type, message);
        const valid = (bytes: Uint8Array, of = message) => verified(spec, algorithm, type, of, bytes);
        expect(await valid(signature)).toBe(true);
        expect(await valid(edited(signature, at % signature.length, bit))).toBe(false);
        expect(await valid(edited(signature, 0))).toBe(false);
        expect(await valid(edited(signature, signature.length - 1))).toBe(false);
        expect(await valid(signature.slice(0, -1))).toBe(false);
        expect(await valid(new Uint8Array([...signature, 0]))).toBe(false);
        expect(await valid(new Uint8Array(signature.length))).toBe(false);
        if (message.length > 0) {
          expect(await valid(signature, edited(message, at % message.length, bit))).toBe(false);
        }
      }),
      { numRuns: spec === 'RSA_4096' || spec.startsWith('ML_') ? 3 : 8 },
    );
  });
});

describe('message types', () => {
  test('a digest signed as DIGEST and its message signed as RAW verify as each other', async () => {
    const message = new TextEncoder().encode('the same');
    for (const [spec, algorithm, type] of CASES) {
      if (type !== 'DIGEST' || algorithm === 'ED25519_PH_SHA_512' || algorithm === 'SM2DSA') continue;
      const hash = digest(algorithm, message);
      const fromDigest = await signed(spec, algorithm, 'DIGEST', hash);
      expect(await verified(spec, algorithm, 'RAW', message, fromDigest), algorithm).toBe(true);
      const fromRaw = await signed(spec, algorithm, 'RAW', message);
      expect(await verified(spec, algorithm, 'DIGEST', hash, fromRaw), algorithm).toBe(true);
      expect(await verified(spec, algorithm, 'RAW', hash, fromRaw), algorithm).toBe(false);
    }
  });

  test('lengths and types that AWS refuses are refused', async () => {
    const sign = (spec: KeyPairSpec, algorithm: SigningAlgorithm, type: MessageType, length: number) =>
      signed(spec, algorithm, type, new Uint8Array(length));
    await expect(sign('RSA_2048', 'RSASSA_PSS_SHA_256', 'DIGEST', 31)).rejects.toMatchObject(MALFORMED);
    await expect(sign('RSA_2048', 'RSASSA_PSS_SHA_256', 'DIGEST', 48)).rejects.toMatchObject(MALFORMED);
    await expect(sign('EC_P384', 'ECDSA_SHA_384', 'DIGEST', 32)).rejects.toMatchObject(MALFORMED);
    await expect(sign('RSA_2048', 'RSASSA_PSS_SHA_256', 'EXTERNAL_MU', 64)).rejects.toMatchObject(MALFORMED);
    await expect(sign('ED25519', 'ED25519_SHA_512', 'DIGEST', 64)).rejects.toMatchObject(MALFORMED);
    await expect(sign('ED25519', 'ED25519_PH_SHA_512', 'RAW', 64)).rejects.toMatchObject(MALFORMED);
    await expect(sign('ED25519', 'ED25519_PH_SHA_512', 'DIGEST', 32)).rejects.toMatchObject(MALFORMED);
    await expect(sign('ML_DSA_44', 'ML_DSA_SHAKE_256', 'DIGEST', 32)).rejects.toMatchObject(MALFORMED);
    await expect(sign('ML_DSA_44', 'ML_DSA_SHAKE_256', 'EXTERNAL_MU', 63)).rejects.toMatchObject(MALFORMED);
    await expect(sign('RSA_2048', 'RSASSA_PSS_SHA_256', 'RAW', 4097)).rejects.toMatchObject(MALFORMED);
  });

  test('an algorithm of another spec is refused, by sign and by verify', async () => {
    for (const spec of SIGNERS) {
      const algorithm: SigningAlgorithm = spec.startsWith('EC_P256') ? 'ECDSA_SHA_384' : 'ECDSA_SHA_256';
      if (KEY_PAIRS[spec].signing.includes(algorithm)) continue;
      await expect(signed(spec, algorithm, 'RAW', new Uint8Array(1))).rejects.toMatchObject(REFUSED);
      await expect(verified(spec, algorithm, 'RAW', new Uint8Array(1), new Uint8Array(64))).rejects.toMatchObject(
        REFUSED,
      );
    }
  });

  test('usages are held: a verifier does not sign, a signer does not verify', async () => {
    const input = { algorithm: 'ECDSA_SHA_256', messageType: 'RAW', message: new Uint8Array(1) } as const;
    const { ref: verifier } = await makeKmsKey(hsm, 'EC_P256', ['verify']);
    await expect(hsm.call('kmsSign', { key: verifier, ...input })).rejects.toMatchObject(REFUSED);
    const { ref: signer } = await makeKmsKey(hsm, 'EC_P256', ['sign']);
    const { signature } = await hsm.call('kmsSign', { key: signer, ...input });
    await expect(hsm.call('kmsVerify', { key: signer, ...input, signature })).rejects.toMatchObject(REFUSED);
    const { ref: expired } = await makeKmsKey(hsm, 'EC_P256', ['sign'], { notAfter: 1 });
    await expect(hsm.call('kmsSign', { key: expired, ...input })).rejects.toMatchObject(REFUSED);
    // The public key is no secret, whatever the key may still do.
    await expect(hsm.call('publicKeyOf', { key: expired })).resolves.toHaveProperty('publicKey');
  });
});

describe('public keys', () => {
  test.each(KEY_PAIR_SPECS.filter((spec) => !spec.startsWith('ML_')))(
    '%s: as generated, as asked for, and as node:crypto reads them',
    async (spec) => {
      const key = keyOf(spec);
      expect(await hsm.call('publicKeyOf', { key: key.ref })).toEqual({ publicKey: key.material.publicKey });
      const read = createPublicKey({ key: key.spki, format: 'der', type: 'spki' });
      expect(read.export({ format: 'der', type: 'spki' })).toEqual(key.spki);
      const { modulusLength, publicExponent } = read.asymmetricKeyDetails ?? {};
      if (spec.startsWith('RSA')) {
        expect({ modulusLength, publicExponent }).toEqual({
          modulusLength: Number(spec.slice(4)),
          publicExponent: 65_537n,
        });
      }
    },
  );

  test('symmetric keys have none', async () => {
    const { ref } = await makeKmsKey(hsm, 'AES_256', ['encrypt']);
    await expect(hsm.call('publicKeyOf', { key: ref })).rejects.toMatchObject(REFUSED);
  });
});

const other = opensslVersion === null ? 'the openssl program (skipped: it is not here)' : `${opensslVersion}`;
describe.skipIf(opensslVersion === null)(`verified by ${other}`, () => {
  const message = new TextEncoder().encode('what openssl says too');

  test.each(CASES.filter(([, algorithm]) => /^(RSASSA|ECDSA)/.test(algorithm)))(
    '%s %s %s',
    async (spec, algorithm, type) => {
      const hash = digest(algorithm, message);
      const sig = await signed(spec, algorithm, type, type === 'RAW' ? message : hash);
      const pss = algorithm.startsWith('RSASSA_PSS')
        ? ['-pkeyopt', 'rsa_padding_mode:pss', '-pkeyopt', 'rsa_pss_saltlen:digest']
        : [];
      const args = ['pkeyutl', '-verify', '-pubin', '-keyform', 'DER', '-inkey', '{spki}', '-sigfile', '{sig}'];
      const verifies = (digested: Uint8Array) =>
        openssl([...args, '-in', '{hash}', '-pkeyopt', `digest:${hashOf(algorithm)}`, ...pss], {
          spki: keyOf(spec).spki,
          sig,
          hash: digested,
        }) !== null;
      expect(verifies(hash)).toBe(true);
      expect(verifies(edited(hash, 5))).toBe(false);
    },
  );

  test('ED25519 ED25519_SHA_512 RAW', async () => {
    const sig = await signed('ED25519', 'ED25519_SHA_512', 'RAW', message);
    const args = ['pkeyutl', '-verify', '-pubin', '-keyform', 'DER', '-inkey', '{spki}', '-sigfile', '{sig}', '-rawin'];
    const verifies = (bytes: Uint8Array) =>
      openssl([...args, '-in', '{message}'], { spki: keyOf('ED25519').spki, sig, message: bytes }) !== null;
    expect(verifies(message)).toBe(true);
    expect(verifies(edited(message, 5))).toBe(false);
  });
});

describe('verified by node:crypto', () => {
  const message = new TextEncoder().encode('what another library says too');

  test.each(CASES.filter(([, algorithm, type]) => algorithm.startsWith('RSASSA_PSS') && type === 'DIGEST'))(
    '%s %s: our own EMSA-PSS',
    async (spec, algorithm) => {
      const signature = await signed(spec, algorithm, 'DIGEST', digest(algorithm, message));
      const key = {
        key: createPublicKey({ key: keyOf(spec).spki, format: 'der', type: 'spki' }),
        padding: nodeCrypto.constants.RSA_PKCS1_PSS_PADDING,
        saltLength: nodeCrypto.constants.RSA_PSS_SALTLEN_DIGEST,
      };
      expect(verify(hashOf(algorithm), message, key, signature)).toBe(true);
    },
  );

  // OpenSSL 3.5 has ML-DSA; the HSM does not use it, because Electron's library has not.
  const [major = 0, minor = 0] = process.versions.openssl.split('.').map(Number);
  test.skipIf(major * 100 + minor < 305).each(['ML_DSA_44', 'ML_DSA_65', 'ML_DSA_87'] as const)('%s', async (spec) => {
    const key = createPublicKey({ key: keyOf(spec).spki, format: 'der', type: 'spki' });
    const signature = await signed(spec, 'ML_DSA_SHAKE_256', 'RAW', message);
    expect(verify(null, message, key, signature)).toBe(true);
    expect(verify(null, edited(message, 0), key, signature)).toBe(false);
    // μ = SHAKE256(SHAKE256(public key, 64) || 0 || 0 || message, 64): FIPS 204, algorithms 2 and 7.
    const shake = (...parts: Uint8Array[]) => {
      const hash = createHash('shake256', { outputLength: 64 });
      for (const part of parts) hash.update(part);
      return hash.digest();
    };
    const raw = keyOf(spec).spki.subarray(22);
    const mu = new Uint8Array(shake(shake(raw), new Uint8Array(2), message));
    expect(verify(null, message, key, await signed(spec, 'ML_DSA_SHAKE_256', 'EXTERNAL_MU', mu))).toBe(true);
    expect(await verified(spec, 'ML_DSA_SHAKE_256', 'EXTERNAL_MU', mu, signature)).toBe(true);
  });
});

describe('ECDSA', () => {
  test.each(['EC_P256', 'EC_SECP256K1'] as const)('%s gives low and high s, as AWS does', async (spec) => {
    const order = {
      EC_P256: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
      EC_SECP256K1: 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n,
    }[spec];
    const halves = new Set<boolean>();
    // 64 of one kind only: once in 2^63 runs.
    for (let count = 0; count < 64 && halves.size < 2; count++) {
      const signature = Buffer.from(await signed(spec, 'ECDSA_SHA_256', 'DIGEST', new Uint8Array(32).fill(count)));
      const s = signature.subarray(signature.length - (signature[5 + (signature[3] ?? 0)] ?? 0));
      halves.add(BigInt(`0x${s.toString('hex')}`) > order / 2n);
    }
    expect(halves.size).toBe(2);
  });
});
