import { beforeAll, describe, expect, test } from 'vitest';
import type { HsmClient } from '../../../src/core/hsm/client.ts';
import type { ObjectRef, RsaEncryptionAlgorithm } from '../../../src/core/hsm/protocol.ts';
import { createTestVault, startTestHsm } from '../../support/hsm.ts';
import { edited, makeKmsKey } from '../../support/kms-keys.ts';

const utf8 = (text: string) => new TextEncoder().encode(text);
const plaintext = utf8('a secret');
const OAEP: readonly RsaEncryptionAlgorithm[] = ['RSAES_OAEP_SHA_1', 'RSAES_OAEP_SHA_256'];

let hsm: HsmClient;
let aes: [ObjectRef, ObjectRef];
let rsa: ObjectRef;

beforeAll(async () => {
  hsm = startTestHsm();
  await createTestVault(hsm);
  const symmetric = async () => (await makeKmsKey(hsm, 'AES_256', ['encrypt', 'decrypt'])).ref;
  aes = [await symmetric(), await symmetric()];
  rsa = (await makeKmsKey(hsm, 'RSA_2048', ['encrypt', 'decrypt'])).ref;
});

const forget = () => hsm.call('dropObjects', { ids: [aes[0].id, aes[1].id, rsa.id] });

describe('re-encryption', () => {
  test('between symmetric keys, with both blobs asked for', async () => {
    const { ciphertext } = await hsm.call('kmsEncrypt', { key: aes[0], aad: utf8('old'), plaintext });
    await forget();
    const moved = await hsm.call('kmsReEncrypt', {
      source: { key: aes[0], algorithm: 'SYMMETRIC_DEFAULT', aad: utf8('old'), ciphertext },
      destination: { key: aes[1], algorithm: 'SYMMETRIC_DEFAULT', aad: utf8('new') },
    });
    expect(Object.keys(moved)).toEqual(['ciphertext']);
    expect(await hsm.call('kmsDecrypt', { key: aes[1], aad: utf8('new'), ciphertext: moved.ciphertext })).toEqual({
      plaintext,
    });
    await expect(
      hsm.call('kmsDecrypt', { key: aes[0], aad: utf8('old'), ciphertext: moved.ciphertext }),
    ).rejects.toMatchObject({ code: 'InvalidCiphertext' });
  });

  test('under the same key in another context', async () => {
    const { ciphertext } = await hsm.call('kmsEncrypt', { key: aes[0], aad: utf8('old'), plaintext });
    await forget();
    const moved = await hsm.call('kmsReEncrypt', {
      source: { key: aes[0], algorithm: 'SYMMETRIC_DEFAULT', aad: utf8('old'), ciphertext },
      destination: { key: aes[0], algorithm: 'SYMMETRIC_DEFAULT', aad: utf8('new') },
    });
    expect(await hsm.call('kmsDecrypt', { key: aes[0], aad: utf8('new'), ciphertext: moved.ciphertext })).toEqual({
      plaintext,
    });
  });

  test.each(OAEP)('to and from %s', async (algorithm) => {
    const { ciphertext } = await hsm.call('kmsEncrypt', { key: aes[0], aad: utf8('old'), plaintext });
    await forget();
    const wrapped = await hsm.call('kmsReEncrypt', {
      source: { key: aes[0], algorithm: 'SYMMETRIC_DEFAULT', aad: utf8('old'), ciphertext },
      destination: { key: rsa, algorithm },
    });
    expect(await hsm.call('asymDecrypt', { key: rsa, algorithm, ciphertext: wrapped.ciphertext })).toEqual({
      plaintext,
    });
    await forget();
    const back = await hsm.call('kmsReEncrypt', {
      source: { key: rsa, algorithm, ciphertext: wrapped.ciphertext },
      destination: { key: aes[1], algorithm: 'SYMMETRIC_DEFAULT', aad: utf8('back') },
    });
    expect(await hsm.call('kmsDecrypt', { key: aes[1], aad: utf8('back'), ciphertext: back.ciphertext })).toEqual({
      plaintext,
    });
  });

  test('refuses a wrong context, an edited ciphertext, a plaintext too long and a key without the usage', async () => {
    const { ciphertext } = await hsm.call('kmsEncrypt', {
      key: aes[0],
      aad: utf8('old'),
      plaintext: new Uint8Array(191),
    });
    const from = { key: aes[0], algorithm: 'SYMMETRIC_DEFAULT' as const, aad: utf8('old'), ciphertext };
    const to = { key: aes[1], algorithm: 'SYMMETRIC_DEFAULT' as const, aad: utf8('new') };
    const reEncrypt = (
      source: typeof from,
      destination: typeof to | { key: ObjectRef; algorithm: RsaEncryptionAlgorithm },
    ) => hsm.call('kmsReEncrypt', { source, destination });
    await expect(reEncrypt({ ...from, aad: utf8('new') }, to)).rejects.toMatchObject({ code: 'InvalidCiphertext' });
    await expect(reEncrypt({ ...from, ciphertext: edited(ciphertext, 50) }, to)).rejects.toMatchObject({
      code: 'InvalidCiphertext',
    });
    await expect(reEncrypt(from, { key: rsa, algorithm: 'RSAES_OAEP_SHA_256' })).rejects.toMatchObject({
      code: 'InvalidInput',
    });
    const { ref: decryptOnly } = await makeKmsKey(hsm, 'AES_256', ['decrypt']);
    await expect(reEncrypt(from, { ...to, key: decryptOnly })).rejects.toMatchObject({ code: 'HsmRefused' });
    const { ref: encryptOnly } = await makeKmsKey(hsm, 'AES_256', ['encrypt']);
    await expect(reEncrypt({ ...from, key: encryptOnly }, to)).rejects.toMatchObject({ code: 'HsmRefused' });
    // An RSA side takes no context.
    await expect(
      hsm.call('kmsReEncrypt', {
        source: from,
        destination: { key: rsa, algorithm: 'RSAES_OAEP_SHA_1', ...{ aad: utf8('x') } },
      }),
    ).rejects.toMatchObject({ code: 'InvalidInput' });
  });
});

