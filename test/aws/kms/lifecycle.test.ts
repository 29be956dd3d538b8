import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sweepKms } from '../../../src/core/kms/sweep.ts';
import { type Lab, newKey, refusal, startLab, text, utf8 } from '../../support/kms-lab.ts';

const DAY = 86_400_000;

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.dispose());

const sweep = () => sweepKms(lab.core.running.core.session(), lab.core.running.core.ports);
const state = async (KeyId: string) => (await lab.root.describeKey({ KeyId })).KeyMetadata;

describe('deletion', () => {
  test('waits, and the key is of no use meanwhile', async () => {
    const { id: KeyId, arn } = await newKey(lab.root);
    const { CiphertextBlob } = await lab.root.encrypt({ KeyId, Plaintext: utf8('x') });
    const DeletionDate = new Date(lab.clock.now() + 7 * DAY);
    expect(await lab.root.scheduleKeyDeletion({ KeyId, PendingWindowInDays: 7 })).toMatchObject({
      KeyId: arn,
      DeletionDate,
      KeyState: 'PendingDeletion',
      PendingWindowInDays: 7,
    });
    expect(await state(KeyId)).toMatchObject({ KeyState: 'PendingDeletion', Enabled: false, DeletionDate });
    const pending = { name: 'KMSInvalidStateException', message: `${arn} is pending deletion.`, status: 400 };
    for (const call of [
      lab.root.encrypt({ KeyId, Plaintext: utf8('x') }),
      lab.root.decrypt({ CiphertextBlob }),
      lab.root.enableKey({ KeyId }),
      lab.root.disableKey({ KeyId }),
      lab.root.scheduleKeyDeletion({ KeyId }),
      lab.root.createAlias({ AliasName: 'alias/late', TargetKeyId: KeyId }),
      lab.root.updateKeyDescription({ KeyId, Description: '' }),
      lab.root.enableKeyRotation({ KeyId }),
    ]) {
      expect(await refusal(call)).toEqual(pending);
    }
  });

  test('can be cancelled until the last instant, which leaves the key disabled', async () => {
    const { id: KeyId, arn } = await newKey(lab.root);
    const { CiphertextBlob } = await lab.root.encrypt({ KeyId, Plaintext: utf8('saved') });
    await lab.root.scheduleKeyDeletion({ KeyId });
    lab.clock.jump(30 * DAY - 1);
    await sweep();
    expect(await lab.root.cancelKeyDeletion({ KeyId })).toMatchObject({ KeyId: arn });
    expect(await state(KeyId)).toMatchObject({ KeyState: 'Disabled' });
    expect(await state(KeyId)).not.toHaveProperty('DeletionDate');
    expect(await refusal(lab.root.cancelKeyDeletion({ KeyId }))).toEqual({
      name: 'KMSInvalidStateException',
      message: `${arn} is not pending deletion.`,
      status: 400,
    });
    await lab.root.enableKey({ KeyId });
    expect(text((await lab.root.decrypt({ CiphertextBlob })).Plaintext)).toBe('saved');
  });

  test('is done by the clock: the key is gone at once, its records with the next sweep', async () => {
    const { id: KeyId, arn } = await newKey(lab.root);
    const { CiphertextBlob } = await lab.root.encrypt({ KeyId, Plaintext: utf8('x') });
    await lab.root.createAlias({ AliasName: 'alias/doomed', TargetKeyId: KeyId });
    await lab.root.scheduleKeyDeletion({ KeyId, PendingWindowInDays: 7 });
    lab.clock.jump(7 * DAY);
    const missing = { name: 'NotFoundException', message: `Key '${arn}' does not exist`, status: 400 };
    const invalid = { name: 'InvalidCiphertextException' };
    for (const swept of [false, true]) {
      if (swept) await sweep();
      expect(await refusal(lab.root.describeKey({ KeyId }))).toEqual(missing);
      expect(await refusal(lab.root.cancelKeyDeletion({ KeyId }))).toEqual(missing);
      expect(await refusal(lab.root.decrypt({ CiphertextBlob }))).toMatchObject(invalid);
      expect(await refusal(lab.root.describeKey({ KeyId: 'alias/doomed' }))).toMatchObject({
        name: 'NotFoundException',
      });
      expect((await lab.root.listKeys({ Limit: 1000 })).Keys?.some((key) => key.KeyId === KeyId)).toBe(false);
    }
    expect((await lab.core.client.call('vault.check', {})).ok).toBe(true);
  });

  test.each([
    [6, 'greater than or equal to 7'],
    [31, 'less than or equal to 30'],
  ])('%i days are refused', async (PendingWindowInDays, bound) => {
    const { id: KeyId } = await newKey(lab.root);
    expect(await refusal(lab.root.scheduleKeyDeletion({ KeyId, PendingWindowInDays }))).toMatchObject({
      name: 'ValidationException',
      message: `1 validation error detected: Value '${PendingWindowInDays}' at 'pendingWindowInDays' failed to satisfy constraint: Member must have value ${bound}`,
    });
  });
});

