import { GrantOperation, KeySpec, KeyUsageType } from '@aws-sdk/client-kms';
import { describe, expect, test } from 'vitest';
import {
  canImport,
  createKeyCommand,
  createKeyInput,
  type DraftKey,
  FIRST_DRAFT,
  problemsOf,
} from '../../../../src/renderer/features/kms/create/draft-key.ts';
import { PURPOSES, purposesIn, specsIn } from '../../../../src/renderer/features/kms/create/purposes.ts';
import { grantOperations, operationsProblem } from '../../../../src/renderer/features/kms/grant-operations.ts';
import { longSpec, shortSpec, usageWords } from '../../../../src/renderer/features/kms/key-words.ts';

const draft = (change: Partial<DraftKey>): DraftKey => ({ ...FIRST_DRAFT, ...change });

describe('what the wizard asks for', () => {
  test('the usual key', () => {
    expect(createKeyInput(FIRST_DRAFT, '{}')).toEqual({
      KeySpec: 'SYMMETRIC_DEFAULT',
      KeyUsage: 'ENCRYPT_DECRYPT',
      Origin: 'AWS_KMS',
      Policy: '{}',
    });
  });

  test('everything that can be said', () => {
    const input = createKeyInput(
      draft({ material: 'EXTERNAL', multiRegion: true, description: 'Backups', tags: 'team=platform, tier' }),
      '{}',
    );
    expect(input).toMatchObject({
      Origin: 'EXTERNAL',
      MultiRegion: true,
      Description: 'Backups',
      Tags: [
        { TagKey: 'team', TagValue: 'platform' },
        { TagKey: 'tier', TagValue: '' },
      ],
    });
  });

  test('a key in a store, which is never multi-Region', () => {
    const onToken = createKeyInput(draft({ material: 'cks-1', multiRegion: true, xksKeyId: 'left over' }), '{}');
    expect(onToken).toMatchObject({ Origin: 'AWS_CLOUDHSM', CustomKeyStoreId: 'cks-1' });
    expect(onToken).not.toHaveProperty('MultiRegion');
    expect(onToken).not.toHaveProperty('XksKeyId');
    const external = createKeyInput(draft({ material: 'cks-2', external: true, xksKeyId: 'key.7' }), '{}');
    expect(external).toMatchObject({ Origin: 'EXTERNAL_KEY_STORE', CustomKeyStoreId: 'cks-2', XksKeyId: 'key.7' });
  });

  test('the same as a command, quoted for a shell', () => {
    const command = createKeyCommand(
      draft({ description: 'Ada’s own', tags: 'a=b c' }),
      'my lab',
      'eu-central-1',
      '{}',
    );
    expect(command).toBe(
      "keyhold exec 'my lab' -- aws kms create-key --region eu-central-1 --key-spec SYMMETRIC_DEFAULT --key-usage ENCRYPT_DECRYPT --description 'Ada’s own' --tags 'TagKey=a,TagValue=b c' --policy file://policy.json",
    );
    const external = draft({ material: 'cks-2', external: true, xksKeyId: 'key.7' });
    expect(createKeyCommand(external, 'lab', 'eu-central-1', null)).toMatch(
      /--origin EXTERNAL_KEY_STORE --custom-key-store-id cks-2 --xks-key-id key\.7$/,
    );
  });
});

describe('what is wrong with a draft', () => {
  test.each([
    [{ alias: 'backup/2026' }, {}],
    [{ alias: 'aws/mine' }, { alias: /aws\// }],
    [{ alias: 'with space' }, { alias: /letters, digits/ }],
    [{ alias: 'x'.repeat(251) }, { alias: /250/ }],
    [{ tags: 'a=1, a=2' }, { tags: /twice/ }],
    [{ tags: '=1' }, { tags: /no name/ }],
    [{ policy: '{' }, { policy: /Line 1/ }],
    [{ external: true, xksKeyId: 'no slash/' }, { xksKeyId: /key manager/ }],
    [{ external: true, xksKeyId: 'key-1' }, {}],
  ] satisfies [Partial<DraftKey>, Record<string, RegExp>][])('%j', (change, wanted) => {
    const found = problemsOf(draft(change));
    expect(Object.keys(found)).toEqual(Object.keys(wanted));
    for (const [name, words] of Object.entries(wanted))
      expect(Object.entries(found)).toContainEqual([name, expect.stringMatching(words)]);
  });
});

describe('AWS’s own words', () => {
  const specs = PURPOSES.flatMap((purpose) => purpose.specs.map(({ spec }) => ({ spec, usage: purpose.usage })));

  test('every purpose and spec is one that the API knows, and has a name for people', () => {
    for (const { spec, usage } of specs) {
      expect(Object.values(KeySpec)).toContain(spec);
      expect(Object.values(KeyUsageType)).toContain(usage);
      expect(shortSpec(spec)).not.toContain('_');
      expect(longSpec(spec)).not.toContain('_');
      expect(usageWords(usage)).not.toContain('_');
    }
    expect(new Set(specs.map(({ spec }) => spec))).toEqual(new Set(Object.values(KeySpec)));
    const inRegion = (region: string) =>
      PURPOSES.flatMap((purpose) => specsIn(purpose, region).map(({ spec }) => spec));
    expect(inRegion('cn-north-1')).toContain('SM2');
    expect(inRegion('eu-central-1')).not.toContain('SM2');
    expect(inRegion('eu-central-1')).toContain('ML_KEM_768');
    expect(inRegion('cn-north-1').filter((spec) => spec.startsWith('ML_KEM'))).toEqual([]);
    const purposes = (region: string) => purposesIn(region).map(({ id }) => id);
    expect(purposes('eu-central-1')).toEqual(PURPOSES.map(({ id }) => id));
    expect(purposes('cn-north-1')).toEqual(purposes('eu-central-1').filter((id) => id !== 'encapsulate'));
    expect(canImport('ML_DSA_65')).toBe(false);
  });

  test('a grant allows only what the API can grant', () => {
    const known: string[] = Object.values(GrantOperation);
    for (const key of specs) expect(grantOperations(key).filter((operation) => !known.includes(operation))).toEqual([]);
    expect(grantOperations({ spec: 'HMAC_256', usage: 'GENERATE_VERIFY_MAC' })).not.toContain('GetPublicKey');
    expect(grantOperations({ spec: 'RSA_2048', usage: 'ENCRYPT_DECRYPT' })).not.toContain('GenerateDataKey');
  });
});

test('a grant gives something besides the making of grants', () => {
  expect(operationsProblem(new Set())).toBe('Tick at least one.');
  expect(operationsProblem(new Set(['CreateGrant']))).toMatch(/CreateGrant alone/);
  expect(operationsProblem(new Set(['CreateGrant', 'Encrypt']))).toBeNull();
});
