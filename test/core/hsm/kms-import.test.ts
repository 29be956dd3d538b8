import {
  constants,
  createCipheriv,
  createHmac,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  publicEncrypt,
  randomBytes,
  verify,
} from 'node:crypto';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { fromHex } from '../../../src/core/crypto/bytes.ts';
import { secretKey } from '../../../src/core/crypto/secret-key.ts';
import { KEY_PAIRS } from '../../../src/core/hsm/algorithms/key-pairs.ts';
import { decryptSymmetric } from '../../../src/core/hsm/algorithms/symmetric.ts';
import type { HsmClient } from '../../../src/core/hsm/client.ts';
import type {
  HsmOutput,
  KeyPairSpec,
  KmsSpec,
  NewKmsMaterial,
  ObjectRef,
  ObjectUsage,
  WrappingAlgorithm,
} from '../../../src/core/hsm/protocol.ts';
import { createTestVault, startTestHsm } from '../../support/hsm.ts';
import { asTestKey, edited, kmsRequest, makeKmsKey, newObjectId } from '../../support/kms-keys.ts';
import { openssl } from '../../support/openssl.ts';

const WRAPPINGS: readonly WrappingAlgorithm[] = [
  'RSAES_OAEP_SHA_1',
  'RSAES_OAEP_SHA_256',
  'RSA_AES_KEY_WRAP_SHA_1',
  'RSA_AES_KEY_WRAP_SHA_256',
  'RSAES_PKCS1_V1_5',
];
const KWP = 'RSA_AES_KEY_WRAP_SHA_256';
const MATERIAL = { code: 'InvalidKeyMaterial' };
const CIPHERTEXT = { code: 'InvalidCiphertext' };
const REFUSED = { code: 'HsmRefused' };
const utf8 = (text: string) => new TextEncoder().encode(text);

let hsm: HsmClient;
let importKey: HsmOutput<'generateImportKey'>;
let time = 1_000;

beforeAll(async () => {
  hsm = startTestHsm({ clock: { now: () => time, monotonic: () => performance.now() } });
  await createTestVault(hsm);
  importKey = await newImportKey();
});

const newImportKey = (notAfter?: number) =>
  hsm.call('generateImportKey', {
    id: newObjectId(),
    spec: 'RSA_2048',
    label: 'import',
    createdAt: 1,
    ...(notAfter === undefined ? {} : { notAfter }),
  });
const refOf = ({ attributes, blob }: HsmOutput<'generateImportKey'>): ObjectRef => ({
  id: attributes.id,
  version: 1,
  blob,
});

/** Wraps as AWS's guide tells its users to, with OpenSSL's AES key wrap. */
function wrapped(
  algorithm: WrappingAlgorithm,
  material: Uint8Array,
  to = importKey.publicKey,
  kekBytes = 32,
): Uint8Array {
  const key = createPublicKey({ key: Buffer.from(to), format: 'der', type: 'spki' });
  const rsa = (bytes: Uint8Array): Uint8Array => {
    if (algorithm === 'RSAES_PKCS1_V1_5') return publicEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, bytes);
    const oaepHash = algorithm.endsWith('SHA_1') ? 'sha1' : 'sha256';
    return publicEncrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash }, bytes);
  };
  if (!algorithm.startsWith('RSA_AES')) return new Uint8Array(rsa(material));
  const kek = randomBytes(kekBytes);
  const cipher = createCipheriv(`id-aes${kekBytes * 8}-wrap-pad`, kek, Buffer.from('a65959a6', 'hex'));
  return new Uint8Array(Buffer.concat([rsa(kek), cipher.update(material), cipher.final()]));
}

async function imported(
  spec: KmsSpec,
  usage: ObjectUsage[],
  material: Uint8Array,
  algorithm: WrappingAlgorithm = KWP,
  more: Partial<NewKmsMaterial> = {},
) {
  const encryptedKeyMaterial = wrapped(algorithm, material);
  return asTestKey(
    await hsm.call('importKmsMaterial', {
      ...kmsRequest(spec, usage, more),
      wrappingKey: refOf(importKey),
      algorithm,
      encryptedKeyMaterial,
    }),
  );
}