describe('rotation', () => {
  const rotations = async (KeyId: string, all = false) =>
    (await lab.root.listKeyRotations({ KeyId, ...(all ? { IncludeKeyMaterial: 'ALL_KEY_MATERIAL' } : {}) }))
      .Rotations ?? [];

  test('by the schedule: old ciphertexts stay readable, new ones have the new material', async () => {
    const { id: KeyId } = await newKey(lab.root);
    expect(await lab.root.getKeyRotationStatus({ KeyId })).toMatchObject({ KeyId, KeyRotationEnabled: false });
    await lab.root.enableKeyRotation({ KeyId, RotationPeriodInDays: 90 });
    const NextRotationDate = new Date(lab.clock.now() + 90 * DAY);
    const status = { KeyId, KeyRotationEnabled: true, RotationPeriodInDays: 90, NextRotationDate };
    expect(await lab.root.getKeyRotationStatus({ KeyId })).toMatchObject(status);
    const before = await lab.root.encrypt({ KeyId, Plaintext: utf8('old') });
    const first = (await state(KeyId))?.CurrentKeyMaterialId;
    lab.clock.jump(90 * DAY);
    await sweep();
    const second = (await state(KeyId))?.CurrentKeyMaterialId;
    expect(second).not.toBe(first);
    expect(await rotations(KeyId)).toEqual([
      {
        KeyId,
        KeyMaterialId: second,
        KeyMaterialState: 'CURRENT',
        RotationDate: new Date(lab.clock.now()),
        RotationType: 'AUTOMATIC',
      },
    ]);
    expect(await rotations(KeyId, true)).toMatchObject([
      { KeyMaterialId: first, KeyMaterialState: 'NON_CURRENT' },
      { KeyMaterialId: second, KeyMaterialState: 'CURRENT' },
    ]);
    const old = await lab.root.decrypt({ CiphertextBlob: before.CiphertextBlob });
    expect([text(old.Plaintext), old.KeyMaterialId]).toEqual(['old', first]);
    const after = await lab.root.encrypt({ KeyId, Plaintext: utf8('new') });
    expect((await lab.root.decrypt({ CiphertextBlob: after.CiphertextBlob })).KeyMaterialId).toBe(second);
    await lab.relock();
    expect(text((await lab.root.decrypt({ CiphertextBlob: before.CiphertextBlob })).Plaintext)).toBe('old');
    await lab.root.disableKeyRotation({ KeyId });
    expect(await lab.root.getKeyRotationStatus({ KeyId })).toMatchObject({ KeyRotationEnabled: false });
    lab.clock.jump(200 * DAY);
    await sweep();
    expect((await state(KeyId))?.CurrentKeyMaterialId).toBe(second);
  });

  test('on demand, up to 25 times, apart from the schedule', async () => {
    const { id: KeyId, arn } = await newKey(lab.root);
    await lab.root.enableKeyRotation({ KeyId });
    const { NextRotationDate } = await lab.root.getKeyRotationStatus({ KeyId });
    const blobs: (Uint8Array | undefined)[] = [];
    for (let turn = 0; turn < 25; turn += 1) {
      blobs.push((await lab.root.encrypt({ KeyId, Plaintext: utf8(`${turn}`) })).CiphertextBlob);
      expect(await lab.root.rotateKeyOnDemand({ KeyId })).toMatchObject({ KeyId });
    }
    expect(await refusal(lab.root.rotateKeyOnDemand({ KeyId }))).toEqual({
      name: 'LimitExceededException',
      message: `The on-demand rotations limit has been reached for the given keyId. No more on-demand rotations can be performed for this key: ${arn}`,
      status: 400,
    });
    const done = await rotations(KeyId);
    expect(done).toHaveLength(25);
    expect(done.every(({ RotationType }) => RotationType === 'ON_DEMAND')).toBe(true);
    expect(done.filter(({ KeyMaterialState }) => KeyMaterialState === 'CURRENT')).toHaveLength(1);
    for (const [turn, CiphertextBlob] of blobs.entries()) {
      expect(text((await lab.root.decrypt({ CiphertextBlob })).Plaintext)).toBe(`${turn}`);
    }
    expect((await lab.root.getKeyRotationStatus({ KeyId })).NextRotationDate).toEqual(NextRotationDate);
    const { NextMarker } = await lab.root.listKeyRotations({ KeyId, Limit: 20 });
    expect((await lab.root.listKeyRotations({ KeyId, Marker: NextMarker })).Rotations).toHaveLength(5);
  });

  test('is refused for what cannot rotate', async () => {
    const unsupported = { name: 'UnsupportedOperationException', status: 400 };
    const rsa = await newKey(lab.root, { KeySpec: 'RSA_2048', KeyUsage: 'SIGN_VERIFY' });
    expect(await refusal(lab.root.rotateKeyOnDemand({ KeyId: rsa.id }))).toMatchObject(unsupported);
    expect(await refusal(lab.root.enableKeyRotation({ KeyId: rsa.id }))).toMatchObject(unsupported);
    expect(await refusal(lab.root.listKeyRotations({ KeyId: rsa.id }))).toMatchObject(unsupported);
    expect(await lab.root.getKeyRotationStatus({ KeyId: rsa.id })).toMatchObject({ KeyRotationEnabled: false });
    const external = await newKey(lab.root, { Origin: 'EXTERNAL' });
    const origin = {
      ...unsupported,
      message: `${external.arn} origin is EXTERNAL which is not valid for this operation.`,
    };
    expect(await refusal(lab.root.enableKeyRotation({ KeyId: external.id }))).toEqual(origin);
    expect(await refusal(lab.root.getKeyRotationStatus({ KeyId: external.id }))).toEqual(origin);
    const disabled = await newKey(lab.root);
    await lab.root.disableKey({ KeyId: disabled.id });
    for (const call of [
      lab.root.rotateKeyOnDemand({ KeyId: disabled.id }),
      lab.root.enableKeyRotation({ KeyId: disabled.id }),
    ]) {
      expect(await refusal(call)).toMatchObject({ name: 'DisabledException', message: `${disabled.arn} is disabled.` });
    }
    const { id: KeyId } = await newKey(lab.root);
    for (const [RotationPeriodInDays, bound] of [
      [89, 'greater than or equal to 90'],
      [2561, 'less than or equal to 2560'],
    ] as const) {
      expect(await refusal(lab.root.enableKeyRotation({ KeyId, RotationPeriodInDays }))).toMatchObject({
        name: 'ValidationException',
        message: expect.stringContaining(bound),
      });
    }
  });

  test('on demand waits for an automatic one that is near', async () => {
    const { id: KeyId } = await newKey(lab.root);
    await lab.root.enableKeyRotation({ KeyId, RotationPeriodInDays: 90 });
    lab.clock.jump(90 * DAY - 19 * 60_000);
    expect(await refusal(lab.root.rotateKeyOnDemand({ KeyId }))).toMatchObject({
      name: 'ConflictException',
      status: 400,
    });
    lab.clock.jump(19 * 60_000);
    await sweep();
    await lab.root.rotateKeyOnDemand({ KeyId });
    expect((await rotations(KeyId)).map(({ RotationType }) => RotationType)).toEqual(['AUTOMATIC', 'ON_DEMAND']);
  });
});

