import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { openAead } from '../../../src/core/crypto/aead.ts';
import { hmacSha256 } from '../../../src/core/crypto/hmac.ts';
import { secretKey } from '../../../src/core/crypto/secret-key.ts';
import { decryptSymmetric, encryptSymmetric } from '../../../src/core/hsm/algorithms/symmetric.ts';
import type { HsmClient } from '../../../src/core/hsm/client.ts';
import type { HmacSpec, MacAlgorithm, ObjectRef } from '../../../src/core/hsm/protocol.ts';
import { createTestVault, startTestHsm } from '../../support/hsm.ts';
import { edited, kmsRequest, makeKmsKey } from '../../support/kms-keys.ts';

const utf8 = (text: string) => new TextEncoder().encode(text);
const INVALID = { code: 'InvalidCiphertext' };
const REFUSED = { code: 'HsmRefused' };
const MALFORMED = { code: 'InvalidInput' };

let hsm: HsmClient;
let key: ObjectRef;
let time = 1_000;

beforeAll(async () => {
  hsm = startTestHsm({ clock: { now: () => time, monotonic: () => performance.now() } });
  await createTestVault(hsm);
  key = (await makeKmsKey(hsm, 'AES_256', ['encrypt', 'decrypt'])).ref;
});

const aad = utf8('context');
const encrypt = async (plaintext: Uint8Array, with_ = key) =>
  (await hsm.call('kmsEncrypt', { key: with_, aad, plaintext })).ciphertext;

describe('encryption', () => {
  test('every plaintext comes back under its own key and context, and every ciphertext is another', async () => {
    const seen = new Set<string>();
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ minLength: 1, maxLength: 4096 }),
        fc.uint8Array({ maxLength: 300 }),
        async (plaintext, context) => {
          const { ciphertext } = await hsm.call('kmsEncrypt', { key, aad: context, plaintext });
          expect(ciphertext.length).toBe(plaintext.length + 44);
          seen.add(Buffer.from(ciphertext.subarray(0, 28)).toString('hex'));
          expect(await hsm.call('kmsDecrypt', { key, aad: context, ciphertext })).toEqual({ plaintext });
        },
      ),
      { numRuns: 200 },
    );
    expect(seen.size).toBe(200);
  });

  test('a change of any byte of ciphertext or context, a cut and another key are refused', async () => {
    const ciphertext = await encrypt(utf8('a secret'));
    const decrypt = (wrong: Partial<{ key: ObjectRef; aad: Uint8Array; ciphertext: Uint8Array }>) =>
      hsm.call('kmsDecrypt', { key, aad, ciphertext, ...wrong });
    for (let at = 0; at < ciphertext.length; at++) {
      await expect(decrypt({ ciphertext: edited(ciphertext, at, at % 8) }), `byte ${at}`).rejects.toMatchObject(
        INVALID,
      );
      await expect(
        decrypt({ ciphertext: ciphertext.subarray(0, at + 1).slice(0, -1) }),
        `cut to ${at}`,
      ).rejects.toMatchObject(at === 0 ? MALFORMED : INVALID);
    }
    for (let at = 0; at < aad.length; at++)
      await expect(decrypt({ aad: edited(aad, at) })).rejects.toMatchObject(INVALID);
    await expect(decrypt({ aad: new Uint8Array() })).rejects.toMatchObject(INVALID);
    await expect(decrypt({ ciphertext: new Uint8Array([...ciphertext, 0]) })).rejects.toMatchObject(INVALID);
    const { ref: other } = await makeKmsKey(hsm, 'AES_256', ['encrypt', 'decrypt']);
    await expect(decrypt({ key: other })).rejects.toMatchObject(INVALID);
    expect(await decrypt({})).toEqual({ plaintext: utf8('a secret') });
  });

  test('is SP 800-108 in counter mode and AES-256-GCM, and nothing else', () => {
    const backing = Buffer.alloc(32, 7);
    const ciphertext = encryptSymmetric(
      secretKey(backing),
      { bytes: (n) => new Uint8Array(n).fill(9) },
      aad,
      utf8('x'),
    );
    const input = Buffer.concat([
      Buffer.from('00000001', 'hex'),
      Buffer.from('keyhold/v1/kms-message\0'),
      Buffer.alloc(16, 9),
      Buffer.from('00000100', 'hex'),
    ]);
    const messageKey = secretKey(hmacSha256(backing, input));
    expect(openAead(messageKey, ciphertext.subarray(16, 28), aad, ciphertext.subarray(28))).toEqual(utf8('x'));
    expect(decryptSymmetric(secretKey(backing), aad, ciphertext)).toEqual(utf8('x'));
  });

  test('lengths: 1 to 4,096 bytes in, up to 6,144 back', async () => {
    expect((await encrypt(new Uint8Array(4096))).length).toBe(4140);
    await expect(encrypt(new Uint8Array())).rejects.toMatchObject(MALFORMED);
    await expect(encrypt(new Uint8Array(4097))).rejects.toMatchObject(MALFORMED);
    const tooLong = new Uint8Array(6145);
    await expect(hsm.call('kmsDecrypt', { key, aad, ciphertext: tooLong })).rejects.toMatchObject(MALFORMED);
  });

  test('needs the usage, the spec and a key that has not expired', async () => {
    const ciphertext = await encrypt(utf8('x'));
    const { ref: encryptOnly } = await makeKmsKey(hsm, 'AES_256', ['encrypt']);
    await expect(hsm.call('kmsDecrypt', { key: encryptOnly, aad, ciphertext })).rejects.toMatchObject(REFUSED);
    const { ref: decryptOnly } = await makeKmsKey(hsm, 'AES_256', ['decrypt']);
    await expect(encrypt(utf8('x'), decryptOnly)).rejects.toMatchObject(REFUSED);
    await expect(
      hsm.call('kmsGenerateDataKey', { key: decryptOnly, aad, length: 32, reveal: true }),
    ).rejects.toMatchObject(REFUSED);
    const { ref: mac } = await makeKmsKey(hsm, 'HMAC_256', ['mac']);
    await expect(encrypt(utf8('x'), mac)).rejects.toMatchObject(REFUSED);
    const { ref: pair } = await makeKmsKey(hsm, 'EC_P256', ['sign', 'verify']);
    await expect(encrypt(utf8('x'), pair)).rejects.toMatchObject(REFUSED);

    const { ref: expiring } = await makeKmsKey(hsm, 'AES_256', ['encrypt', 'decrypt'], { notAfter: 2_000 });
    const early = await encrypt(utf8('x'), expiring);
    time = 2_000;
    await expect(encrypt(utf8('x'), expiring)).rejects.toMatchObject(REFUSED);
    await expect(hsm.call('kmsDecrypt', { key: expiring, aad, ciphertext: early })).rejects.toMatchObject(REFUSED);
    time = 1_000;
  });
});