const pkcs8 = (key: KeyObject): Uint8Array => new Uint8Array(key.export({ format: 'der', type: 'pkcs8' }));

describe('import keys', () => {
  test('are RSA keys that unwrap and do nothing else', async () => {
    expect(importKey.attributes).toMatchObject({
      class: 'private-key',
      spec: 'RSA_2048',
      usage: ['unwrap'],
      extractable: false,
    });
    const key = refOf(importKey);
    const ciphertext = wrapped('RSAES_OAEP_SHA_256', utf8('x'));
    await expect(hsm.call('asymDecrypt', { key, algorithm: 'RSAES_OAEP_SHA_256', ciphertext })).rejects.toMatchObject(
      REFUSED,
    );
    const message = { algorithm: 'RSASSA_PSS_SHA_256', messageType: 'RAW', message: utf8('x') } as const;
    await expect(hsm.call('kmsSign', { key, ...message })).rejects.toMatchObject(REFUSED);
  });

  test('stop at their end', async () => {
    const short = await newImportKey(2_000);
    const call = () =>
      hsm.call('importKmsMaterial', {
        ...kmsRequest('AES_256', ['encrypt']),
        wrappingKey: refOf(short),
        algorithm: KWP,
        encryptedKeyMaterial: wrapped(KWP, new Uint8Array(32), short.publicKey),
      });
    await expect(call()).resolves.toHaveProperty('materialId');
    time = 2_000;
    await expect(call()).rejects.toMatchObject(REFUSED);
    time = 1_000;
  });
});

describe('symmetric material', () => {
  test.each(WRAPPINGS)('wrapped with %s encrypts as the key that was wrapped', async (algorithm) => {
    const material = new Uint8Array(randomBytes(32));
    const { ref, spki } = await imported('AES_256', ['encrypt', 'decrypt'], material, algorithm);
    expect(spki.length).toBe(0);
    const { ciphertext } = await hsm.call('kmsEncrypt', { key: ref, aad: utf8('a'), plaintext: utf8('secret') });
    expect(decryptSymmetric(secretKey(material), utf8('a'), ciphertext)).toEqual(utf8('secret'));
  });

  test('expires when it was told to', async () => {
    const { ref } = await imported('AES_256', ['encrypt'], new Uint8Array(32), KWP, { notAfter: 3_000 });
    const use = () => hsm.call('kmsEncrypt', { key: ref, aad: utf8(''), plaintext: utf8('x') });
    await expect(use()).resolves.toHaveProperty('ciphertext');
    time = 3_000;
    await expect(use()).rejects.toMatchObject(REFUSED);
    time = 1_000;
  });

  test.each([
    ['HMAC_224', 'HMAC_SHA_224', 28],
    ['HMAC_256', 'HMAC_SHA_256', 32],
    ['HMAC_384', 'HMAC_SHA_384', 48],
    ['HMAC_512', 'HMAC_SHA_512', 64],
  ] as const)('%s makes the MACs of node:crypto', async (spec, algorithm, bytes) => {
    const material = new Uint8Array(randomBytes(bytes));
    const { ref } = await imported(spec, ['mac'], material);
    const { mac } = await hsm.call('kmsMac', { key: ref, algorithm, message: utf8('m') });
    expect(Buffer.from(mac)).toEqual(createHmac(algorithm.slice(5).replace('_', ''), material).update('m').digest());
    for (const wrong of [bytes - 1, bytes + 1, 1]) {
      await expect(imported(spec, ['mac'], new Uint8Array(wrong))).rejects.toMatchObject(MATERIAL);
    }
  });

  test('of another length is not material', async () => {
    for (const length of [1, 16, 24, 31, 33, 64]) {
      for (const algorithm of WRAPPINGS) {
        await expect(imported('AES_256', ['encrypt'], new Uint8Array(length), algorithm)).rejects.toMatchObject(
          MATERIAL,
        );
      }
    }
  });
});