describe('GetKeyLastUsage', () => {
  test('tells of the last cryptographic use, also after a lock', async () => {
    const { id: KeyId } = await newKey(lab.root);
    const created = new Date(lab.clock.now());
    const unused = await lab.root.getKeyLastUsage({ KeyId });
    expect(unused).toMatchObject({ KeyId, KeyCreationDate: created, TrackingStartDate: created });
    expect(unused).not.toHaveProperty('KeyLastUsage');
    lab.clock.jump(5000);
    const { CiphertextBlob, $metadata } = await lab.root.encrypt({ KeyId, Plaintext: utf8('x') });
    const Timestamp = new Date(lab.clock.now());
    const use = { KeyLastUsage: { Operation: 'Encrypt', Timestamp, KmsRequestId: $metadata.requestId } };
    expect(await lab.root.getKeyLastUsage({ KeyId })).toMatchObject(use);
    expect(await refusal(lab.root.decrypt({ CiphertextBlob, EncryptionContext: { a: 'b' } }))).toBeDefined();
    await lab.root.describeKey({ KeyId });
    await lab.relock();
    expect(await lab.root.getKeyLastUsage({ KeyId })).toMatchObject(use);
    await lab.root.reEncrypt({ CiphertextBlob, DestinationKeyId: KeyId });
    expect(await lab.root.getKeyLastUsage({ KeyId })).toMatchObject({ KeyLastUsage: { Operation: 'ReEncrypt' } });
  });
});
