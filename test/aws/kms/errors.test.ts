import { constants, createPublicKey, publicEncrypt, randomBytes } from 'node:crypto';
import type { KMS } from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LAB_ID, type Lab, NO_TEXT, newKey, REGION, refusal, startLab, utf8 } from '../../support/kms-lab.ts';

/** One test for each situation in which AWS's KMS is known to answer with a certain error: its name, text and status. */

const DAY = 86_400_000;
const Plaintext = utf8('x');

let lab: Lab;
let kms: KMS;
beforeAll(async () => {
  lab = await startLab();
  kms = lab.root;
});
afterAll(() => lab.dispose());

const is = (name: string, message: unknown = expect.any(String), status = 400) => ({ name, message, status });
const arnOf = (id: string, region = REGION) => `arn:aws:kms:${region}:${LAB_ID}:key/${id}`;

describe('ciphertexts', () => {
  test('wrong or missing encryption context, tampered blob', async () => {
    const { id: KeyId } = await newKey(kms);
    const EncryptionContext = { a: '1' };
    const { CiphertextBlob = new Uint8Array() } = await kms.encrypt({ KeyId, Plaintext, EncryptionContext });
    const invalid = is('InvalidCiphertextException', NO_TEXT);
    expect(await refusal(kms.decrypt({ CiphertextBlob }))).toEqual(invalid);
    expect(await refusal(kms.decrypt({ CiphertextBlob, EncryptionContext: { a: '2' } }))).toEqual(invalid);
    const tampered = CiphertextBlob.map((byte, at) => (at === CiphertextBlob.length - 1 ? byte ^ 1 : byte));
    expect(await refusal(kms.decrypt({ CiphertextBlob: tampered, EncryptionContext }))).toEqual(invalid);
  });

  test('Decrypt names another key', async () => {
    const [one, two] = [await newKey(kms), await newKey(kms)];
    const { CiphertextBlob } = await kms.encrypt({ KeyId: one.id, Plaintext });
    expect(await refusal(kms.decrypt({ CiphertextBlob, KeyId: two.id }))).toEqual(
      is('IncorrectKeyException', 'The key ID in the request does not identify a CMK that can perform this operation.'),
    );
  });
});

describe('key states', () => {
  test('a disabled key', async () => {
    const { id: KeyId, arn } = await newKey(kms);
    await kms.disableKey({ KeyId });
    expect(await refusal(kms.encrypt({ KeyId, Plaintext }))).toEqual(is('DisabledException', `${arn} is disabled.`));
  });

  test('a key pending deletion', async () => {
    const { id: KeyId, arn } = await newKey(kms);
    await kms.scheduleKeyDeletion({ KeyId });
    expect(await refusal(kms.encrypt({ KeyId, Plaintext }))).toEqual(
      is('KMSInvalidStateException', `${arn} is pending deletion.`),
    );
  });

  test('a key pending import', async () => {
    const { id: KeyId, arn } = await newKey(kms, { Origin: 'EXTERNAL' });
    expect(await refusal(kms.encrypt({ KeyId, Plaintext }))).toEqual(
      is('KMSInvalidStateException', `${arn} is pending import.`),
    );
  });
});