describe('what does not unwrap', () => {
  const call = (algorithm: WrappingAlgorithm, encryptedKeyMaterial: Uint8Array, key = importKey) =>
    hsm.call('importKmsMaterial', {
      ...kmsRequest('AES_256', ['encrypt']),
      wrappingKey: refOf(key),
      algorithm,
      encryptedKeyMaterial,
    });

  test.each(WRAPPINGS)('%s: an edited byte, a cut, another key, another algorithm', async (algorithm) => {
    const good = wrapped(algorithm, new Uint8Array(randomBytes(32)));
    // PKCS #1 v1.5 has no integrity: once in about 2^16 edits something is left, of a length that no key has.
    const wrongs = algorithm === 'RSAES_PKCS1_V1_5' ? [CIPHERTEXT, MATERIAL] : [CIPHERTEXT];
    const codeOf = (bytes: Uint8Array, key = importKey, by = algorithm) =>
      call(by, bytes, key).then(
        () => 'imported',
        (error: unknown) => (error instanceof Error && 'code' in error ? error.code : error),
      );
    await fc.assert(
      fc.asyncProperty(fc.nat(good.length - 1), fc.nat(7), async (at, bit) => {
        expect(wrongs.map(({ code }) => code)).toContain(await codeOf(edited(good, at, bit)));
      }),
      { numRuns: 40 },
    );
    expect(await codeOf(good.slice(0, -1))).toBe('InvalidCiphertext');
    expect(await codeOf(new Uint8Array([...good, 0]))).toBe('InvalidCiphertext');
    expect(await codeOf(new Uint8Array(good.length))).toBe('InvalidCiphertext');
    expect(wrongs.map(({ code }) => code)).toContain(await codeOf(good, await newImportKey()));
    for (const by of WRAPPINGS) {
      if (by !== algorithm)
        expect(['InvalidCiphertext', 'InvalidKeyMaterial']).toContain(await codeOf(good, importKey, by));
    }
    expect(await codeOf(good)).toBe('imported');
  });

  test('an AES key of another length than AWS takes', async () => {
    await expect(call(KWP, wrapped(KWP, new Uint8Array(32), importKey.publicKey, 16))).rejects.toMatchObject(
      CIPHERTEXT,
    );
  });

  test('a key that is not for unwrapping', async () => {
    const { ref, spki } = await makeKmsKey(hsm, 'RSA_2048', ['decrypt']);
    await expect(
      hsm.call('importKmsMaterial', {
        ...kmsRequest('AES_256', ['encrypt']),
        wrappingKey: ref,
        algorithm: 'RSAES_OAEP_SHA_256',
        encryptedKeyMaterial: wrapped('RSAES_OAEP_SHA_256', new Uint8Array(32), new Uint8Array(spki)),
      }),
    ).rejects.toMatchObject(REFUSED);
  });
});

describe('material ids', () => {
  test('are the same for the same material in the same context, and for nothing else', async () => {
    const material = new Uint8Array(randomBytes(32));
    const id = async (bytes: Uint8Array, context: string, algorithm: WrappingAlgorithm = KWP) =>
      (await imported('AES_256', ['encrypt'], bytes, algorithm, { materialContext: utf8(context) })).material
        .materialId;
    const first = await id(material, 'account/key');
    expect(await id(material, 'account/key', 'RSAES_OAEP_SHA_1')).toBe(first);
    expect(await id(material, 'account/other')).not.toBe(first);
    expect(await id(edited(material, 31, 7), 'account/key')).not.toBe(first);
    // Another vault has other names for it.
    const elsewhere = startTestHsm();
    await createTestVault(elsewhere);
    const key = await elsewhere.call('generateImportKey', {
      id: newObjectId(),
      spec: 'RSA_2048',
      label: '',
      createdAt: 1,
    });
    const there = await elsewhere.call('importKmsMaterial', {
      ...kmsRequest('AES_256', ['encrypt'], { materialContext: utf8('account/key') }),
      wrappingKey: refOf(key),
      algorithm: KWP,
      encryptedKeyMaterial: wrapped(KWP, material, key.publicKey),
    });
    expect(there.materialId).not.toBe(first);
  });

  test('do not depend on how another program encodes the same key pair', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    const whole = pkcs8(privateKey);
    // The same ECPrivateKey without its optional public key: 0x44 bytes and the lengths around it less.
    const bare = new Uint8Array([
      ...fromHex('3041020100301306072a8648ce3d020106082a8648ce3d030107042730250201010420'),
      ...whole.subarray(36, 68),
    ]);
    const one = await imported('EC_P256', ['sign'], whole);
    const two = await imported('EC_P256', ['sign'], bare);
    expect(two.material.materialId).toBe(one.material.materialId);
    expect(two.spki).toEqual(one.spki);
    const compressed = openssl(
      ['ec', '-inform', 'DER', '-in', '{key}', '-conv_form', 'compressed', '-outform', 'DER'],
      {
        key: whole,
      },
    );
    const wrapped8 =
      compressed &&
      openssl(['pkcs8', '-topk8', '-nocrypt', '-inform', 'DER', '-in', '{key}', '-outform', 'DER'], {
        key: compressed,
      });
    if (wrapped8 === null) return;
    expect(wrapped8.length).toBeLessThan(whole.length);
    const three = await imported('EC_P256', ['sign'], new Uint8Array(wrapped8));
    expect(three.material.materialId).toBe(one.material.materialId);
  });

  test('a curve spelled out instead of named is refused', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1', paramEncoding: 'explicit' });
    await expect(imported('EC_P256', ['sign'], pkcs8(privateKey))).rejects.toMatchObject(MATERIAL);
  });
});

