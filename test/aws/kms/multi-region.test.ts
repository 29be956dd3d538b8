import type { KMS } from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sweepKms } from '../../../src/core/kms/sweep.ts';
import { LAB_ID, type Lab, newKey, REGION, refusal, startLab, text, utf8 } from '../../support/kms-lab.ts';

const DAY = 86_400_000;
const FAR = 'us-east-1';

let lab: Lab;
let far: KMS;
beforeAll(async () => {
  lab = await startLab();
  far = await lab.rootIn(FAR);
});
afterAll(() => lab.dispose());

const sweep = () => sweepKms(lab.core.running.core.session(), lab.core.running.core.ports);
const describeKey = async (client: KMS, KeyId: string) => (await client.describeKey({ KeyId })).KeyMetadata;
const arnIn = (region: string, id: string) => `arn:aws:kms:${region}:${LAB_ID}:key/${id}`;

async function pair(): Promise<string> {
  const { id } = await newKey(lab.root, { MultiRegion: true });
  await lab.root.replicateKey({ KeyId: id, ReplicaRegion: FAR });
  lab.clock.jump(2000);
  return id;
}

describe('ReplicateKey', () => {
  test('makes a key in another Region that begins as Creating and reads the other’s ciphertexts', async () => {
    const { id: KeyId } = await newKey(lab.root, {
      MultiRegion: true,
      Description: 'primary',
      Tags: [{ TagKey: 'a', TagValue: 'b' }],
    });
    const { CiphertextBlob } = await lab.root.encrypt({ KeyId, Plaintext: utf8('x'), EncryptionContext: { a: 'b' } });
    const configuration = (MultiRegionKeyType: string) => ({
      MultiRegionKeyType,
      PrimaryKey: { Arn: arnIn(REGION, KeyId), Region: REGION },
      ReplicaKeys: [{ Arn: arnIn(FAR, KeyId), Region: FAR }],
    });
    const made = await lab.root.replicateKey({ KeyId, ReplicaRegion: FAR });
    expect(made.ReplicaKeyMetadata).toMatchObject({
      Arn: arnIn(FAR, KeyId),
      KeyId,
      Description: '',
      KeyState: 'Creating',
      Enabled: false,
      MultiRegion: true,
      MultiRegionConfiguration: configuration('REPLICA'),
    });
    expect(JSON.parse(made.ReplicaPolicy ?? '')).toMatchObject({ Id: 'key-default-1' });
    expect(made).not.toHaveProperty('ReplicaTags');
    expect(await refusal(far.decrypt({ CiphertextBlob, EncryptionContext: { a: 'b' } }))).toEqual({
      name: 'KMSInvalidStateException',
      message: `${arnIn(FAR, KeyId)} is creating.`,
      status: 400,
    });
    lab.clock.jump(2000);
    expect(await describeKey(far, KeyId)).toMatchObject({ KeyState: 'Enabled' });
    expect(await describeKey(lab.root, KeyId)).toMatchObject({
      Description: 'primary',
      MultiRegionConfiguration: configuration('PRIMARY'),
    });
    const read = await far.decrypt({ CiphertextBlob, EncryptionContext: { a: 'b' } });
    expect([text(read.Plaintext), read.KeyId]).toEqual(['x', arnIn(FAR, KeyId)]);
    expect(await refusal(far.decrypt({ CiphertextBlob }))).toMatchObject({ name: 'InvalidCiphertextException' });
    const back = await far.encrypt({ KeyId, Plaintext: utf8('y') });
    expect(text((await lab.root.decrypt({ CiphertextBlob: back.CiphertextBlob })).Plaintext)).toBe('y');
  });

  test('is refused where it makes no sense', async () => {
    const KeyId = await pair();
    expect(await refusal(lab.root.replicateKey({ KeyId, ReplicaRegion: FAR }))).toMatchObject({
      name: 'AlreadyExistsException',
    });
    expect(await refusal(lab.root.replicateKey({ KeyId, ReplicaRegion: REGION }))).toMatchObject({
      name: 'AlreadyExistsException',
    });
    expect(await refusal(far.replicateKey({ KeyId, ReplicaRegion: 'eu-west-1' }))).toMatchObject({
      name: 'UnsupportedOperationException',
    });
    const single = await newKey(lab.root);
    expect(await refusal(lab.root.replicateKey({ KeyId: single.id, ReplicaRegion: FAR }))).toMatchObject({
      name: 'UnsupportedOperationException',
    });
    expect(await refusal(lab.root.replicateKey({ KeyId, ReplicaRegion: 'cn-north-1' }))).toMatchObject({
      name: 'ValidationException',
    });
    await lab.root.disableKey({ KeyId });
    expect(await refusal(lab.root.replicateKey({ KeyId, ReplicaRegion: 'eu-west-1' }))).toMatchObject({
      name: 'DisabledException',
    });
  });

  test('an asymmetric key is the same everywhere', async () => {
    const { id: KeyId } = await newKey(lab.root, {
      MultiRegion: true,
      KeySpec: 'ECC_NIST_P256',
      KeyUsage: 'SIGN_VERIFY',
    });
    await lab.root.replicateKey({ KeyId, ReplicaRegion: FAR });
    lab.clock.jump(2000);
    const request = { KeyId, Message: utf8('x'), SigningAlgorithm: 'ECDSA_SHA_256' } as const;
    const { Signature } = await far.sign(request);
    expect((await lab.root.verify({ ...request, Signature })).SignatureValid).toBe(true);
    expect((await far.getPublicKey({ KeyId })).PublicKey).toEqual((await lab.root.getPublicKey({ KeyId })).PublicKey);
  });
});

