import { describe, expect, test } from 'vitest';
import { partitionOf } from '../../../src/contract/partitions.ts';
import { accountRootArn, aliasArn, keyArn } from '../../../src/core/kms/arn.ts';
import { KmsIndex } from '../../../src/core/kms/kms-index.ts';
import { type Lookup, NotInOtherAccount, notShared, resolveKey } from '../../../src/core/kms/resolve-key.ts';
import { ACCOUNT, ACCOUNT_ID, foundKey, KEY_ID, NOW, REGION, recordId } from '../../support/kms-records.ts';

const OTHER = 'b'.repeat(32);
const OTHER_ID = '210987654321';
const MRK = `mrk-${'1'.repeat(32)}`;
const DUE = '99999999-12ab-34cd-56ef-1234567890ab';

function lookup(): Lookup {
  const index = new KmsIndex();
  const put = (account: string, keyId: string, more = {}): string => {
    const key = foundKey({ account, keyId, ...more });
    index.byKind.kmsKey.put(key.id, key.value);
    return key.id;
  };
  const own = put(ACCOUNT, KEY_ID);
  put(ACCOUNT, MRK, { multiRegion: 'PRIMARY' });
  put(ACCOUNT, DUE, { deletion: { windowInDays: 7, at: NOW } });
  const foreign = put(OTHER, KEY_ID);
  const alias = (account: string, name: string, key: string): void => {
    index.byKind.kmsAlias.put(recordId(), { account, region: REGION, name, key, createdAt: NOW, updatedAt: NOW });
  };
  alias(ACCOUNT, 'alias/app', own);
  alias(OTHER, 'alias/theirs', foreign);
  return {
    index,
    account: ACCOUNT,
    accountId: ACCOUNT_ID,
    region: REGION,
    now: NOW,
    accountWithId: (id) => (id === OTHER_ID ? OTHER : undefined),
  };
}

const own = keyArn(ACCOUNT_ID, REGION, KEY_ID);

describe('a KeyId finds its key', () => {
  test.each([
    [KEY_ID, own, undefined],
    [own, own, undefined],
    [MRK, keyArn(ACCOUNT_ID, REGION, MRK), undefined],
    ['alias/app', own, 'alias/app'],
    [aliasArn(ACCOUNT_ID, REGION, 'alias/app'), own, 'alias/app'],
    [keyArn(OTHER_ID, REGION, KEY_ID), keyArn(OTHER_ID, REGION, KEY_ID), undefined],
    [aliasArn(OTHER_ID, REGION, 'alias/theirs'), keyArn(OTHER_ID, REGION, KEY_ID), 'alias/theirs'],
  ])('%s', (text, arn, alias) => {
    const found = resolveKey(lookup(), text, { aliases: true });
    expect([found.arn, found.alias]).toEqual([arn, alias]);
  });
});

describe('or says what AWS says', () => {
  const missing = '00000000-12ab-34cd-56ef-1234567890ab';
  test.each([
    [missing, `Key '${keyArn(ACCOUNT_ID, REGION, missing)}' does not exist`],
    [DUE, `Key '${keyArn(ACCOUNT_ID, REGION, DUE)}' does not exist`],
    [keyArn(ACCOUNT_ID, REGION, missing), `Key '${keyArn(ACCOUNT_ID, REGION, missing)}' does not exist`],
    ['fake-key-id', "Invalid keyId 'fake-key-id'"],
    ['mrk-fake-key-id', "Invalid keyId 'mrk-fake-key-id'"],
    ['134f2428cec14b25a1ae9048164dba47', "Invalid keyId '134f2428cec14b25a1ae9048164dba47'"],
    [KEY_ID.toUpperCase(), `Invalid keyId '${KEY_ID.toUpperCase()}'`],
    ['arn:aws:kms:eu-central-1:123456789012:key/', "Invalid keyId 'arn:aws:kms:eu-central-1:123456789012:key/'"],
    [
      'arn:aws-cn:kms:eu-central-1:123456789012:key/x',
      "Invalid keyId 'arn:aws-cn:kms:eu-central-1:123456789012:key/x'",
    ],
    [keyArn(ACCOUNT_ID, 'us-west-2', KEY_ID), 'Invalid arn us-west-2'],
    ['alias/nope', `Alias ${aliasArn(ACCOUNT_ID, REGION, 'alias/nope')} is not found.`],
  ])('%s', (text, message) => {
    expect(() => resolveKey(lookup(), text, { aliases: true })).toThrow(
      expect.objectContaining({ code: 'NotFoundException', message }),
    );
  });

  test('an operation that takes no alias does not see one', () => {
    expect(() => resolveKey(lookup(), 'alias/app', { aliases: false })).toThrow("Invalid keyId 'alias/app'");
  });

  test.each([
    keyArn(OTHER_ID, REGION, missing),
    keyArn('000000000000', REGION, KEY_ID),
    aliasArn(OTHER_ID, REGION, 'alias/app'),
  ])('what is not in another account (%s) sounds like what is not shared', (arn) => {
    expect(() => resolveKey(lookup(), arn, { aliases: true })).toThrow(NotInOtherAccount);
    expect(notShared('arn:aws:iam::123456789012:user/a', 'kms:Encrypt', arn)).toMatchObject({
      code: 'AccessDeniedException',
      message: expect.stringContaining('because the resource does not exist in this Region'),
    });
  });
});

test('the partition follows from the Region', () => {
  expect(['eu-central-1', 'cn-north-1', 'us-gov-west-1'].map(partitionOf)).toEqual(['aws', 'aws-cn', 'aws-us-gov']);
  expect(keyArn(ACCOUNT_ID, 'cn-north-1', KEY_ID)).toBe(`arn:aws-cn:kms:cn-north-1:${ACCOUNT_ID}:key/${KEY_ID}`);
  expect(accountRootArn(ACCOUNT_ID, 'us-gov-east-1')).toBe(`arn:aws-us-gov:iam::${ACCOUNT_ID}:root`);
});