describe('key pairs', () => {
  const made = {
    RSA_2048: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
    RSA_3072: () => generateKeyPairSync('rsa', { modulusLength: 3072 }),
    EC_P256: () => generateKeyPairSync('ec', { namedCurve: 'prime256v1' }),
    EC_P384: () => generateKeyPairSync('ec', { namedCurve: 'secp384r1' }),
    EC_P521: () => generateKeyPairSync('ec', { namedCurve: 'secp521r1' }),
    EC_SECP256K1: () => generateKeyPairSync('ec', { namedCurve: 'secp256k1' }),
    ED25519: () => generateKeyPairSync('ed25519'),
  };
  type Made = keyof typeof made;
  const specs = Object.keys(made).filter((name): name is Made => name in made);

  test.each(specs)('%s: signs for the public key that it came with', async (spec) => {
    const { privateKey, publicKey } = made[spec]();
    const { ref, spki } = await imported(spec, ['sign', 'verify'], pkcs8(privateKey));
    expect(spki).toEqual(publicKey.export({ format: 'der', type: 'spki' }));
    const algorithm = KEY_PAIRS[spec].signing.find((name) => name.includes('V1_5_SHA_256') || !name.includes('RSASSA'));
    if (algorithm === undefined) throw new Error('every one of these signs');
    const { signature } = await hsm.call('kmsSign', { key: ref, algorithm, messageType: 'RAW', message: utf8('m') });
    const hash = spec === 'ED25519' ? null : `sha${algorithm.slice(-3)}`;
    expect(verify(hash, utf8('m'), publicKey, signature)).toBe(true);
  });

  test.each(specs)('what is no sound key of another spec is not imported as %s', async (spec) => {
    for (const other of specs) {
      if (other === spec) continue;
      await expect(imported(spec, ['sign'], pkcs8(made[other]().privateKey)), other).rejects.toMatchObject(MATERIAL);
    }
    const good = pkcs8(made[spec]().privateKey);
    for (const wrong of [good.slice(1), good.slice(0, -1), new Uint8Array(32), utf8('-----BEGIN PRIVATE KEY-----')]) {
      await expect(imported(spec, ['sign'], wrong)).rejects.toMatchObject(MATERIAL);
    }
  });

  test.each(['EC_P256', 'EC_P384', 'EC_SECP256K1'] as const)('%s with the public key of another', async (spec) => {
    const [mine, foreign] = [pkcs8(made[spec]().privateKey), pkcs8(made[spec]().privateKey)];
    const size = spec === 'EC_P384' ? 96 : 64;
    const mixed = new Uint8Array([...mine.subarray(0, -size), ...foreign.subarray(-size)]);
    await expect(imported(spec, ['sign'], mixed)).rejects.toMatchObject(MATERIAL);
  });

  test('RSA with a small exponent, or bound to PSS, is refused', async () => {
    const small = generateKeyPairSync('rsa', { modulusLength: 2048, publicExponent: 3 });
    await expect(imported('RSA_2048', ['sign'], pkcs8(small.privateKey))).rejects.toMatchObject(MATERIAL);
    const pss = generateKeyPairSync('rsa-pss', { modulusLength: 2048 });
    await expect(imported('RSA_2048', ['sign'], pkcs8(pss.privateKey))).rejects.toMatchObject(MATERIAL);
  });

  test('SEC 1 and PKCS #1 are not PKCS #8', async () => {
    const ec = made.EC_P256().privateKey.export({ format: 'der', type: 'sec1' });
    await expect(imported('EC_P256', ['sign'], new Uint8Array(ec))).rejects.toMatchObject(MATERIAL);
    const rsa = made.RSA_2048().privateKey.export({ format: 'der', type: 'pkcs1' });
    await expect(imported('RSA_2048', ['sign'], new Uint8Array(rsa))).rejects.toMatchObject(MATERIAL);
  });

  test('secp256k1 scalars out of range', async () => {
    const good = pkcs8(made.EC_SECP256K1().privateKey);
    const order = 'fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141';
    for (const scalar of ['00'.repeat(32), order, 'ff'.repeat(32)]) {
      const wrong = new Uint8Array([...good.subarray(0, 33), ...fromHex(scalar), ...good.subarray(65)]);
      expect(Buffer.from(good.subarray(31, 33)).toString('hex')).toBe('0420');
      await expect(imported('EC_SECP256K1', ['sign'], wrong)).rejects.toMatchObject(MATERIAL);
    }
  });
});

