import {
  constants,
  createHash,
  createHmac,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  type KeyObject,
  verify as verifySignature,
} from 'node:crypto';
import type { KeySpec, KeyUsageType, MacAlgorithmSpec, SigningAlgorithmSpec } from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Lab, NO_TEXT, newKey, refusal, startLab, utf8 } from '../../support/kms-lab.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.dispose());

const keys = new Map<string, Promise<{ id: string; arn: string }>>();
function key(spec: KeySpec, usage: KeyUsageType): Promise<{ id: string; arn: string }> {
  const name = `${spec} ${usage}`;
  const made = keys.get(name) ?? newKey(lab.root, { KeySpec: spec, KeyUsage: usage });
  keys.set(name, made);
  return made;
}

async function publicKeyOf(KeyId: string): Promise<KeyObject> {
  const { PublicKey = new Uint8Array() } = await lab.root.getPublicKey({ KeyId });
  return createPublicKey({ key: Buffer.from(PublicKey), format: 'der', type: 'spki' });
}

const MESSAGE = utf8('a message to be signed');
const digest = (hash: string): Uint8Array => new Uint8Array(createHash(hash).update(MESSAGE).digest());

const HASHES = { SHA_256: 'sha256', SHA_384: 'sha384', SHA_512: 'sha512' } as const;
function hashOf(algorithm: string): 'sha256' | 'sha384' | 'sha512' {
  const name = (['SHA_256', 'SHA_384', 'SHA_512'] as const).find((one) => algorithm.endsWith(one));
  return HASHES[name ?? 'SHA_256'];
}