test('each key has its own state, policy, tags and aliases', async () => {
  const KeyId = await pair();
  await far.disableKey({ KeyId });
  await far.tagResource({ KeyId, Tags: [{ TagKey: 'far', TagValue: '' }] });
  await far.createAlias({ AliasName: 'alias/far-only', TargetKeyId: KeyId });
  await lab.root.encrypt({ KeyId, Plaintext: utf8('x') });
  expect((await lab.root.listResourceTags({ KeyId })).Tags).toEqual([]);
  expect((await lab.root.listAliases({ KeyId })).Aliases).toEqual([]);
  expect((await describeKey(lab.root, KeyId))?.KeyState).toBe('Enabled');
  expect((await describeKey(far, KeyId))?.KeyState).toBe('Disabled');
});

test('rotation is the primary key’s, and reaches the replicas', async () => {
  const KeyId = await pair();
  expect(await refusal(far.enableKeyRotation({ KeyId }))).toMatchObject({ name: 'UnsupportedOperationException' });
  expect(await refusal(far.rotateKeyOnDemand({ KeyId }))).toMatchObject({ name: 'UnsupportedOperationException' });
  await lab.root.enableKeyRotation({ KeyId, RotationPeriodInDays: 100 });
  expect(await far.getKeyRotationStatus({ KeyId })).toMatchObject({
    KeyRotationEnabled: true,
    RotationPeriodInDays: 100,
  });
  const { CiphertextBlob } = await far.encrypt({ KeyId, Plaintext: utf8('old') });
  lab.clock.jump(100 * DAY);
  await sweep();
  await lab.root.rotateKeyOnDemand({ KeyId });
  const [here, there] = [await describeKey(lab.root, KeyId), await describeKey(far, KeyId)];
  expect(here?.CurrentKeyMaterialId).toBe(there?.CurrentKeyMaterialId);
  expect((await far.listKeyRotations({ KeyId })).Rotations).toHaveLength(2);
  expect(text((await lab.root.decrypt({ CiphertextBlob })).Plaintext)).toBe('old');
});