const [major = 0, minor = 0] = process.versions.openssl.split('.').map(Number);
describe.skipIf(major * 100 + minor < 305)('post-quantum key pairs made by OpenSSL', () => {
  test.each([
    ['ML_DSA_44', 'ml-dsa-44'],
    ['ML_DSA_65', 'ml-dsa-65'],
    ['ML_DSA_87', 'ml-dsa-87'],
  ] as const)('%s', async (spec, name) => {
    const { privateKey, publicKey } = generateKeyPairSync(name);
    const { ref, spki } = await imported(spec, ['sign'], pkcs8(privateKey));
    expect(spki).toEqual(publicKey.export({ format: 'der', type: 'spki' }));
    const message = utf8('m');
    const { signature } = await hsm.call('kmsSign', {
      key: ref,
      algorithm: 'ML_DSA_SHAKE_256',
      messageType: 'RAW',
      message,
    });
    expect(verify(null, message, publicKey, signature)).toBe(true);
  });

  test.each([
    ['ML_KEM_512', 'ml-kem-512'],
    ['ML_KEM_768', 'ml-kem-768'],
    ['ML_KEM_1024', 'ml-kem-1024'],
  ] as const)('%s', async (spec, name) => {
    const { privateKey, publicKey } = generateKeyPairSync(name);
    const { spki } = await imported(spec, ['derive'], pkcs8(privateKey));
    expect(spki).toEqual(publicKey.export({ format: 'der', type: 'spki' }));
  });
});

describe('seed keys', () => {
  test.each(['ML_DSA_44', 'ML_KEM_768'] as const)(
    '%s: seed alone, seed and expanded key; not one without the other',
    async (spec) => {
      const algorithm: (typeof KEY_PAIRS)[KeyPairSpec] = KEY_PAIRS[spec];
      const seed = await algorithm.generate({ bytes: (length) => new Uint8Array(randomBytes(length)) });
      const seedOnly = algorithm.toPkcs8(seed);
      const usage: ObjectUsage[] = spec === 'ML_DSA_44' ? ['sign'] : ['derive'];
      const { spki } = await imported(spec, usage, seedOnly);
      expect(new Uint8Array(spki)).toEqual(algorithm.privateKey(seed).spki);
      await expect(imported(spec, usage, seedOnly.slice(0, -1))).rejects.toMatchObject(MATERIAL);
      // The expanded form alone: its tag is OCTET STRING where the seed's is [0].
      const at = seedOnly.length - seed.length - 2;
      expect(seedOnly[at]).toBe(0x80);
      const expandedOnly = new Uint8Array(seedOnly);
      expandedOnly[at] = 0x04;
      await expect(imported(spec, usage, expandedOnly)).rejects.toMatchObject(MATERIAL);
    },
  );
});