describe('Sign and Verify', () => {
  const RSA: SigningAlgorithmSpec[] = [
    'RSASSA_PKCS1_V1_5_SHA_256',
    'RSASSA_PKCS1_V1_5_SHA_384',
    'RSASSA_PKCS1_V1_5_SHA_512',
    'RSASSA_PSS_SHA_256',
    'RSASSA_PSS_SHA_384',
    'RSASSA_PSS_SHA_512',
  ];
  const cases: [KeySpec, SigningAlgorithmSpec][] = [
    ...RSA.map((algorithm): [KeySpec, SigningAlgorithmSpec] => ['RSA_2048', algorithm]),
    ['ECC_NIST_P256', 'ECDSA_SHA_256'],
    ['ECC_NIST_P384', 'ECDSA_SHA_384'],
    ['ECC_NIST_P521', 'ECDSA_SHA_512'],
    ['ECC_SECG_P256K1', 'ECDSA_SHA_256'],
  ];
  test.each(cases)('%s with %s, of a message and of its digest', async (KeySpec, SigningAlgorithm) => {
    const { id: KeyId, arn } = await key(KeySpec, 'SIGN_VERIFY');
    const Message = MESSAGE;
    const hash = hashOf(SigningAlgorithm);
    const forms = [
      { Message, MessageType: 'RAW' },
      { Message: digest(hash), MessageType: 'DIGEST' },
    ] as const;
    for (const form of forms) {
      const signed = await lab.root.sign({ KeyId, SigningAlgorithm, ...form });
      expect(signed).toMatchObject({ KeyId: arn, SigningAlgorithm });
      const Signature = signed.Signature ?? new Uint8Array();
      for (const again of forms) {
        expect(await lab.root.verify({ KeyId, SigningAlgorithm, Signature, ...again })).toMatchObject({
          KeyId: arn,
          SignatureValid: true,
          SigningAlgorithm,
        });
      }
      const outside = { key: await publicKeyOf(KeyId), ...(SigningAlgorithm.includes('PSS') ? PSS : {}) };
      expect(verifySignature(hash, Message, outside, Signature)).toBe(true);
      const wrong = { name: 'KMSInvalidSignatureException', message: NO_TEXT, status: 400 };
      const verify = (more: object) =>
        refusal(lab.root.verify({ KeyId, SigningAlgorithm, Signature, Message, ...more }));
      expect(await verify({ Message: utf8('another message') })).toEqual(wrong);
      expect(await verify({ Signature: Signature.map((byte, at) => (at === 9 ? byte ^ 1 : byte)) })).toEqual(wrong);
    }
    const refused = await refusal(
      lab.root.sign({ KeyId, SigningAlgorithm, Message: utf8('short'), MessageType: 'DIGEST' }),
    );
    expect(refused).toEqual({
      name: 'ValidationException',
      message: `Digest is invalid length for algorithm ${SigningAlgorithm}.`,
      status: 400,
    });
  });
  const PSS = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };

  test('Ed25519', async () => {
    const { id: KeyId } = await key('ECC_NIST_EDWARDS25519', 'SIGN_VERIFY');
    const pure = { KeyId, SigningAlgorithm: 'ED25519_SHA_512', Message: MESSAGE } as const;
    const { Signature = new Uint8Array() } = await lab.root.sign(pure);
    expect(Signature).toHaveLength(64);
    expect(verifySignature(null, MESSAGE, await publicKeyOf(KeyId), Signature)).toBe(true);
    expect((await lab.root.verify({ ...pure, Signature })).SignatureValid).toBe(true);
    expect(await refusal(lab.root.sign({ ...pure, MessageType: 'DIGEST' }))).toMatchObject({
      name: 'ValidationException',
    });
    const hashed = { KeyId, SigningAlgorithm: 'ED25519_PH_SHA_512', Message: digest('sha512') } as const;
    expect(await refusal(lab.root.sign(hashed))).toMatchObject({ name: 'ValidationException' });
    const signed = await lab.root.sign({ ...hashed, MessageType: 'DIGEST' });
    const again = { ...hashed, MessageType: 'DIGEST', Signature: signed.Signature } as const;
    expect((await lab.root.verify(again)).SignatureValid).toBe(true);
  });

  test.each(['ML_DSA_44', 'ML_DSA_65', 'ML_DSA_87'] as const)('%s', async (KeySpec) => {
    const { id: KeyId } = await key(KeySpec, 'SIGN_VERIFY');
    const request = { KeyId, SigningAlgorithm: 'ML_DSA_SHAKE_256', Message: MESSAGE } as const;
    const { Signature } = await lab.root.sign(request);
    expect((await lab.root.verify({ ...request, Signature })).SignatureValid).toBe(true);
    expect(await refusal(lab.root.verify({ ...request, Signature, Message: utf8('x') }))).toMatchObject({
      name: 'KMSInvalidSignatureException',
    });
    // μ of FIPS 204, section 5.2: SHAKE256(SHAKE256(pk, 64) || 0 || 0 || message, 64)
    const { PublicKey = new Uint8Array() } = await lab.root.getPublicKey({ KeyId });
    const pk = PublicKey.subarray(PublicKey.length - { ML_DSA_44: 1312, ML_DSA_65: 1952, ML_DSA_87: 2592 }[KeySpec]);
    const shake = (...parts: Uint8Array[]) => {
      const hash = createHash('shake256', { outputLength: 64 });
      for (const part of parts) hash.update(part);
      return hash.digest();
    };
    const mu = shake(shake(pk), Uint8Array.of(0, 0), MESSAGE);
    const external = { ...request, Message: mu, MessageType: 'EXTERNAL_MU' } as const;
    expect((await lab.root.verify({ ...external, Signature })).SignatureValid).toBe(true);
    const byMu = await lab.root.sign(external);
    expect((await lab.root.verify({ ...request, Signature: byMu.Signature })).SignatureValid).toBe(true);
    expect(await refusal(lab.root.sign({ ...request, MessageType: 'EXTERNAL_MU' }))).toMatchObject({
      name: 'ValidationException',
    });
  });

  test('only with an algorithm of the key, and with a key for it', async () => {
    const rsa = await key('RSA_2048', 'SIGN_VERIFY');
    expect(
      await refusal(lab.root.sign({ KeyId: rsa.id, Message: MESSAGE, SigningAlgorithm: 'ECDSA_SHA_256' })),
    ).toEqual({
      name: 'InvalidKeyUsageException',
      message: 'Algorithm ECDSA_SHA_256 is incompatible with key spec RSA_2048.',
      status: 400,
    });
    const mac = await key('HMAC_256', 'GENERATE_VERIFY_MAC');
    expect(
      await refusal(lab.root.sign({ KeyId: mac.id, Message: MESSAGE, SigningAlgorithm: 'ECDSA_SHA_256' })),
    ).toEqual({
      name: 'InvalidKeyUsageException',
      message: `${mac.arn} key usage is GENERATE_VERIFY_MAC which is not valid for Sign.`,
      status: 400,
    });
  });
});