describe('data keys', () => {
  test('come encrypted, and in the clear only on demand', async () => {
    for (const length of [1, 16, 32, 64, 1024]) {
      const shown = await hsm.call('kmsGenerateDataKey', { key, aad, length, reveal: true });
      expect(shown.plaintext?.length).toBe(length);
      expect(await hsm.call('kmsDecrypt', { key, aad, ciphertext: shown.ciphertext })).toEqual({
        plaintext: shown.plaintext,
      });
      const hidden = await hsm.call('kmsGenerateDataKey', { key, aad, length, reveal: false });
      expect(Object.keys(hidden)).toEqual(['ciphertext']);
      const { plaintext } = await hsm.call('kmsDecrypt', { key, aad, ciphertext: hidden.ciphertext });
      expect(plaintext.length).toBe(length);
      if (length >= 16) expect(plaintext).not.toEqual(new Uint8Array(length));
    }
    for (const length of [0, 1025, 1.5]) {
      await expect(hsm.call('kmsGenerateDataKey', { key, aad, length, reveal: true })).rejects.toMatchObject(MALFORMED);
    }
  });
});

describe('MACs', () => {
  test.each<[HmacSpec, MacAlgorithm, number]>([
    ['HMAC_224', 'HMAC_SHA_224', 28],
    ['HMAC_256', 'HMAC_SHA_256', 32],
    ['HMAC_384', 'HMAC_SHA_384', 48],
    ['HMAC_512', 'HMAC_SHA_512', 64],
  ])('%s verifies its own and nothing else', async (spec, algorithm, bytes) => {
    const { ref } = await makeKmsKey(hsm, spec, ['mac']);
    const { ref: other } = await makeKmsKey(hsm, spec, ['mac']);
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 4096 }), fc.nat(), async (message, at) => {
        const { mac } = await hsm.call('kmsMac', { key: ref, algorithm, message });
        const verify = async (more: object) =>
          (await hsm.call('kmsVerifyMac', { key: ref, algorithm, message, mac, ...more })).valid;
        expect(mac.length).toBe(bytes);
        expect(await verify({})).toBe(true);
        expect(await verify({ mac: edited(mac, at % bytes) })).toBe(false);
        expect(await verify({ mac: mac.slice(0, -1) })).toBe(false);
        expect(await verify({ message: edited(message, at % message.length) })).toBe(false);
        expect(await verify({ key: other })).toBe(false);
      }),
      { numRuns: 20 },
    );
    const wrong = algorithm === 'HMAC_SHA_256' ? 'HMAC_SHA_512' : 'HMAC_SHA_256';
    await expect(hsm.call('kmsMac', { key: ref, algorithm: wrong, message: aad })).rejects.toMatchObject(REFUSED);
  });
});

describe('material ids', () => {
  test('are 64 hex digits, other for each material', async () => {
    const ids = new Set<string>();
    for (let count = 0; count < 20; count++) {
      const { material } = await makeKmsKey(hsm, 'AES_256', ['encrypt', 'decrypt']);
      expect(material.materialId).toMatch(/^[0-9a-f]{64}$/);
      ids.add(material.materialId);
    }
    expect(ids.size).toBe(20);
  });

  test('attributes follow from the request: never extractable, class by spec', async () => {
    const request = kmsRequest('HMAC_384', ['mac'], { label: 'signer', createdAt: 5, notAfter: 9 });
    const { attributes, publicKey } = await hsm.call('generateKmsMaterial', request);
    expect(attributes).toEqual({
      id: request.id,
      class: 'secret-key',
      spec: 'HMAC_384',
      usage: ['mac'],
      extractable: false,
      label: 'signer',
      createdAt: 5,
      policy: { notAfter: 9 },
    });
    expect(publicKey).toBeUndefined();
    await expect(hsm.call('generateKmsMaterial', kmsRequest('AES_256', ['sign']))).rejects.toMatchObject(REFUSED);
    await expect(hsm.call('generateKmsMaterial', kmsRequest('ML_KEM_512', ['sign']))).rejects.toMatchObject(REFUSED);
  });
});
