import type { CreateKeyCommandInput } from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LAB_ID, type Lab, newKey, OTHER_ID, REGION, refusal, startLab, utf8 } from '../../support/kms-lab.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.dispose());

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe('CreateKey and DescribeKey', () => {
  test('a symmetric key by default', async () => {
    const { KeyMetadata } = await lab.root.createKey({ Description: 'test key 123' });
    const KeyId = KeyMetadata?.KeyId ?? '';
    expect(KeyId).toMatch(UUID);
    expect(KeyMetadata).toEqual({
      AWSAccountId: LAB_ID,
      Arn: `arn:aws:kms:${REGION}:${LAB_ID}:key/${KeyId}`,
      CreationDate: expect.any(Date),
      CurrentKeyMaterialId: expect.stringMatching(/^[0-9a-f]{64}$/),
      CustomerMasterKeySpec: 'SYMMETRIC_DEFAULT',
      Description: 'test key 123',
      Enabled: true,
      EncryptionAlgorithms: ['SYMMETRIC_DEFAULT'],
      KeyId,
      KeyManager: 'CUSTOMER',
      KeySpec: 'SYMMETRIC_DEFAULT',
      KeyState: 'Enabled',
      KeyUsage: 'ENCRYPT_DECRYPT',
      MultiRegion: false,
      Origin: 'AWS_KMS',
    });
    expect((await lab.root.describeKey({ KeyId })).KeyMetadata).toEqual(KeyMetadata);
  });

  test('a MAC key, a signing key, a multi-Region key, one without material', async () => {
    const describe = async (input: Parameters<typeof newKey>[1]) =>
      (await lab.root.describeKey({ KeyId: (await newKey(lab.root, input)).id })).KeyMetadata;
    expect(await describe({ KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' })).toMatchObject({
      KeySpec: 'HMAC_256',
      CustomerMasterKeySpec: 'HMAC_256',
      KeyUsage: 'GENERATE_VERIFY_MAC',
      MacAlgorithms: ['HMAC_SHA_256'],
    });
    const signing = await describe({ CustomerMasterKeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' });
    expect(signing).toMatchObject({ KeySpec: 'ECC_NIST_P256', SigningAlgorithms: ['ECDSA_SHA_256'] });
    expect(signing).not.toHaveProperty('CurrentKeyMaterialId');
    const multi = await describe({ MultiRegion: true });
    expect(multi?.KeyId).toMatch(/^mrk-[0-9a-f]{32}$/);
    expect(multi).toMatchObject({
      MultiRegion: true,
      MultiRegionConfiguration: {
        MultiRegionKeyType: 'PRIMARY',
        PrimaryKey: { Arn: multi?.Arn, Region: REGION },
        ReplicaKeys: [],
      },
    });
    const external = await describe({ Origin: 'EXTERNAL' });
    expect(external).toMatchObject({ Origin: 'EXTERNAL', KeyState: 'PendingImport', Enabled: false });
    expect(external).not.toHaveProperty('ExpirationModel');
  });

  const refused: [CreateKeyCommandInput, string, unknown][] = [
    [
      { KeySpec: 'HMAC_256' },
      'ValidationException',
      'You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.',
    ],
    [
      { KeySpec: 'ECC_NIST_P256', KeyUsage: 'ENCRYPT_DECRYPT' },
      'ValidationException',
      'KeyUsage ENCRYPT_DECRYPT is not compatible with KeySpec ECC_NIST_P256',
    ],
    [
      { KeyUsage: 'SIGN_VERIFY' },
      'ValidationException',
      'KeyUsage SIGN_VERIFY is not compatible with KeySpec SYMMETRIC_DEFAULT',
    ],
    [
      { KeySpec: 'SM2', KeyUsage: 'SIGN_VERIFY' },
      'UnsupportedOperationException',
      'SM2 is for the China Regions only, and eu-central-1 is none: choose another spec.',
    ],
    [{ Origin: 'AWS_CLOUDHSM' }, 'ValidationException', 'Origin AWS_CLOUDHSM requires a CustomKeyStoreId.'],
    [
      { Origin: 'AWS_CLOUDHSM', CustomKeyStoreId: 'cks-1' },
      'CustomKeyStoreNotFoundException',
      'Custom key store cks-1 is not found.',
    ],
    [{ CustomKeyStoreId: 'cks-1' }, 'ValidationException', 'CustomKeyStoreId cannot be used with Origin AWS_KMS.'],
    [{ XksKeyId: 'k' }, 'ValidationException', 'XksKeyId cannot be used with Origin AWS_KMS.'],
    [
      { Origin: 'EXTERNAL_KEY_STORE', CustomKeyStoreId: 'cks-1' },
      'ValidationException',
      'Origin EXTERNAL_KEY_STORE requires an XksKeyId.',
    ],
    [
      { Origin: 'EXTERNAL_KEY_STORE', CustomKeyStoreId: 'cks-1', XksKeyId: '..' },
      'ValidationException',
      'XksKeyId .. cannot be part of a URI.',
    ],
    [{ Tags: [{ TagKey: 'aws:x', TagValue: '' }] }, 'TagException', 'Tags beginning with aws: are reserved'],
    [
      {
        Tags: [
          { TagKey: 'a', TagValue: '' },
          { TagKey: 'a', TagValue: '' },
        ],
      },
      'TagException',
      'Duplicate tag keys',
    ],
    [{ Policy: '{}' }, 'MalformedPolicyDocumentException', expect.any(String)],
  ];
  test.each(refused)('refuses %j', async (input, name, message) => {
    expect(await refusal(lab.root.createKey(input))).toMatchObject({ name, message, status: 400 });
  });

  test('an enum’s values are told as AWS tells them', async () => {
    const message = (await refusal(lab.root.createKey({ KeySpec: 'HMAC_random' as 'HMAC_256' }))).message;
    expect(message).toMatch(
      /^1 validation error detected: Value 'HMAC_random' at 'keySpec' failed to satisfy constraint: Member must satisfy enum value set: \[.*HMAC_256.*\]$/,
    );
  });

  test('names that find nothing', async () => {
    const missing = '00000000-12ab-34cd-56ef-1234567890ab';
    const arn = `arn:aws:kms:${REGION}:${LAB_ID}:key/${missing}`;
    for (const [KeyId, message] of [
      [missing, `Key '${arn}' does not exist`],
      [arn, `Key '${arn}' does not exist`],
      ['fake-key-id', "Invalid keyId 'fake-key-id'"],
      [arn.replace(REGION, 'us-west-2'), 'Invalid arn us-west-2'],
      ['alias/none', `Alias arn:aws:kms:${REGION}:${LAB_ID}:alias/none is not found.`],
    ] as const) {
      expect(await refusal(lab.root.describeKey({ KeyId }))).toEqual({
        name: 'NotFoundException',
        message,
        status: 400,
      });
    }
  });
});

describe('ListKeys', () => {
  test('pages through all keys, and a marker is of use for this only', async () => {
    const client = await lab.rootIn('eu-west-1');
    const made = await Promise.all(Array.from({ length: 7 }, () => newKey(client)));
    const seen: (string | undefined)[] = [];
    let Marker: string | undefined;
    do {
      const page = await client.listKeys({ Limit: 3, Marker });
      seen.push(...(page.Keys ?? []).map(({ KeyArn }) => KeyArn));
      expect(page.Truncated).toBe(page.NextMarker !== undefined);
      expect(page.Keys?.length).toBeLessThanOrEqual(3);
      Marker = page.NextMarker;
    } while (Marker !== undefined);
    expect([...seen].sort()).toEqual(made.map(({ arn }) => arn).sort());
    const { NextMarker = '' } = await client.listKeys({ Limit: 3 });
    for (const wrong of ['x', `${NextMarker}x`, NextMarker.slice(1)]) {
      expect(await refusal(client.listKeys({ Marker: wrong }))).toMatchObject({
        name: 'InvalidMarkerException',
        status: 400,
      });
    }
    const other = await lab.rootIn('eu-west-1', 'other');
    expect(await other.listKeys({})).toMatchObject({ Keys: [], Truncated: false });
  });

  test('goes on where it was when keys come and go', async () => {
    const client = await lab.rootIn('eu-west-2');
    const made = (await Promise.all(Array.from({ length: 6 }, () => newKey(client)))).map(({ id }) => id).sort();
    const first = await client.listKeys({ Limit: 2 });
    await newKey(client);
    const rest = await client.listKeys({ Marker: first.NextMarker });
    const seen = [...(first.Keys ?? []), ...(rest.Keys ?? [])].map(({ KeyId }) => KeyId ?? '');
    expect(new Set(seen).size).toBe(seen.length);
    expect(made.every((id) => seen.includes(id))).toBe(true);
  });
});

describe('enabling, disabling, describing', () => {
  test('a disabled key does nothing but be enabled', async () => {
    const { id: KeyId, arn } = await newKey(lab.root);
    await lab.root.disableKey({ KeyId });
    await lab.root.disableKey({ KeyId });
    expect((await lab.root.describeKey({ KeyId })).KeyMetadata).toMatchObject({ KeyState: 'Disabled', Enabled: false });
    expect(await refusal(lab.root.encrypt({ KeyId, Plaintext: utf8('x') }))).toEqual({
      name: 'DisabledException',
      message: `${arn} is disabled.`,
      status: 400,
    });
    await lab.root.enableKey({ KeyId });
    await lab.root.encrypt({ KeyId, Plaintext: utf8('x') });
  });

  test('the description changes', async () => {
    const { id: KeyId } = await newKey(lab.root, { Description: 'old' });
    await lab.root.updateKeyDescription({ KeyId, Description: 'new' });
    expect((await lab.root.describeKey({ KeyId })).KeyMetadata?.Description).toBe('new');
    await lab.root.updateKeyDescription({ KeyId, Description: '' });
    expect((await lab.root.describeKey({ KeyId })).KeyMetadata?.Description).toBe('');
  });
});

describe('tags', () => {
  test('come, change, go and are listed in pages', async () => {
    const { id: KeyId } = await newKey(lab.root, { Tags: [{ TagKey: 'a', TagValue: '1' }] });
    await lab.root.tagResource({
      KeyId,
      Tags: [
        { TagKey: 'b', TagValue: '' },
        { TagKey: 'a', TagValue: '2' },
      ],
    });
    expect(await lab.root.listResourceTags({ KeyId })).toMatchObject({
      Tags: [
        { TagKey: 'a', TagValue: '2' },
        { TagKey: 'b', TagValue: '' },
      ],
      Truncated: false,
    });
    const { NextMarker, ...first } = await lab.root.listResourceTags({ KeyId, Limit: 1 });
    expect(first).toMatchObject({ Tags: [{ TagKey: 'a' }], Truncated: true });
    expect(await lab.root.listResourceTags({ KeyId, Marker: NextMarker })).toMatchObject({ Tags: [{ TagKey: 'b' }] });
    await lab.root.untagResource({ KeyId, TagKeys: ['a', 'never there'] });
    expect((await lab.root.listResourceTags({ KeyId })).Tags).toEqual([{ TagKey: 'b', TagValue: '' }]);
  });

  test('a key of 129 characters is too long', async () => {
    const { id: KeyId } = await newKey(lab.root);
    const TagKey = 'a'.repeat(129);
    const refused = await refusal(lab.root.tagResource({ KeyId, Tags: [{ TagKey, TagValue: '' }] }));
    expect(refused).toMatchObject({
      name: 'ValidationException',
      message: `1 validation error detected: Value '${TagKey}' at 'tags.1.member.tagKey' failed to satisfy constraint: Member must have length less than or equal to 128`,
    });
    const Tags = Array.from({ length: 51 }, (_, index) => ({ TagKey: `k${index}`, TagValue: '' }));
    expect(await refusal(lab.root.tagResource({ KeyId, Tags }))).toMatchObject({
      name: 'TagException',
      message: 'Too many tags',
    });
  });
});

describe('aliases', () => {
  test('are made, followed, moved and deleted', async () => {
    const [one, two] = [await newKey(lab.root), await newKey(lab.root)];
    await lab.root.createAlias({ AliasName: 'alias/moving', TargetKeyId: one.arn });
    const aliases = await lab.root.listAliases({ KeyId: one.id });
    expect(aliases.Aliases).toEqual([
      {
        AliasName: 'alias/moving',
        AliasArn: one.arn.replace(/key\/.*/, 'alias/moving'),
        TargetKeyId: one.id,
        CreationDate: expect.any(Date),
        LastUpdatedDate: expect.any(Date),
      },
    ]);
    await lab.root.updateAlias({ AliasName: 'alias/moving', TargetKeyId: two.id });
    expect((await lab.root.describeKey({ KeyId: 'alias/moving' })).KeyMetadata?.KeyId).toBe(two.id);
    expect((await lab.root.listAliases({ KeyId: one.id })).Aliases).toEqual([]);
    await lab.root.deleteAlias({ AliasName: 'alias/moving' });
    expect(await refusal(lab.root.describeKey({ KeyId: 'alias/moving' }))).toMatchObject({ name: 'NotFoundException' });
    expect(await refusal(lab.root.deleteAlias({ AliasName: 'alias/moving' }))).toMatchObject({
      name: 'NotFoundException',
      message: `Alias ${one.arn.replace(/key\/.*/, 'alias/moving')} is not found.`,
    });
  });

  test('are unique in an account and Region', async () => {
    const { id: TargetKeyId, arn } = await newKey(lab.root);
    await lab.root.createAlias({ AliasName: 'alias/once', TargetKeyId });
    expect(await refusal(lab.root.createAlias({ AliasName: 'alias/once', TargetKeyId }))).toEqual({
      name: 'AlreadyExistsException',
      message: `An alias with the name ${arn.replace(/key\/.*/, 'alias/once')} already exists`,
      status: 400,
    });
    const results = await Promise.allSettled(
      Array.from({ length: 8 }, () => lab.root.createAlias({ AliasName: 'alias/race', TargetKeyId })),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const elsewhere = await lab.rootIn('us-east-1');
    await elsewhere.createAlias({ AliasName: 'alias/once', TargetKeyId: (await newKey(elsewhere)).id });
  });

  test.each([
    ['once', 'ValidationException', /^Alias must start with the prefix "alias\/"/],
    ['alias/aws/mine', 'NotAuthorizedException', /./],
    ['alias/', 'ValidationException', /Invalid identifier/],
    [
      'alias/a b',
      'ValidationException',
      /failed to satisfy constraint: Member must satisfy regular expression pattern/,
    ],
  ])('%s is no name for one', async (AliasName, name, message) => {
    const { id: TargetKeyId } = await newKey(lab.root);
    expect(await refusal(lab.root.createAlias({ AliasName, TargetKeyId }))).toMatchObject({
      name,
      message: expect.stringMatching(message),
    });
  });

  test('point to keys, not to aliases, and move only between keys of a kind', async () => {
    const aes = await newKey(lab.root);
    const mac = await newKey(lab.root, { KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' });
    await lab.root.createAlias({ AliasName: 'alias/kind', TargetKeyId: aes.id });
    expect(await refusal(lab.root.updateAlias({ AliasName: 'alias/kind', TargetKeyId: mac.id }))).toMatchObject({
      name: 'ValidationException',
    });
    expect(await refusal(lab.root.createAlias({ AliasName: 'alias/x', TargetKeyId: 'alias/kind' }))).toMatchObject({
      name: 'NotFoundException',
      message: "Invalid keyId 'alias/kind'",
    });
  });
});

describe('AWS managed keys', () => {
  test('are there on first sight, can be looked at, and not be managed or used directly', async () => {
    const client = await lab.rootIn('ap-south-1');
    const before = (await client.listAliases({ Limit: 100 })).Aliases?.find(
      ({ AliasName }) => AliasName === 'alias/aws/ebs',
    );
    expect(before).toEqual({
      AliasName: 'alias/aws/ebs',
      AliasArn: `arn:aws:kms:ap-south-1:${LAB_ID}:alias/aws/ebs`,
    });
    // By its ARN, as the list has it, and by its name.
    const names = [before?.AliasArn, before?.AliasArn, 'alias/aws/ebs'];
    const looks = await Promise.all(names.map((KeyId) => client.describeKey({ KeyId })));
    const [metadata] = looks.map(({ KeyMetadata }) => KeyMetadata);
    expect(new Set(looks.map(({ KeyMetadata }) => KeyMetadata?.KeyId)).size).toBe(1);
    expect(metadata).toMatchObject({ KeyManager: 'AWS', KeyState: 'Enabled', KeySpec: 'SYMMETRIC_DEFAULT' });
    const KeyId = metadata?.KeyId;
    expect(JSON.parse((await client.getKeyPolicy({ KeyId })).Policy ?? '')).toMatchObject({ Version: '2012-10-17' });
    expect(await client.getKeyRotationStatus({ KeyId })).toMatchObject({
      KeyRotationEnabled: true,
      RotationPeriodInDays: 365,
    });
    const denied = {
      name: 'AccessDeniedException',
      message: expect.stringContaining('is not authorized to perform: kms:'),
    };
    expect(await refusal(client.encrypt({ KeyId: 'alias/aws/ebs', Plaintext: utf8('x') }))).toMatchObject(denied);
    expect(await refusal(client.scheduleKeyDeletion({ KeyId }))).toMatchObject(denied);
    expect(await refusal(client.disableKey({ KeyId }))).toMatchObject(denied);
    expect(await refusal(client.putKeyPolicy({ KeyId, Policy: '{}' }))).toMatchObject(denied);
    expect(await refusal(client.deleteAlias({ AliasName: 'alias/aws/ebs' }))).toMatchObject({
      name: 'NotAuthorizedException',
    });
    const after = (await client.listAliases({ Limit: 100 })).Aliases?.find(
      ({ AliasName }) => AliasName === 'alias/aws/ebs',
    );
    expect(after?.TargetKeyId).toBe(KeyId);
    for (const nowhere of [
      'alias/aws/nonsense',
      `arn:aws:kms:ap-south-1:${LAB_ID}:alias/aws/nonsense`,
      `arn:aws:kms:us-east-1:${LAB_ID}:alias/aws/ebs`,
    ]) {
      expect(await refusal(client.describeKey({ KeyId: nowhere }))).toMatchObject({ name: 'NotFoundException' });
    }
    // Another account's is not made by looking at it.
    const elsewhere = `arn:aws:kms:ap-south-1:${OTHER_ID}:alias/aws/ebs`;
    expect(await refusal(client.describeKey({ KeyId: elsewhere }))).toMatchObject({ name: 'AccessDeniedException' });
  });
});

describe('key policies', () => {
  const policy = (principal: string) =>
    JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { AWS: principal }, Action: 'kms:*', Resource: '*' }],
    });

  test('the default one delegates to the account', async () => {
    const { id: KeyId } = await newKey(lab.root);
    expect((await lab.root.listKeyPolicies({ KeyId })).PolicyNames).toEqual(['default']);
    const { Policy = '', PolicyName } = await lab.root.getKeyPolicy({ KeyId });
    expect(PolicyName).toBe('default');
    expect(JSON.parse(Policy)).toEqual({
      Version: '2012-10-17',
      Id: 'key-default-1',
      Statement: [
        {
          Sid: 'Enable IAM User Permissions',
          Effect: 'Allow',
          Principal: { AWS: `arn:aws:iam::${LAB_ID}:root` },
          Action: 'kms:*',
          Resource: '*',
        },
      ],
    });
    expect(await refusal(lab.root.getKeyPolicy({ KeyId, PolicyName: 'other' }))).toMatchObject({
      name: 'NotFoundException',
      message: 'No such policy exists',
    });
  });

  test('is kept as written, and checked before it is', async () => {
    const { id: KeyId } = await newKey(lab.root);
    const Policy = `${policy(`arn:aws:iam::${LAB_ID}:root`)}  `;
    await lab.root.putKeyPolicy({ KeyId, Policy });
    expect((await lab.root.getKeyPolicy({ KeyId })).Policy).toBe(Policy);
    expect(await refusal(lab.root.putKeyPolicy({ KeyId, Policy: '{"Version"' }))).toMatchObject({
      name: 'MalformedPolicyDocumentException',
      message: expect.stringMatching(/^Line 1, column \d+/),
    });
    const lockout = {
      name: 'MalformedPolicyDocumentException',
      message: 'The new key policy will not allow you to update the key policy in the future.',
      status: 400,
    };
    const foreign = policy('arn:aws:iam::999999999999:root');
    expect(await refusal(lab.root.putKeyPolicy({ KeyId, Policy: foreign }))).toEqual(lockout);
    expect(await refusal(lab.root.createKey({ Policy: foreign }))).toEqual(lockout);
    await lab.root.putKeyPolicy({ KeyId, Policy: foreign, BypassPolicyLockoutSafetyCheck: true });
    expect(await refusal(lab.root.describeKey({ KeyId }))).toMatchObject({ name: 'AccessDeniedException' });
  });
});