describe('GenerateMac and VerifyMac', () => {
  const cases: [KeySpec, MacAlgorithmSpec, number][] = [
    ['HMAC_224', 'HMAC_SHA_224', 28],
    ['HMAC_256', 'HMAC_SHA_256', 32],
    ['HMAC_384', 'HMAC_SHA_384', 48],
    ['HMAC_512', 'HMAC_SHA_512', 64],
  ];
  test.each(cases)('%s', async (KeySpec, MacAlgorithm, length) => {
    const { id: KeyId, arn } = await key(KeySpec, 'GENERATE_VERIFY_MAC');
    const made = await lab.root.generateMac({ KeyId, MacAlgorithm, Message: MESSAGE });
    expect(made).toMatchObject({ KeyId: arn, MacAlgorithm });
    expect(made.Mac).toHaveLength(length);
    expect(await lab.root.verifyMac({ KeyId, MacAlgorithm, Message: MESSAGE, Mac: made.Mac })).toMatchObject({
      KeyId: arn,
      MacValid: true,
      MacAlgorithm,
    });
    for (const Mac of [made.Mac?.map((byte) => byte ^ 1), made.Mac?.subarray(1), createHmac('sha256', 'x').digest()]) {
      expect(await refusal(lab.root.verifyMac({ KeyId, MacAlgorithm, Message: MESSAGE, Mac }))).toEqual({
        name: 'KMSInvalidMacException',
        message: NO_TEXT,
        status: 400,
      });
    }
  });

  test('only with the key’s own hash', async () => {
    const { id: KeyId } = await key('HMAC_224', 'GENERATE_VERIFY_MAC');
    expect(await refusal(lab.root.generateMac({ KeyId, MacAlgorithm: 'HMAC_SHA_256', Message: MESSAGE }))).toEqual({
      name: 'InvalidKeyUsageException',
      message: 'Algorithm HMAC_SHA_256 is incompatible with key spec HMAC_224.',
      status: 400,
    });
  });
});

describe('DeriveSharedSecret', () => {
  test.each([
    ['ECC_NIST_P256', 'P-256', 32],
    ['ECC_NIST_P384', 'P-384', 48],
    ['ECC_NIST_P521', 'P-521', 66],
  ] as const)('%s: both sides get the same', async (KeySpec, namedCurve, length) => {
    const { id: KeyId, arn } = await key(KeySpec, 'KEY_AGREEMENT');
    const peer = generateKeyPairSync('ec', { namedCurve });
    const PublicKey = peer.publicKey.export({ format: 'der', type: 'spki' });
    const derived = await lab.root.deriveSharedSecret({ KeyId, KeyAgreementAlgorithm: 'ECDH', PublicKey });
    expect(derived).toMatchObject({ KeyId: arn, KeyAgreementAlgorithm: 'ECDH', KeyOrigin: 'AWS_KMS' });
    expect(derived.SharedSecret).toHaveLength(length);
    const theirs = diffieHellman({ privateKey: peer.privateKey, publicKey: await publicKeyOf(KeyId) });
    expect(Buffer.compare(theirs, derived.SharedSecret ?? new Uint8Array())).toBe(0);
  });

  test('a public key of another curve, or none', async () => {
    const { id: KeyId } = await key('ECC_NIST_P256', 'KEY_AGREEMENT');
    const other = generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey.export({ format: 'der', type: 'spki' });
    for (const PublicKey of [other, utf8('no key')]) {
      const call = lab.root.deriveSharedSecret({ KeyId, KeyAgreementAlgorithm: 'ECDH', PublicKey });
      expect(await refusal(call)).toMatchObject({ name: 'ValidationException', status: 400 });
    }
  });
});

