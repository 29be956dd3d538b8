import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LAB_ID, type Lab, REGION, startLab } from '../../support/kms-lab.ts';

const DAY = 86_400_000;

let lab: Lab;
beforeEach(async () => {
  lab = await startLab();
});
afterEach(() => lab.dispose());

const list = async () => (await lab.core.client.call('kms.keys', {})).keys;

describe('the list of KMS keys', () => {
  test('tells of a key what DescribeKey, ListAliases, ListResourceTags and GetKeyRotationStatus tell', async () => {
    const { KeyMetadata: made } = await lab.root.createKey({
      Description: 'Backups',
      Tags: [{ TagKey: 'team', TagValue: 'data' }],
    });
    const KeyId = made?.KeyId ?? '';
    await lab.root.createAlias({ AliasName: 'alias/backup', TargetKeyId: KeyId });
    await lab.root.createAlias({ AliasName: 'alias/archive', TargetKeyId: KeyId });
    await lab.root.enableKeyRotation({ KeyId, RotationPeriodInDays: 90 });
    const status = await lab.root.getKeyRotationStatus({ KeyId });
    await lab.root.createGrant({ KeyId, GranteePrincipal: `arn:aws:iam::${LAB_ID}:user/x`, Operations: ['Encrypt'] });
    await lab.root.encrypt({ KeyId, Plaintext: Buffer.from('x') });
    const createdAt = made?.CreationDate?.toISOString();
    expect(await list()).toEqual([
      {
        id: expect.stringMatching(/^[0-9a-f]{32}$/),
        account: 'lab',
        region: REGION,
        keyId: KeyId,
        arn: made?.Arn,
        state: 'Enabled',
        spec: 'SYMMETRIC_DEFAULT',
        usage: 'ENCRYPT_DECRYPT',
        origin: 'AWS_KMS',
        manager: 'CUSTOMER',
        description: 'Backups',
        aliases: ['alias/archive', 'alias/backup'],
        tags: [{ key: 'team', value: 'data' }],
        createdAt,
        otherRegions: [],
        rotatable: true,
        rotation: { periodInDays: 90, nextAt: status.NextRotationDate?.toISOString() },
        materialSince: createdAt,
        materials: 1,
        grants: 1,
        lastUse: { operation: 'Encrypt', at: expect.any(String) },
      },
    ]);
  });

  test('has the keys of every account and Region, until their waiting period is over', async () => {
    const here = await lab.root.createKey({ MultiRegion: true });
    const there = await (await lab.rootIn('us-east-1', 'other')).createKey({
      KeySpec: 'RSA_2048',
      KeyUsage: 'SIGN_VERIFY',
    });
    await lab.root.replicateKey({ KeyId: here.KeyMetadata?.KeyId, ReplicaRegion: 'eu-west-1' });
    const places = (await list()).map((key) => [
      key.account,
      key.region,
      key.multiRegion,
      key.otherRegions,
      key.rotatable,
    ]);
    expect(places).toHaveLength(3);
    expect(places).toEqual(
      expect.arrayContaining([
        ['lab', REGION, 'PRIMARY', ['eu-west-1'], true],
        ['lab', 'eu-west-1', 'REPLICA', [REGION], true],
        ['other', 'us-east-1', undefined, [], false],
      ]),
    );
    const KeyId = there.KeyMetadata?.KeyId;
    await (await lab.rootIn('us-east-1', 'other')).scheduleKeyDeletion({ KeyId, PendingWindowInDays: 7 });
    expect((await list()).find((key) => key.keyId === KeyId)).toMatchObject({
      state: 'PendingDeletion',
      deletesAt: new Date(lab.clock.now() + 7 * DAY).toISOString(),
    });
    lab.clock.advance(7 * DAY);
    expect((await list()).some((key) => key.keyId === KeyId)).toBe(false);
  });

  test('leaves no line in the audit log', async () => {
    const before = (await lab.core.client.call('audit.list', {})).total;
    await list();
    expect((await lab.core.client.call('audit.list', {})).total).toBe(before);
  });
});