test('UpdatePrimaryRegion exchanges the roles', async () => {
  const KeyId = await pair();
  await lab.root.enableKeyRotation({ KeyId });
  await lab.root.updatePrimaryRegion({ KeyId, PrimaryRegion: FAR });
  for (const [client, region, type] of [
    [lab.root, REGION, 'REPLICA'],
    [far, FAR, 'PRIMARY'],
  ] as const) {
    const arn = arnIn(region, KeyId);
    expect(await describeKey(client, KeyId)).toMatchObject({
      KeyState: 'Updating',
      MultiRegionConfiguration: {
        MultiRegionKeyType: type,
        PrimaryKey: { Region: FAR },
        ReplicaKeys: [{ Region: REGION }],
      },
    });
    await client.encrypt({ KeyId, Plaintext: utf8('x') });
    expect(await refusal(client.disableKey({ KeyId }))).toMatchObject({
      name: 'KMSInvalidStateException',
      message: `${arn} is updating.`,
    });
  }
  lab.clock.jump(2000);
  expect(await describeKey(far, KeyId)).toMatchObject({ KeyState: 'Enabled' });
  expect(await lab.root.getKeyRotationStatus({ KeyId })).toMatchObject({ KeyRotationEnabled: true });
  await far.disableKeyRotation({ KeyId });
  await far.replicateKey({ KeyId, ReplicaRegion: 'eu-west-1' });
  expect(await refusal(far.updatePrimaryRegion({ KeyId, PrimaryRegion: 'eu-west-2' }))).toMatchObject({
    name: 'NotFoundException',
  });
  expect(await refusal(lab.root.updatePrimaryRegion({ KeyId, PrimaryRegion: FAR }))).toMatchObject({
    name: 'UnsupportedOperationException',
  });
});

test('a primary key is deleted after its replicas, whose material stays until then', async () => {
  const KeyId = await pair();
  const { CiphertextBlob } = await far.encrypt({ KeyId, Plaintext: utf8('x') });
  const scheduled = await lab.root.scheduleKeyDeletion({ KeyId, PendingWindowInDays: 10 });
  expect(scheduled).toMatchObject({ KeyState: 'PendingReplicaDeletion', PendingWindowInDays: 10 });
  expect(scheduled).not.toHaveProperty('DeletionDate');
  expect(await describeKey(lab.root, KeyId)).toMatchObject({
    KeyState: 'PendingReplicaDeletion',
    PendingDeletionWindowInDays: 10,
  });
  expect(await refusal(lab.root.encrypt({ KeyId, Plaintext: utf8('x') }))).toMatchObject({
    message: `${arnIn(REGION, KeyId)} is pending replica deletion.`,
  });
  lab.clock.jump(60 * DAY);
  await sweep();
  expect(text((await far.decrypt({ CiphertextBlob })).Plaintext)).toBe('x');
  await far.scheduleKeyDeletion({ KeyId, PendingWindowInDays: 7 });
  lab.clock.jump(7 * DAY);
  await sweep();
  expect(await refusal(far.describeKey({ KeyId }))).toMatchObject({ name: 'NotFoundException' });
  expect(await describeKey(lab.root, KeyId)).toMatchObject({
    KeyState: 'PendingDeletion',
    DeletionDate: new Date(lab.clock.now() + 10 * DAY),
  });
  await lab.root.cancelKeyDeletion({ KeyId });
  await lab.root.enableKey({ KeyId });
  expect(text((await lab.root.decrypt({ CiphertextBlob })).Plaintext)).toBe('x');
});

test('the other partitions have their own ARNs', async () => {
  const china = await lab.rootIn('cn-north-1');
  const { arn, id: KeyId } = await newKey(china);
  expect(arn).toBe(`arn:aws-cn:kms:cn-north-1:${LAB_ID}:key/${KeyId}`);
  const { CiphertextBlob } = await china.encrypt({ KeyId: arn, Plaintext: utf8('x') });
  expect(text((await china.decrypt({ CiphertextBlob })).Plaintext)).toBe('x');
  expect((await china.getKeyPolicy({ KeyId })).Policy).toContain(`arn:aws-cn:iam::${LAB_ID}:root`);
});
