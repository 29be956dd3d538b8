import { createHash, createPublicKey, generateKeyPairSync } from 'node:crypto';
import type { KMS } from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemRandom } from '../../../src/core/crypto/random.ts';
import { sm2 } from '../../../src/core/hsm/algorithms/sm2.ts';
import { LAB_ID, type Lab, NO_TEXT, newKey, refusal, startLab, text, utf8 } from '../../support/kms-lab.ts';

let lab: Lab;
let beijing: KMS;
beforeAll(async () => {
  lab = await startLab();
  beijing = await lab.rootIn('cn-north-1');
});
afterAll(() => lab.dispose());

const MESSAGE = utf8('a message to be signed');
const publicKeyOf = async (KeyId: string) => (await beijing.getPublicKey({ KeyId })).PublicKey ?? new Uint8Array();

/** With another last byte. */
function lastChanged(bytes: Uint8Array): Uint8Array {
  return bytes.with(-1, (bytes.at(-1) ?? 0) ^ 1);
}

describe('SM2 in a China Region', () => {
  test('signs messages and digests, and OpenSSL reads its public key', async () => {
    const { id: KeyId, arn } = await newKey(beijing, { KeySpec: 'SM2', KeyUsage: 'SIGN_VERIFY' });
    expect(arn).toMatch(new RegExp(`^arn:aws-cn:kms:cn-north-1:${LAB_ID}:key/`));
    const { KeyMetadata } = await beijing.describeKey({ KeyId });
    expect(KeyMetadata).toMatchObject({ KeySpec: 'SM2', SigningAlgorithms: ['SM2DSA'] });
    const spki = await publicKeyOf(KeyId);
    const imported = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
    expect(Buffer.compare(imported.export({ format: 'der', type: 'spki' }), spki)).toBe(0);
    const request = { KeyId, Message: MESSAGE, SigningAlgorithm: 'SM2DSA' } as const;
    const { Signature = new Uint8Array() } = await beijing.sign(request);
    const outside = sm2.publicKey(spki);
    const raw = { algorithm: 'SM2DSA', messageType: 'RAW', message: MESSAGE } as const;
    expect(outside?.verify?.(raw, Signature)).toBe(true);
    expect((await beijing.verify({ ...request, Signature })).SignatureValid).toBe(true);
    const changed = { ...request, Message: utf8('another'), Signature };
    expect(await refusal(beijing.verify(changed))).toMatchObject({ name: 'KMSInvalidSignatureException' });

    const digest = new Uint8Array(createHash('sm3').update(MESSAGE).digest());
    const ofDigest = { ...request, Message: digest, MessageType: 'DIGEST' } as const;
    const signed = await beijing.sign(ofDigest);
    expect((await beijing.verify({ ...ofDigest, Signature: signed.Signature })).SignatureValid).toBe(true);
    expect(await refusal(beijing.sign({ ...ofDigest, Message: digest.slice(1) }))).toMatchObject({
      name: 'ValidationException',
      message: 'Digest is invalid length for algorithm SM2DSA.',
    });
    expect(await refusal(beijing.sign({ ...request, SigningAlgorithm: 'ECDSA_SHA_256' }))).toMatchObject({
      name: 'InvalidKeyUsageException',
    });
  });

  test('encrypts up to 1,024 bytes, and whoever has the public key can too', async () => {
    const { id: KeyId } = await newKey(beijing, { KeySpec: 'SM2', KeyUsage: 'ENCRYPT_DECRYPT' });
    const algorithm = { EncryptionAlgorithm: 'SM2PKE' } as const;
    const { CiphertextBlob } = await beijing.encrypt({ KeyId, Plaintext: utf8('x'.repeat(1024)), ...algorithm });
    expect(text((await beijing.decrypt({ KeyId, CiphertextBlob, ...algorithm })).Plaintext)).toBe('x'.repeat(1024));
    expect(await refusal(beijing.encrypt({ KeyId, Plaintext: utf8('x'.repeat(1025)), ...algorithm }))).toMatchObject({
      name: 'ValidationException',
      message: 'Algorithm SM2PKE and key spec SM2 cannot encrypt data larger than 1024 bytes.',
    });
    const outside = sm2.publicKey(await publicKeyOf(KeyId))?.encrypt?.('SM2PKE', utf8('from outside'), systemRandom);
    const opened = await beijing.decrypt({ KeyId, CiphertextBlob: outside, ...algorithm });
    expect(text(opened.Plaintext)).toBe('from outside');
    const broken = lastChanged(outside ?? new Uint8Array());
    expect(await refusal(beijing.decrypt({ KeyId, CiphertextBlob: broken, ...algorithm }))).toMatchObject({
      name: 'InvalidCiphertextException',
      message: NO_TEXT,
    });

    const symmetric = await newKey(beijing);
    const moved = await beijing.reEncrypt({
      CiphertextBlob: outside,
      SourceKeyId: KeyId,
      SourceEncryptionAlgorithm: 'SM2PKE',
      DestinationKeyId: symmetric.id,
    });
    const { CiphertextBlob: again } = moved;
    expect(text((await beijing.decrypt({ CiphertextBlob: again })).Plaintext)).toBe('from outside');
  });

  test('agrees on secrets', async () => {
    const usage = { KeySpec: 'SM2', KeyUsage: 'KEY_AGREEMENT' } as const;
    const [a, b] = [await newKey(beijing, usage), await newKey(beijing, usage)];
    const derive = async (KeyId: string, peer: string) =>
      (await beijing.deriveSharedSecret({ KeyId, KeyAgreementAlgorithm: 'ECDH', PublicKey: await publicKeyOf(peer) }))
        .SharedSecret;
    const secret = await derive(a.id, b.id);
    expect(secret).toHaveLength(32);
    expect(await derive(b.id, a.id)).toEqual(secret);
  });

  test('makes data key pairs', async () => {
    const { id: KeyId } = await newKey(beijing);
    const pair = await beijing.generateDataKeyPair({ KeyId, KeyPairSpec: 'SM2' });
    const key = sm2.privateKey(new Uint8Array(pair.PrivateKeyPlaintext ?? []));
    expect(Buffer.compare(key.spki, pair.PublicKey ?? new Uint8Array())).toBe(0);
    const { Plaintext } = await beijing.decrypt({ CiphertextBlob: pair.PrivateKeyCiphertextBlob });
    expect(Plaintext).toEqual(pair.PrivateKeyPlaintext);
  });

  test('is imported, and wraps what is imported', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'SM2' });
    const pkcs8 = privateKey.export({ format: 'der', type: 'pkcs8' });
    const { id: KeyId } = await newKey(beijing, { KeySpec: 'SM2', KeyUsage: 'SIGN_VERIFY', Origin: 'EXTERNAL' });
    const { ImportToken, PublicKey = new Uint8Array() } = await beijing.getParametersForImport({
      KeyId,
      WrappingAlgorithm: 'SM2PKE',
      WrappingKeySpec: 'SM2',
    });
    const EncryptedKeyMaterial = sm2.publicKey(PublicKey)?.encrypt?.('SM2PKE', new Uint8Array(pkcs8), systemRandom);
    const more = { KeyId, ImportToken, ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE' } as const;
    expect(
      await refusal(
        beijing.importKeyMaterial({
          ...more,
          EncryptedKeyMaterial: lastChanged(EncryptedKeyMaterial ?? new Uint8Array()),
        }),
      ),
    ).toMatchObject({ name: 'InvalidCiphertextException' });
    await beijing.importKeyMaterial({ ...more, EncryptedKeyMaterial });
    const spki = publicKey.export({ format: 'der', type: 'spki' });
    expect(Buffer.compare(spki, await publicKeyOf(KeyId))).toBe(0);
    const { Signature = new Uint8Array() } = await beijing.sign({
      KeyId,
      Message: MESSAGE,
      SigningAlgorithm: 'SM2DSA',
    });
    const raw = { algorithm: 'SM2DSA', messageType: 'RAW', message: MESSAGE } as const;
    expect(sm2.publicKey(new Uint8Array(spki))?.verify?.(raw, Signature)).toBe(true);
  });

  test.each([
    ['SM2PKE', 'RSA_2048', 'SYMMETRIC_DEFAULT'],
    ['RSAES_OAEP_SHA_256', 'SM2', 'SYMMETRIC_DEFAULT'],
    ['SM2PKE', 'SM2', 'RSA_2048'],
  ] as const)('%s with a wrapping key %s does not carry %s', async (WrappingAlgorithm, WrappingKeySpec, KeySpec) => {
    const KeyUsage = 'ENCRYPT_DECRYPT';
    const { id: KeyId } = await newKey(beijing, { KeySpec, KeyUsage, Origin: 'EXTERNAL' });
    const refused = await refusal(beijing.getParametersForImport({ KeyId, WrappingAlgorithm, WrappingKeySpec }));
    expect(refused.name).toBe('ValidationException');
  });
});