describe('usages and algorithms', () => {
  test('wrong usage', async () => {
    const mac = await newKey(kms, { KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' });
    const aes = await newKey(kms);
    const wrong = (arn: string, usage: string, operation: string) =>
      is('InvalidKeyUsageException', `${arn} key usage is ${usage} which is not valid for ${operation}.`);
    const request = { Message: Plaintext, MacAlgorithm: 'HMAC_SHA_256' } as const;
    expect(await refusal(kms.generateMac({ KeyId: aes.id, ...request }))).toEqual(
      wrong(aes.arn, 'ENCRYPT_DECRYPT', 'GenerateMac'),
    );
    expect(await refusal(kms.encrypt({ KeyId: mac.id, Plaintext }))).toEqual(
      wrong(mac.arn, 'GENERATE_VERIFY_MAC', 'Encrypt'),
    );
    const SigningAlgorithm = 'ECDSA_SHA_256';
    expect(
      await refusal(kms.verify({ KeyId: aes.id, Message: Plaintext, Signature: Plaintext, SigningAlgorithm })),
    ).toEqual(wrong(aes.arn, 'ENCRYPT_DECRYPT', 'Verify'));
  });

  test('an algorithm that the key’s spec does not have', async () => {
    const { id: KeyId } = await newKey(kms, { KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' });
    expect(await refusal(kms.generateMac({ KeyId, Message: Plaintext, MacAlgorithm: 'HMAC_SHA_512' }))).toEqual(
      is('InvalidKeyUsageException', 'Algorithm HMAC_SHA_512 is incompatible with key spec HMAC_256.'),
    );
  });

  test('a bad signature, a bad MAC', async () => {
    const signing = await newKey(kms, { KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' });
    const SigningAlgorithm = 'ECDSA_SHA_256';
    expect(
      await refusal(kms.verify({ KeyId: signing.id, Message: Plaintext, Signature: utf8('bad'), SigningAlgorithm })),
    ).toEqual(is('KMSInvalidSignatureException', NO_TEXT));
    const mac = await newKey(kms, { KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' });
    const request = { KeyId: mac.id, Message: Plaintext, MacAlgorithm: 'HMAC_SHA_256', Mac: utf8('bad') } as const;
    expect(await refusal(kms.verifyMac(request))).toEqual(is('KMSInvalidMacException', NO_TEXT));
  });
});

describe('names', () => {
  const missing = '00000000-12ab-34cd-56ef-1234567890ab';
  test.each([
    ['unknown', missing, `Key '${arnOf(missing)}' does not exist`],
    ['unknown ARN', arnOf(missing), `Key '${arnOf(missing)}' does not exist`],
    ['malformed', 'fake-key-id', "Invalid keyId 'fake-key-id'"],
    ['another Region', arnOf(missing, 'ap-southeast-1'), 'Invalid arn ap-southeast-1'],
    ['unknown alias', 'alias/x', `Alias arn:aws:kms:${REGION}:${LAB_ID}:alias/x is not found.`],
  ])('%s', async (_, KeyId, message) => {
    expect(await refusal(kms.encrypt({ KeyId, Plaintext }))).toEqual(is('NotFoundException', message));
  });
});

describe('validation', () => {
  test('oversize, a bad enum, a bad digest length, an alias without alias/', async () => {
    const { id: KeyId } = await newKey(kms);
    expect(await refusal(kms.encrypt({ KeyId, Plaintext: new Uint8Array(4097) }))).toEqual(
      is(
        'ValidationException',
        "1 validation error detected: Value at 'plaintext' failed to satisfy constraint: Member must have length less than or equal to 4096",
      ),
    );
    const mac = await newKey(kms, { KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' });
    const MacAlgorithm = 'INVALID' as 'HMAC_SHA_256';
    expect(await refusal(kms.generateMac({ KeyId: mac.id, Message: Plaintext, MacAlgorithm }))).toEqual(
      is(
        'ValidationException',
        expect.stringMatching(
          /^1 validation error detected: Value 'INVALID' at 'macAlgorithm' failed to satisfy constraint: Member must satisfy enum value set: \[.*\]$/,
        ),
      ),
    );
    const signing = await newKey(kms, { KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' });
    const digest = { MessageType: 'DIGEST', SigningAlgorithm: 'ECDSA_SHA_256' } as const;
    expect(await refusal(kms.sign({ KeyId: signing.id, Message: Plaintext, ...digest }))).toEqual(
      is('ValidationException', 'Digest is invalid length for algorithm ECDSA_SHA_256.'),
    );
    expect(await refusal(kms.createAlias({ AliasName: 'x', TargetKeyId: KeyId }))).toEqual(
      is(
        'ValidationException',
        'Alias must start with the prefix "alias/". Please see https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html',
      ),
    );
  });

  test('several violations at once', async () => {
    const { message } = await refusal(kms.encrypt({ KeyId: '', Plaintext: new Uint8Array(0) }));
    expect(message).toMatch(/^3 validation errors detected: .*; .*; .*$/);
  });
});

describe('aliases and tags', () => {
  test('a duplicate alias, one of AWS’s own', async () => {
    const { id: TargetKeyId } = await newKey(kms);
    await kms.createAlias({ AliasName: 'alias/twice', TargetKeyId });
    expect(await refusal(kms.createAlias({ AliasName: 'alias/twice', TargetKeyId }))).toEqual(
      is('AlreadyExistsException', `An alias with the name arn:aws:kms:${REGION}:${LAB_ID}:alias/twice already exists`),
    );
    expect(await refusal(kms.createAlias({ AliasName: 'alias/aws/s3', TargetKeyId }))).toEqual(
      is('NotAuthorizedException'),
    );
  });

  test('a duplicate tag, the aws: prefix, too many', async () => {
    const { id: KeyId } = await newKey(kms);
    const tag = (TagKey: string) => ({ TagKey, TagValue: '' });
    const many = Array.from({ length: 51 }, (_, index) => tag(`${index}`));
    for (const [Tags, message] of [
      [[tag('a'), tag('a')], 'Duplicate tag keys'],
      [[tag('aws:a')], 'Tags beginning with aws: are reserved'],
      [many, 'Too many tags'],
    ] as const) {
      expect(await refusal(kms.tagResource({ KeyId, Tags: [...Tags] }))).toEqual(is('TagException', message));
    }
  });
});

describe('rotation', () => {
  test('a disabled key, an asymmetric key, over the limit, in progress', async () => {
    const disabled = await newKey(kms);
    await kms.disableKey({ KeyId: disabled.id });
    expect(await refusal(kms.rotateKeyOnDemand({ KeyId: disabled.id }))).toEqual(
      is('DisabledException', `${disabled.arn} is disabled.`),
    );
    const asymmetric = await newKey(kms, { KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' });
    expect(await refusal(kms.rotateKeyOnDemand({ KeyId: asymmetric.id }))).toEqual(is('UnsupportedOperationException'));
    const { id: KeyId } = await newKey(kms);
    for (let turn = 0; turn < 25; turn += 1) await kms.rotateKeyOnDemand({ KeyId });
    expect(await refusal(kms.rotateKeyOnDemand({ KeyId }))).toEqual(is('LimitExceededException'));
    const scheduled = await newKey(kms);
    await kms.enableKeyRotation({ KeyId: scheduled.id, RotationPeriodInDays: 90 });
    lab.clock.jump(90 * DAY - 60_000);
    expect(await refusal(kms.rotateKeyOnDemand({ KeyId: scheduled.id }))).toEqual(is('ConflictException'));
  });
});

describe('import', () => {
  test('a bad token, an expired one, wrong material', async () => {
    const { id: KeyId } = await newKey(kms, { Origin: 'EXTERNAL' });
    const { ImportToken, PublicKey } = await kms.getParametersForImport({
      KeyId,
      WrappingAlgorithm: 'RSAES_OAEP_SHA_256',
      WrappingKeySpec: 'RSA_2048',
    });
    const key = createPublicKey({ key: Buffer.from(PublicKey ?? []), format: 'der', type: 'spki' });
    const wrap = (material: Uint8Array) =>
      publicEncrypt({ key, oaepHash: 'sha256', padding: constants.RSA_PKCS1_OAEP_PADDING }, material);
    const attempt = (more: object, material = randomBytes(32)) =>
      refusal(
        kms.importKeyMaterial({
          KeyId,
          ImportToken,
          EncryptedKeyMaterial: wrap(material),
          ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE',
          ...more,
        }),
      );
    expect(await attempt({ ImportToken: utf8('bad') })).toEqual(is('InvalidImportTokenException'));
    expect(await attempt({}, randomBytes(31))).toEqual(is('IncorrectKeyMaterialException'));
    expect(await attempt({ EncryptedKeyMaterial: randomBytes(256) })).toEqual(
      is('InvalidCiphertextException', NO_TEXT),
    );
    lab.clock.jump(DAY);
    expect(await attempt({})).toEqual(is('ExpiredImportTokenException'));
  });
});

test('a dry run that would have succeeded', async () => {
  const { id: KeyId } = await newKey(kms);
  expect(await refusal(kms.encrypt({ KeyId, Plaintext, DryRun: true }))).toEqual(
    is('DryRunOperationException', 'The request would have succeeded, but the DryRun option is set.', 412),
  );
});

test('a bad policy, grant id, grant token, marker', async () => {
  const { id: KeyId } = await newKey(kms);
  expect(await refusal(kms.putKeyPolicy({ KeyId, Policy: 'no policy' }))).toEqual(
    is('MalformedPolicyDocumentException'),
  );
  expect(await refusal(kms.revokeGrant({ KeyId, GrantId: 'bad' }))).toEqual(is('InvalidGrantIdException'));
  expect(await refusal(kms.encrypt({ KeyId, Plaintext, GrantTokens: ['bad'] }))).toEqual(
    is('InvalidGrantTokenException'),
  );
  expect(await refusal(kms.listKeys({ Marker: 'bad' }))).toEqual(is('InvalidMarkerException'));
});

test('more than ten grant tokens', async () => {
  const { id: KeyId } = await newKey(kms);
  const GrantTokens = Array.from({ length: 11 }, () => 'x');
  expect(await refusal(kms.encrypt({ KeyId, Plaintext, GrantTokens }))).toEqual(
    is('ValidationException', expect.stringContaining("at 'grantTokens' failed to satisfy constraint")),
  );
});