describe('RSA encryption', () => {
  test.each(OAEP)('%s: up to its maximum; any changed byte is refused', async (algorithm) => {
    const most = algorithm === 'RSAES_OAEP_SHA_1' ? 214 : 190;
    for (const length of [1, most]) {
      const message = new Uint8Array(length).fill(7);
      const { ciphertext } = await hsm.call('asymEncrypt', { key: rsa, algorithm, plaintext: message });
      expect(ciphertext.length).toBe(256);
      expect(await hsm.call('asymDecrypt', { key: rsa, algorithm, ciphertext })).toEqual({ plaintext: message });
      for (const wrong of [
        ...[0, 1, 100, 255].map((at) => edited(ciphertext, at)),
        ciphertext.slice(1),
        new Uint8Array([0, ...ciphertext]),
        new Uint8Array(256),
        new Uint8Array(1),
      ]) {
        await expect(hsm.call('asymDecrypt', { key: rsa, algorithm, ciphertext: wrong })).rejects.toMatchObject({
          code: 'InvalidCiphertext',
        });
      }
      const other = algorithm === 'RSAES_OAEP_SHA_1' ? 'RSAES_OAEP_SHA_256' : 'RSAES_OAEP_SHA_1';
      await expect(hsm.call('asymDecrypt', { key: rsa, algorithm: other, ciphertext })).rejects.toMatchObject({
        code: 'InvalidCiphertext',
      });
    }
    for (const length of [0, most + 1]) {
      await expect(
        hsm.call('asymEncrypt', { key: rsa, algorithm, plaintext: new Uint8Array(length) }),
      ).rejects.toMatchObject({ code: 'InvalidInput' });
    }
  });

  test('is for RSA keys with the usage alone', async () => {
    const input = { algorithm: 'RSAES_OAEP_SHA_1' as const, plaintext };
    const { ref: signer } = await makeKmsKey(hsm, 'RSA_2048', ['sign', 'verify']);
    await expect(hsm.call('asymEncrypt', { key: signer, ...input })).rejects.toMatchObject({ code: 'HsmRefused' });
    await expect(hsm.call('asymEncrypt', { key: aes[0], ...input })).rejects.toMatchObject({ code: 'HsmRefused' });
    await expect(
      hsm.call('asymDecrypt', { key: signer, algorithm: 'RSAES_OAEP_SHA_1', ciphertext: new Uint8Array(256) }),
    ).rejects.toMatchObject({ code: 'HsmRefused' });
    // Nor does a key for encryption sign.
    await expect(
      hsm.call('kmsSign', { key: rsa, algorithm: 'RSASSA_PSS_SHA_256', messageType: 'RAW', message: plaintext }),
    ).rejects.toMatchObject({ code: 'HsmRefused' });
  });
});