describe('SM2 elsewhere', () => {
  test.each(['eu-central-1', 'us-gov-west-1'])('is refused in %s', async (region) => {
    const elsewhere = await lab.rootIn(region);
    const refused = { name: 'UnsupportedOperationException', message: expect.stringContaining('China Regions only') };
    expect(await refusal(elsewhere.createKey({ KeySpec: 'SM2', KeyUsage: 'SIGN_VERIFY' }))).toMatchObject(refused);
    const { id: KeyId } = await newKey(elsewhere, { Origin: 'EXTERNAL' });
    const wrapping = { KeyId, WrappingAlgorithm: 'SM2PKE', WrappingKeySpec: 'SM2' } as const;
    expect(await refusal(elsewhere.getParametersForImport(wrapping))).toMatchObject(refused);
  });
});

test.each(['ML_KEM_512', 'ML_KEM_768', 'ML_KEM_1024'] as const)('%s is refused in a China Region', async (spec) => {
  const refused = {
    name: 'UnsupportedOperationException',
    message: `${spec} is not available in the China Regions, and cn-north-1 is one: choose another spec.`,
    status: 400,
  };
  const create = beijing.createKey({ KeySpec: spec, KeyUsage: 'ENCAPSULATE_DECAPSULATE' });
  expect(await refusal(create)).toEqual(refused);
  const { id: KeyId } = await newKey(beijing);
  expect(await refusal(beijing.generateDataKeyPair({ KeyId, KeyPairSpec: spec }))).toEqual(refused);
  const hidden = beijing.generateDataKeyPairWithoutPlaintext({ KeyId, KeyPairSpec: spec });
  expect(await refusal(hidden)).toEqual(refused);
});
