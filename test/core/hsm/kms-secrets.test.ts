import * as nodeCrypto from 'node:crypto';
import {
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { utf8 } from '../../../src/core/crypto/bytes.ts';
import { DATA_KEY_PAIR_SPECS, KEY_PAIRS } from '../../../src/core/hsm/algorithms/key-pairs.ts';
import type { HsmClient } from '../../../src/core/hsm/client.ts';
import type { ObjectRef } from '../../../src/core/hsm/protocol.ts';
import { createTestVault, startTestHsm } from '../../support/hsm.ts';
import { edited, kmsRequest, makeKmsKey } from '../../support/kms-keys.ts';

const aad = utf8('context');
const REFUSED = { code: 'HsmRefused' };

let hsm: HsmClient;
let key: ObjectRef;

beforeAll(async () => {
  hsm = startTestHsm();
  await createTestVault(hsm);
  key = (await makeKmsKey(hsm, 'AES_256', ['encrypt', 'decrypt'])).ref;
});

/** Whether this OpenSSL has ML-KEM. */
const [major = 0, minor = 0] = process.versions.openssl.split('.').map(Number);
const hasMlKem = major * 100 + minor >= 305;

describe('data key pairs', () => {
  test.each(DATA_KEY_PAIR_SPECS)(
    '%s: the private key fits the public key, in the clear and encrypted',
    { timeout: 60_000 },
    async (spec) => {
      const shown = await hsm.call('kmsGenerateDataKeyPair', { key, aad, spec, reveal: true });
      const { plaintext } = await hsm.call('kmsDecrypt', { key, aad, ciphertext: shown.privateCiphertext });
      expect(plaintext).toEqual(shown.privatePlaintext);
      const hidden = await hsm.call('kmsGenerateDataKeyPair', { key, aad, spec, reveal: false });
      expect(Object.keys(hidden).sort()).toEqual(['privateCiphertext', 'publicKey']);
      expect(hidden.publicKey).not.toEqual(shown.publicKey);

      const material = KEY_PAIRS[spec].fromPkcs8(plaintext);
      expect(material && KEY_PAIRS[spec].privateKey(material).spki).toEqual(shown.publicKey);
      if (spec.startsWith('ML_KEM') && !hasMlKem) return;
      const privateKey = createPrivateKey({ key: Buffer.from(plaintext), format: 'der', type: 'pkcs8' });
      const publicKey = createPublicKey({ key: Buffer.from(shown.publicKey), format: 'der', type: 'spki' });
      expect(createPublicKey(privateKey).export({ format: 'der', type: 'spki' })).toEqual(
        publicKey.export({ format: 'der', type: 'spki' }),
      );
      if (spec.startsWith('ML_KEM')) return;
      const hash = spec === 'ED25519' ? null : spec === 'SM2' ? 'sm3' : 'sha256';
      expect(verify(hash, aad, publicKey, sign(hash, aad, privateKey))).toBe(true);
    },
  );

  test('need a key that encrypts, and a spec that AWS has', async () => {
    const { ref } = await makeKmsKey(hsm, 'AES_256', ['decrypt']);
    const input = { aad, spec: 'EC_P256', reveal: true } as const;
    await expect(hsm.call('kmsGenerateDataKeyPair', { key: ref, ...input })).rejects.toMatchObject(REFUSED);
    const wrong: { spec: 'EC_P256' } = JSON.parse('{"spec":"ML_DSA_44"}');
    await expect(hsm.call('kmsGenerateDataKeyPair', { key, ...input, ...wrong })).rejects.toMatchObject({
      code: 'InvalidInput',
    });
  });
});

describe('ECDH', () => {
  test.each([
    ['EC_P256', 'prime256v1', 32],
    ['EC_P384', 'secp384r1', 48],
    ['EC_P521', 'secp521r1', 66],
  ] as const)('%s agrees with node:crypto, and with itself', async (spec, namedCurve, bytes) => {
    const ours = await makeKmsKey(hsm, spec, ['derive']);
    const peer = generateKeyPairSync('ec', { namedCurve });
    const der = new Uint8Array(peer.publicKey.export({ format: 'der', type: 'spki' }));
    const { sharedSecret } = await hsm.call('kmsDeriveSharedSecret', { key: ours.ref, publicKey: der });
    const publicKey = createPublicKey({ key: ours.spki, format: 'der', type: 'spki' });
    expect(Buffer.from(sharedSecret)).toEqual(diffieHellman({ privateKey: peer.privateKey, publicKey }));
    expect(sharedSecret.length).toBe(bytes);

    const theirs = await makeKmsKey(hsm, spec, ['derive']);
    const one = await hsm.call('kmsDeriveSharedSecret', { key: ours.ref, publicKey: new Uint8Array(theirs.spki) });
    const two = await hsm.call('kmsDeriveSharedSecret', { key: theirs.ref, publicKey: new Uint8Array(ours.spki) });
    expect(one).toEqual(two);
  });

  test('takes no peer of another curve, no point off the curve, nothing malformed', async () => {
    const ours = await makeKmsKey(hsm, 'EC_P256', ['derive']);
    const spki = (type: KeyObject) => new Uint8Array(type.export({ format: 'der', type: 'spki' }));
    const good = spki(generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).publicKey);
    for (const publicKey of [
      spki(generateKeyPairSync('ec', { namedCurve: 'secp384r1' }).publicKey),
      spki(generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey),
      spki(generateKeyPairSync('x25519').publicKey),
      spki(generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey),
      spki(generateKeyPairSync('ec', { namedCurve: 'prime256v1', paramEncoding: 'explicit' }).publicKey),
      edited(good, good.length - 1),
      edited(good, good.length - 33),
      good.slice(0, -1),
      new Uint8Array(91),
    ]) {
      await expect(hsm.call('kmsDeriveSharedSecret', { key: ours.ref, publicKey })).rejects.toMatchObject({
        code: 'InvalidInput',
      });
    }
    const { ref: signer } = await makeKmsKey(hsm, 'EC_P256', ['sign']);
    await expect(hsm.call('kmsDeriveSharedSecret', { key: signer, publicKey: good })).rejects.toMatchObject(REFUSED);
    const { ref: kem } = await makeKmsKey(hsm, 'ML_KEM_512', ['derive']);
    await expect(hsm.call('kmsDeriveSharedSecret', { key: kem, publicKey: good })).rejects.toMatchObject(REFUSED);
  });
});

