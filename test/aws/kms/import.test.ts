import {
  constants,
  createCipheriv,
  createHmac,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  publicEncrypt,
  randomBytes,
  verify as verifySignature,
} from 'node:crypto';
import type {
  AlgorithmSpec,
  ImportKeyMaterialCommandInput,
  KeySpec,
  KeyUsageType,
  KMS,
  WrappingKeySpec,
} from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sweepKms } from '../../../src/core/kms/sweep.ts';
import { type Lab, NO_TEXT, newKey, refusal, startLab, text, utf8 } from '../../support/kms-lab.ts';

const DAY = 86_400_000;

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.dispose());

type Algorithm = Exclude<AlgorithmSpec, 'SM2PKE' | 'RSAES_PKCS1_V1_5'>;

/** What a person does outside: AES-KWP (RFC 5649) by OpenSSL, RSA-OAEP by Node. */
function wrap(publicKey: KeyObject, algorithm: Algorithm, material: Uint8Array): Uint8Array {
  const oaepHash = algorithm.endsWith('SHA_1') ? 'sha1' : 'sha256';
  const toRsa = (bytes: Uint8Array) =>
    publicEncrypt({ key: publicKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash }, bytes);
  if (algorithm.startsWith('RSAES')) return toRsa(material);
  const aes = randomBytes(32);
  const cipher = createCipheriv('id-aes256-wrap-pad', aes, Buffer.from('a65959a6', 'hex'));
  return Buffer.concat([toRsa(aes), cipher.update(material), cipher.final()]);
}

interface Parameters {
  ImportToken: Uint8Array;
  publicKey: KeyObject;
}

async function parametersFor(
  KeyId: string,
  WrappingAlgorithm: Algorithm = 'RSAES_OAEP_SHA_256',
  WrappingKeySpec: WrappingKeySpec = 'RSA_2048',
  client: KMS = lab.root,
): Promise<Parameters> {
  const { ImportToken, PublicKey } = await client.getParametersForImport({ KeyId, WrappingAlgorithm, WrappingKeySpec });
  if (ImportToken === undefined || PublicKey === undefined) throw new Error('no parameters');
  return { ImportToken, publicKey: createPublicKey({ key: Buffer.from(PublicKey), format: 'der', type: 'spki' }) };
}