describe('Encapsulate and Decapsulate', () => {
  test.each([
    ['ML_KEM_512', 768],
    ['ML_KEM_768', 1088],
    ['ML_KEM_1024', 1568],
  ] as const)('%s', async (KeySpec, length) => {
    const { id: KeyId, arn } = await key(KeySpec, 'ENCAPSULATE_DECAPSULATE');
    const EncapsulationAlgorithm = 'ML_KEM';
    const made = await lab.root.encapsulate({ KeyId, EncapsulationAlgorithm });
    expect(made).toMatchObject({ KeyId: arn, EncapsulationAlgorithm });
    expect([made.SharedSecret?.length, made.SharedSecretCiphertextBlob?.length]).toEqual([32, length]);
    const { SharedSecretCiphertextBlob } = made;
    const back = await lab.root.decapsulate({ KeyId, EncapsulationAlgorithm, SharedSecretCiphertextBlob });
    expect(back).toMatchObject({ KeyId: arn, EncapsulationAlgorithm, SharedSecret: made.SharedSecret });
    const edited = SharedSecretCiphertextBlob?.map((byte, at) => (at === 0 ? byte ^ 1 : byte));
    const implicit = await lab.root.decapsulate({ KeyId, EncapsulationAlgorithm, SharedSecretCiphertextBlob: edited });
    expect(implicit.SharedSecret).not.toEqual(made.SharedSecret);
    const cut = SharedSecretCiphertextBlob?.subarray(1);
    expect(
      await refusal(lab.root.decapsulate({ KeyId, EncapsulationAlgorithm, SharedSecretCiphertextBlob: cut })),
    ).toMatchObject({ name: 'InvalidCiphertextException', message: NO_TEXT });
  });
});

describe('GetPublicKey', () => {
  test.each([
    ['RSA_3072', 'ENCRYPT_DECRYPT', { EncryptionAlgorithms: ['RSAES_OAEP_SHA_1', 'RSAES_OAEP_SHA_256'] }],
    ['ECC_NIST_P256', 'SIGN_VERIFY', { SigningAlgorithms: ['ECDSA_SHA_256'] }],
    ['ECC_NIST_P256', 'KEY_AGREEMENT', { KeyAgreementAlgorithms: ['ECDH'] }],
    ['ML_KEM_768', 'ENCAPSULATE_DECAPSULATE', { EncapsulationAlgorithms: ['ML_KEM'] }],
  ] as const)('%s for %s', async (KeySpec, KeyUsage, algorithms) => {
    const { id: KeyId, arn } = await key(KeySpec, KeyUsage);
    const { $metadata: _, PublicKey, ...answer } = await lab.root.getPublicKey({ KeyId });
    expect(PublicKey?.length).toBeGreaterThan(64);
    const legacy = KeySpec.startsWith('ML_') ? {} : { CustomerMasterKeySpec: KeySpec };
    expect(answer).toEqual({ KeyId: arn, KeySpec, KeyUsage, ...legacy, ...algorithms });
  });

  test('of a symmetric key there is none', async () => {
    for (const [spec, usage] of [
      ['SYMMETRIC_DEFAULT', 'ENCRYPT_DECRYPT'],
      ['HMAC_256', 'GENERATE_VERIFY_MAC'],
    ] as const) {
      const { id: KeyId } = await key(spec, usage);
      expect(await refusal(lab.root.getPublicKey({ KeyId }))).toMatchObject({ name: 'UnsupportedOperationException' });
    }
  });

  test('works while the key is disabled', async () => {
    const { id: KeyId } = await newKey(lab.root, { KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' });
    await lab.root.disableKey({ KeyId });
    expect((await lab.root.getPublicKey({ KeyId })).PublicKey).toBeDefined();
    expect(await refusal(lab.root.sign({ KeyId, Message: MESSAGE, SigningAlgorithm: 'ECDSA_SHA_256' }))).toMatchObject({
      name: 'DisabledException',
    });
  });
});