/** node:crypto's own ML-KEM, where it has one. */
function nodeEncapsulate(spki: Buffer): { sharedKey: Buffer; ciphertext: Buffer } | null {
  const encapsulate: unknown = Reflect.get(nodeCrypto, 'encapsulate');
  if (!hasMlKem || typeof encapsulate !== 'function') return null;
  return encapsulate(createPublicKey({ key: spki, format: 'der', type: 'spki' }));
}

describe('ML-KEM', () => {
  test.each([
    ['ML_KEM_512', 768],
    ['ML_KEM_768', 1088],
    ['ML_KEM_1024', 1568],
  ] as const)('%s: the secret comes back; other bytes give another', async (spec, bytes) => {
    const { ref, spki } = await makeKmsKey(hsm, spec, ['derive']);
    const { sharedSecret, ciphertext } = await hsm.call('kmsEncapsulate', { key: ref });
    expect([sharedSecret.length, ciphertext.length]).toEqual([32, bytes]);
    expect(await hsm.call('kmsDecapsulate', { key: ref, ciphertext })).toEqual({ sharedSecret });
    expect((await hsm.call('kmsEncapsulate', { key: ref })).sharedSecret).not.toEqual(sharedSecret);
    for (const at of [0, bytes >> 1, bytes - 1]) {
      const wrong = await hsm.call('kmsDecapsulate', { key: ref, ciphertext: edited(ciphertext, at) });
      expect(wrong.sharedSecret).not.toEqual(sharedSecret);
      expect(wrong.sharedSecret.length).toBe(32);
    }
    for (const length of [1, bytes - 1, bytes + 1]) {
      await expect(hsm.call('kmsDecapsulate', { key: ref, ciphertext: new Uint8Array(length) })).rejects.toMatchObject({
        code: 'InvalidCiphertext',
      });
    }
    const theirs = nodeEncapsulate(spki);
    if (theirs === null) return;
    expect(await hsm.call('kmsDecapsulate', { key: ref, ciphertext: new Uint8Array(theirs.ciphertext) })).toEqual({
      sharedSecret: new Uint8Array(theirs.sharedKey),
    });
  });

  test('is for ML-KEM keys alone', async () => {
    const { ref } = await makeKmsKey(hsm, 'EC_P256', ['derive']);
    await expect(hsm.call('kmsEncapsulate', { key: ref })).rejects.toMatchObject(REFUSED);
    await expect(hsm.call('kmsDecapsulate', { key: ref, ciphertext: new Uint8Array(768) })).rejects.toMatchObject(
      REFUSED,
    );
  });
});

describe('Ed25519ph', () => {
  test('RFC 8032, section 7.3', async () => {
    const seed = Buffer.from('833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42', 'hex');
    const material = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]);
    const pair = KEY_PAIRS.ED25519.privateKey(new Uint8Array(material));
    const toSign = { algorithm: 'ED25519_PH_SHA_512', messageType: 'DIGEST', message: utf8('abc') } as const;
    const signature = await pair.sign?.(toSign, { bytes: (length) => new Uint8Array(length) });
    expect(Buffer.from(signature ?? []).toString('hex')).toBe(
      '98a70222f0b8121aa9d30f813d683f809e462b469c7ff87639499bb94e6dae41' +
        '31f85042463c2a355a2003d062adf5aaa10b8c61e636062aaad11c2a26083406',
    );
  });
});

test('while an RSA key is being made, others are answered', async () => {
  const order: string[] = [];
  const slow = hsm.call('generateKmsMaterial', kmsRequest('RSA_4096', ['sign'])).then(() => order.push('RSA_4096'));
  // Ten rounds one after the other: a blocked event loop would answer none of them before the key.
  for (let round = 0; round < 10; round++) {
    await hsm.call('kmsEncrypt', { key, aad, plaintext: utf8('x') });
    order.push('encrypt');
  }
  await slow;
  expect(order.indexOf('RSA_4096')).toBeGreaterThan(0);
}, 60_000);