async function importInto(
  KeyId: string,
  material: Uint8Array,
  more: Partial<ImportKeyMaterialCommandInput> = { ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE' },
  algorithm: Algorithm = 'RSAES_OAEP_SHA_256',
  client: KMS = lab.root,
): Promise<string> {
  const { ImportToken, publicKey } = await parametersFor(KeyId, algorithm, 'RSA_2048', client);
  const EncryptedKeyMaterial = wrap(publicKey, algorithm, material);
  const { KeyMaterialId = '' } = await client.importKeyMaterial({ KeyId, ImportToken, EncryptedKeyMaterial, ...more });
  return KeyMaterialId;
}

const external = (more: { KeySpec?: KeySpec; KeyUsage?: KeyUsageType; MultiRegion?: boolean } = {}) =>
  newKey(lab.root, { Origin: 'EXTERNAL', ...more });
const describeKey = async (KeyId: string, client = lab.root) => (await client.describeKey({ KeyId })).KeyMetadata;
const sweep = () => sweepKms(lab.core.running.core.session(), lab.core.running.core.ports);

describe('a policy over an import', () => {
  const material = randomBytes(32);
  const all = { Effect: 'Allow', Action: 'kms:*', Resource: '*' };
  const denied = expect.objectContaining({ name: 'AccessDeniedException' });
  const statement = (Effect: string, Condition: object) => ({
    ...all,
    Effect,
    Action: 'kms:ImportKeyMaterial',
    Condition,
  });

  test('knows the model of expiration that a request leaves out', async () => {
    const model = { StringEquals: { 'kms:ExpirationModel': 'KEY_MATERIAL_EXPIRES' } };
    const { kms: expiring } = await lab.user('expiring', [
      { ...all, Action: 'kms:GetParametersForImport' },
      statement('Allow', model),
    ]);
    const { kms: lasting } = await lab.user('lasting', [all, statement('Deny', model)]);
    const ValidTo = new Date(lab.clock.now() + DAY);
    const { id } = await external();
    for (const more of [{ ValidTo }, { ValidTo, ExpirationModel: 'KEY_MATERIAL_EXPIRES' as const }]) {
      expect(await refusal(importInto(id, material, more, undefined, lasting))).toEqual(denied);
      await importInto(id, material, more, undefined, expiring);
    }
    expect(await refusal(importInto(id, material, undefined, undefined, expiring))).toEqual(denied);
    await importInto(id, material, undefined, undefined, lasting);
  });

  test('that limits the time is not got round by half a second', async () => {
    const limit = lab.clock.now() + DAY;
    const { kms } = await lab.user('short', [
      all,
      statement('Deny', { DateGreaterThan: { 'kms:ValidTo': new Date(limit).toISOString() } }),
    ]);
    const { id } = await external();
    const until = (at: number) => importInto(id, material, { ValidTo: new Date(at) }, undefined, kms);
    expect(await refusal(until(limit + 500))).toEqual(denied);
    await until(limit - 500);
    await until(limit);
  });
});

describe('importing symmetric material', () => {
  test.each(['RSAES_OAEP_SHA_1', 'RSAES_OAEP_SHA_256', 'RSA_AES_KEY_WRAP_SHA_1', 'RSA_AES_KEY_WRAP_SHA_256'] as const)(
    '%s',
    async (algorithm) => {
      const { id: KeyId, arn } = await external();
      const pending = { name: 'KMSInvalidStateException', message: `${arn} is pending import.`, status: 400 };
      expect(await refusal(lab.root.encrypt({ KeyId, Plaintext: utf8('x') }))).toEqual(pending);
      expect(await refusal(lab.root.enableKey({ KeyId }))).toEqual(pending);
      const id = await importInto(KeyId, randomBytes(32), undefined, algorithm);
      expect(id).toMatch(/^[0-9a-f]{64}$/);
      expect(await describeKey(KeyId)).toMatchObject({
        KeyState: 'Enabled',
        Enabled: true,
        ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE',
        CurrentKeyMaterialId: id,
      });
      const { CiphertextBlob } = await lab.root.encrypt({ KeyId, Plaintext: utf8('x') });
      expect(text((await lab.root.decrypt({ CiphertextBlob })).Plaintext)).toBe('x');
    },
  );

  test('deleted, a key waits for the same material, and its old ciphertexts with it', async () => {
    const { id: KeyId, arn } = await external();
    const material = randomBytes(32);
    const id = await importInto(KeyId, material);
    const { CiphertextBlob } = await lab.root.encrypt({ KeyId, Plaintext: utf8('x') });
    expect(await lab.root.deleteImportedKeyMaterial({ KeyId })).toMatchObject({ KeyId: arn, KeyMaterialId: id });
    expect(await describeKey(KeyId)).toMatchObject({ KeyState: 'PendingImport', Enabled: false });
    expect(await describeKey(KeyId)).not.toHaveProperty('ExpirationModel');
    expect(await refusal(lab.root.decrypt({ CiphertextBlob }))).toMatchObject({ message: `${arn} is pending import.` });
    expect(await refusal(importInto(KeyId, randomBytes(32)))).toMatchObject({
      name: 'IncorrectKeyMaterialException',
      status: 400,
    });
    expect(await importInto(KeyId, material)).toBe(id);
    expect(text((await lab.root.decrypt({ CiphertextBlob })).Plaintext)).toBe('x');
    await lab.root.deleteImportedKeyMaterial({ KeyId });
    await lab.root.deleteImportedKeyMaterial({ KeyId });
    const empty = await external();
    const none = await lab.root.deleteImportedKeyMaterial({ KeyId: empty.id });
    expect([none.KeyId, 'KeyMaterialId' in none]).toEqual([empty.arn, false]);
    expect((await lab.core.client.call('vault.check', {})).ok).toBe(true);
  });

  test('expires to the instant, by the HSM’s own clock too, and can be imported anew', async () => {
    const { id: KeyId, arn } = await external();
    const material = randomBytes(32);
    const ValidTo = new Date(lab.clock.now() + DAY);
    await importInto(KeyId, material, { ValidTo });
    expect(await describeKey(KeyId)).toMatchObject({ ExpirationModel: 'KEY_MATERIAL_EXPIRES', ValidTo });
    const { CiphertextBlob } = await lab.root.encrypt({ KeyId, Plaintext: utf8('x') });
    lab.clock.jump(DAY - 1);
    expect(text((await lab.root.decrypt({ CiphertextBlob })).Plaintext)).toBe('x');
    lab.clock.jump(1);
    const expired = { name: 'KMSInvalidStateException', message: `${arn} is pending import.`, status: 400 };
    expect(await refusal(lab.root.decrypt({ CiphertextBlob }))).toEqual(expired);
    await sweep();
    expect(await refusal(lab.root.decrypt({ CiphertextBlob }))).toEqual(expired);
    await importInto(KeyId, material, { ValidTo: new Date(lab.clock.now() + 2 * DAY) });
    expect(text((await lab.root.decrypt({ CiphertextBlob })).Plaintext)).toBe('x');
  });

  test('new material waits for its rotation; old ciphertexts need the old one', async () => {
    const { id: KeyId, arn } = await external();
    const [first, second] = [randomBytes(32), randomBytes(32)];
    const one = await importInto(KeyId, first);
    const old = await lab.root.encrypt({ KeyId, Plaintext: utf8('old') });
    expect(await refusal(lab.root.rotateKeyOnDemand({ KeyId }))).toEqual({
      name: 'KMSInvalidStateException',
      message: `No available key material pending rotation for the key: ${arn}.`,
      status: 400,
    });
    const fresh = { ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE', ImportType: 'NEW_KEY_MATERIAL' } as const;
    expect(await refusal(importInto(KeyId, first, fresh))).toMatchObject({ name: 'IncorrectKeyMaterialException' });
    const two = await importInto(KeyId, second, { ...fresh, KeyMaterialDescription: 'the second' });
    expect(await refusal(importInto(KeyId, randomBytes(32), fresh))).toMatchObject({
      name: 'KMSInvalidStateException',
    });
    expect((await describeKey(KeyId))?.CurrentKeyMaterialId).toBe(one);
    const list = async () =>
      (await lab.root.listKeyRotations({ KeyId, IncludeKeyMaterial: 'ALL_KEY_MATERIAL' })).Rotations;
    const imported = { KeyId, ImportState: 'IMPORTED', ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE' };
    expect(await list()).toEqual([
      { ...imported, KeyMaterialId: one, KeyMaterialState: 'CURRENT' },
      { ...imported, KeyMaterialId: two, KeyMaterialState: 'PENDING_ROTATION', KeyMaterialDescription: 'the second' },
    ]);
    await lab.root.rotateKeyOnDemand({ KeyId });
    expect((await describeKey(KeyId))?.CurrentKeyMaterialId).toBe(two);
    const { CiphertextBlob } = await lab.root.encrypt({ KeyId, Plaintext: utf8('new') });
    expect((await lab.root.decrypt({ CiphertextBlob })).KeyMaterialId).toBe(two);
    expect(text((await lab.root.decrypt({ CiphertextBlob: old.CiphertextBlob })).Plaintext)).toBe('old');
    await lab.root.deleteImportedKeyMaterial({ KeyId, KeyMaterialId: one });
    expect(await describeKey(KeyId)).toMatchObject({ KeyState: 'PendingImport' });
    expect(await list()).toMatchObject([
      { ImportState: 'PENDING_IMPORT' },
      { ImportState: 'IMPORTED', RotationType: 'ON_DEMAND' },
    ]);
    expect(await refusal(importInto(KeyId, first, { ...existing, KeyMaterialId: two }))).toMatchObject({
      name: 'IncorrectKeyMaterialException',
    });
    await importInto(KeyId, first, { ...existing, KeyMaterialId: one });
    expect(text((await lab.root.decrypt({ CiphertextBlob: old.CiphertextBlob })).Plaintext)).toBe('old');
  });
  const existing = { ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE', ImportType: 'EXISTING_KEY_MATERIAL' } as const;

  test('material that waits can be let go of', async () => {
    const { id: KeyId } = await external();
    await importInto(KeyId, randomBytes(32));
    const fresh = { ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE', ImportType: 'NEW_KEY_MATERIAL' } as const;
    const KeyMaterialId = await importInto(KeyId, randomBytes(32), fresh);
    await lab.root.deleteImportedKeyMaterial({ KeyId, KeyMaterialId });
    expect(await describeKey(KeyId)).toMatchObject({ KeyState: 'Enabled' });
    expect(await refusal(lab.root.deleteImportedKeyMaterial({ KeyId, KeyMaterialId }))).toMatchObject({
      name: 'NotFoundException',
    });
    await importInto(KeyId, randomBytes(32), fresh);
  });

  test.each([
    [{}, 'A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES'],
    [{ ValidTo: new Date(0) }, 'The validTo date must be in the future'],
    [{ ValidTo: new Date(Date.UTC(2200, 0)) }, 'The validTo date cannot be more than 365 days in the future'],
    [
      { ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE', ValidTo: new Date(Date.UTC(2200, 0)) },
      'A validTo date cannot be set if the ExpirationModel is KEY_MATERIAL_DOES_NOT_EXPIRE',
    ],
  ] as const)('%j is refused', async (more, message) => {
    const { id } = await external();
    expect(await refusal(importInto(id, randomBytes(32), more))).toEqual({
      name: 'ValidationException',
      message,
      status: 400,
    });
  });
});

describe('importing other material', () => {
  test.each([
    ['RSA_2048', () => generateKeyPairSync('rsa', { modulusLength: 2048 })],
    ['ECC_NIST_P256', () => generateKeyPairSync('ec', { namedCurve: 'P-256' })],
    ['ECC_NIST_P521', () => generateKeyPairSync('ec', { namedCurve: 'P-521' })],
    ['ECC_SECG_P256K1', () => generateKeyPairSync('ec', { namedCurve: 'secp256k1' })],
  ] as const)('%s signs with the imported key, which never changes again', async (KeySpec, generate) => {
    const { id: KeyId } = await external({ KeySpec, KeyUsage: 'SIGN_VERIFY' });
    const pair = generate();
    const material = pair.privateKey.export({ format: 'der', type: 'pkcs8' });
    await importInto(KeyId, material, undefined, 'RSA_AES_KEY_WRAP_SHA_256');
    const rsa = KeySpec === 'RSA_2048';
    const hash = KeySpec === 'ECC_NIST_P521' ? 'sha512' : 'sha256';
    const SigningAlgorithm = rsa ? 'RSASSA_PKCS1_V1_5_SHA_256' : hash === 'sha512' ? 'ECDSA_SHA_512' : 'ECDSA_SHA_256';
    const { Signature = new Uint8Array() } = await lab.root.sign({ KeyId, SigningAlgorithm, Message: utf8('x') });
    expect(verifySignature(hash, utf8('x'), pair.publicKey, Signature)).toBe(true);
    const { PublicKey = new Uint8Array() } = await lab.root.getPublicKey({ KeyId });
    expect(Buffer.compare(PublicKey, pair.publicKey.export({ format: 'der', type: 'spki' }))).toBe(0);
    await lab.root.deleteImportedKeyMaterial({ KeyId });
    const other = generate().privateKey.export({ format: 'der', type: 'pkcs8' });
    expect(await refusal(importInto(KeyId, other, undefined, 'RSA_AES_KEY_WRAP_SHA_256'))).toMatchObject({
      name: 'IncorrectKeyMaterialException',
    });
    await importInto(KeyId, material, undefined, 'RSA_AES_KEY_WRAP_SHA_256');
  });

  test('HMAC', async () => {
    const { id: KeyId } = await external({ KeySpec: 'HMAC_384', KeyUsage: 'GENERATE_VERIFY_MAC' });
    const material = randomBytes(48);
    await importInto(KeyId, material);
    const { Mac } = await lab.root.generateMac({ KeyId, MacAlgorithm: 'HMAC_SHA_384', Message: utf8('x') });
    expect(Buffer.compare(Mac ?? new Uint8Array(), createHmac('sha384', material).update('x').digest())).toBe(0);
  });

  test('RSA keys do not fit into RSA', async () => {
    const { id: KeyId } = await external({ KeySpec: 'RSA_2048', KeyUsage: 'SIGN_VERIFY' });
    const direct = { KeyId, WrappingAlgorithm: 'RSAES_OAEP_SHA_256', WrappingKeySpec: 'RSA_4096' } as const;
    expect(await refusal(lab.root.getParametersForImport(direct))).toMatchObject({ name: 'ValidationException' });
  });
});

describe('what is refused', () => {
  test('a token that is bad, of another key, or of yesterday; material that is wrong', async () => {
    const [one, two] = [await external(), await external()];
    const { ImportToken, publicKey } = await parametersFor(one.id);
    const EncryptedKeyMaterial = wrap(publicKey, 'RSAES_OAEP_SHA_256', randomBytes(32));
    const attempt = (KeyId: string, more: Partial<ImportKeyMaterialCommandInput> = {}) =>
      refusal(
        lab.root.importKeyMaterial({
          KeyId,
          ImportToken,
          EncryptedKeyMaterial,
          ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE',
          ...more,
        }),
      );
    const badToken = { name: 'InvalidImportTokenException', status: 400 };
    expect(await attempt(two.id)).toMatchObject(badToken);
    for (const at of [0, 5, 40, ImportToken.length - 1]) {
      const edited = ImportToken.map((byte, index) => (index === at ? byte ^ 1 : byte));
      expect(await attempt(one.id, { ImportToken: edited })).toMatchObject(badToken);
    }
    expect(await attempt(one.id, { ImportToken: utf8('x') })).toMatchObject(badToken);
    const foreign = await lab.rootIn('us-east-1');
    const elsewhere = await parametersFor(
      (await newKey(foreign, { Origin: 'EXTERNAL' })).id,
      undefined,
      undefined,
      foreign,
    );
    expect(await attempt(one.id, { ImportToken: elsewhere.ImportToken })).toMatchObject(badToken);
    expect(await attempt(one.id, { EncryptedKeyMaterial: randomBytes(256) })).toEqual({
      name: 'InvalidCiphertextException',
      message: NO_TEXT,
      status: 400,
    });
    for (const wrong of [randomBytes(16), randomBytes(33)]) {
      const wrapped = wrap(publicKey, 'RSAES_OAEP_SHA_256', wrong);
      expect(await attempt(one.id, { EncryptedKeyMaterial: wrapped })).toMatchObject({
        name: 'IncorrectKeyMaterialException',
      });
    }
    lab.clock.jump(DAY);
    expect(await attempt(one.id)).toMatchObject({ name: 'ExpiredImportTokenException', status: 400 });
  });

  test('keys whose material is made here, and algorithms that AWS has withdrawn', async () => {
    const { id: KeyId, arn } = await newKey(lab.root);
    const wrapping = { WrappingAlgorithm: 'RSAES_OAEP_SHA_256', WrappingKeySpec: 'RSA_2048' } as const;
    const unsupported = {
      name: 'UnsupportedOperationException',
      message: `${arn} origin is AWS_KMS which is not valid for this operation.`,
      status: 400,
    };
    expect(await refusal(lab.root.getParametersForImport({ KeyId, ...wrapping }))).toEqual(unsupported);
    expect(await refusal(lab.root.deleteImportedKeyMaterial({ KeyId }))).toEqual(unsupported);
    const ours = await external();
    const old = { KeyId: ours.id, WrappingAlgorithm: 'RSAES_PKCS1_V1_5', WrappingKeySpec: 'RSA_2048' } as const;
    expect(await refusal(lab.root.getParametersForImport(old))).toMatchObject({
      name: 'UnsupportedOperationException',
    });
    await lab.root.scheduleKeyDeletion({ KeyId: ours.id });
    expect(await refusal(lab.root.getParametersForImport({ KeyId: ours.id, ...wrapping }))).toMatchObject({
      name: 'KMSInvalidStateException',
      message: `${ours.arn} is pending deletion.`,
    });
  });
});

test('a multi-Region key: new material goes to the primary, then to every replica, then the key rotates', async () => {
  const { id: KeyId, arn } = await external({ MultiRegion: true });
  const replicaClient = await lab.rootIn('us-east-1');
  const [first, second] = [randomBytes(32), randomBytes(32)];
  const one = await importInto(KeyId, first);
  await lab.root.replicateKey({ KeyId, ReplicaRegion: 'us-east-1' });
  lab.clock.jump(2000);
  expect(await describeKey(KeyId, replicaClient)).toMatchObject({ KeyState: 'PendingImport' });
  expect(await refusal(importInto(KeyId, second, undefined, undefined, replicaClient))).toMatchObject({
    name: 'IncorrectKeyMaterialException',
  });
  expect(await importInto(KeyId, first, undefined, undefined, replicaClient)).toBe(one);
  const { CiphertextBlob } = await lab.root.encrypt({ KeyId, Plaintext: utf8('x') });
  expect(text((await replicaClient.decrypt({ CiphertextBlob })).Plaintext)).toBe('x');

  const fresh = { ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE', ImportType: 'NEW_KEY_MATERIAL' } as const;
  expect(await refusal(importInto(KeyId, second, fresh, undefined, replicaClient))).toMatchObject({
    name: 'UnsupportedOperationException',
  });
  const two = await importInto(KeyId, second, fresh);
  const states = async (client: KMS) =>
    (await client.listKeyRotations({ KeyId, IncludeKeyMaterial: 'ALL_KEY_MATERIAL' })).Rotations?.map(
      ({ KeyMaterialState }) => KeyMaterialState,
    );
  expect(await states(lab.root)).toEqual(['CURRENT', 'PENDING_MULTI_REGION_IMPORT_AND_ROTATION']);
  expect(await refusal(lab.root.rotateKeyOnDemand({ KeyId }))).toMatchObject({
    message: `No available key material pending rotation for the key: ${arn}.`,
  });
  const known = { ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE', ImportType: 'EXISTING_KEY_MATERIAL' } as const;
  expect(await importInto(KeyId, second, known, undefined, replicaClient)).toBe(two);
  expect(await states(lab.root)).toEqual(['CURRENT', 'PENDING_ROTATION']);
  expect(await states(replicaClient)).toEqual(['CURRENT', 'PENDING_ROTATION']);
  await lab.root.rotateKeyOnDemand({ KeyId });
  expect(await states(replicaClient)).toEqual(['NON_CURRENT', 'CURRENT']);
  const after = await replicaClient.encrypt({ KeyId, Plaintext: utf8('y') });
  const read = await lab.root.decrypt({ CiphertextBlob: after.CiphertextBlob });
  expect([text(read.Plaintext), read.KeyMaterialId]).toEqual(['y', two]);
});
