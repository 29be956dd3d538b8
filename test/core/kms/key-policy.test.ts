import { describe, expect, test } from 'vitest';
import { evaluate, requestContext } from '../../../src/core/iam/index.ts';
import {
  callerConditions,
  createGrantConditions,
  createKeyConditions,
  encryptionContextConditions,
  importConditions,
  keyConditions,
  tagConditions,
} from '../../../src/core/kms/condition-keys.ts';
import {
  defaultKeyPolicy,
  managedKeyPolicy,
  parseKeyPolicy,
  requireNoLockout,
  viaServiceName,
} from '../../../src/core/kms/key-policy.ts';
import { ACCOUNT_ID, kmsKey, REGION } from '../../support/kms-records.ts';

const ARN = `arn:aws:kms:${REGION}:${ACCOUNT_ID}:key/x`;
const alice = {
  type: 'user',
  partition: 'aws',
  account: ACCOUNT_ID,
  arn: `arn:aws:iam::${ACCOUNT_ID}:user/alice`,
} as const;
const root = { type: 'root', partition: 'aws', account: ACCOUNT_ID } as const;
const key = { arn: ARN, accountId: ACCOUNT_ID, conditions: keyConditions(kmsKey(), ACCOUNT_ID, []) };

function policy(...statements: object[]): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: statements });
}
const allow = (principal: string, action: string | string[] = 'kms:*', more = {}) => ({
  Effect: 'Allow',
  Principal: { AWS: principal },
  Action: action,
  Resource: '*',
  ...more,
});

describe('the lockout safety check', () => {
  const fails = expect.objectContaining({
    code: 'MalformedPolicyDocumentException',
    message: 'The new key policy will not allow you to update the key policy in the future.',
  });
  const check = (text: string, caller: typeof alice | typeof root = alice) =>
    requireNoLockout(parseKeyPolicy(text), caller, key);
  test.each([
    ['the default policy', defaultKeyPolicy(ACCOUNT_ID, REGION)],
    ['the caller by name', policy(allow(alice.arn))],
    ['PutKeyPolicy alone', policy(allow(alice.arn, 'kms:PutKeyPolicy'))],
    ['everybody', policy(allow('*'))],
    ['the account by its digits', policy(allow(ACCOUNT_ID))],
  ])('passes %s', (_, text) => {
    expect(() => check(text)).not.toThrow();
  });
  test.each([
    ['somebody else', policy(allow(`arn:aws:iam::${ACCOUNT_ID}:user/bob`))],
    ['another account', policy(allow('arn:aws:iam::210987654321:root'))],
    ['no PutKeyPolicy', policy(allow(alice.arn, ['kms:Encrypt', 'kms:Get*']))],
    ['a deny', policy(allow(alice.arn), { ...allow(alice.arn, 'kms:Put*'), Effect: 'Deny' })],
    ['a condition', policy(allow(alice.arn, 'kms:*', { Condition: { Bool: { 'kms:MultiRegion': 'true' } } }))],
  ])('refuses %s', (_, text) => {
    expect(() => check(text)).toThrow(fails);
  });
  test('the root user is held to it as well', () => {
    expect(() => check(policy(allow(alice.arn)), root)).toThrow(fails);
    expect(() => check(defaultKeyPolicy(ACCOUNT_ID, REGION), root)).not.toThrow();
  });
});

test('a malformed policy says where', () => {
  expect(() => parseKeyPolicy('{')).toThrow(
    expect.objectContaining({
      code: 'MalformedPolicyDocumentException',
      message: expect.stringMatching(/^Line 1, column/),
    }),
  );
  expect(() => parseKeyPolicy(policy({ Effect: 'Allow', Action: '*', Resource: '*' }))).toThrow(
    expect.objectContaining({ code: 'MalformedPolicyDocumentException' }),
  );
  expect(() => parseKeyPolicy(policy(allow('*')) + ' '.repeat(32_768))).toThrow(
    expect.objectContaining({ code: 'LimitExceededException' }),
  );
});

test('an AWS managed key is for its service; the account only looks', () => {
  const document = parseKeyPolicy(managedKeyPolicy(ACCOUNT_ID, REGION, 'alias/aws/ebs', 'ec2'));
  const decide = (action: string, via: string | undefined) =>
    evaluate(
      {
        principal: root,
        action,
        resource: ARN,
        resourceAccount: ACCOUNT_ID,
        context: requestContext(root, callerConditions(ACCOUNT_ID, via)),
      },
      { identity: [], resource: { name: ARN, policy: document }, resourceMustAllow: true },
    ).kind;
  expect(decide('kms:Encrypt', viaServiceName('ec2', REGION))).toBe('allowed');
  expect(decide('kms:Encrypt', viaServiceName('s3', REGION))).toBe('implicitDeny');
  expect(decide('kms:Encrypt', undefined)).toBe('implicitDeny');
  expect(decide('kms:DescribeKey', undefined)).toBe('allowed');
  expect(decide('kms:ScheduleKeyDeletion', undefined)).toBe('implicitDeny');
});

test('condition keys', () => {
  expect(
    keyConditions(kmsKey({ multiRegion: 'REPLICA', tags: [{ key: 'team', value: 'x' }] }), ACCOUNT_ID, ['alias/a']),
  ).toMatchObject({
    'kms:KeySpec': 'SYMMETRIC_DEFAULT',
    'kms:KeyUsage': 'ENCRYPT_DECRYPT',
    'kms:KeyOrigin': 'AWS_KMS',
    'kms:MultiRegion': 'true',
    'kms:MultiRegionKeyType': 'REPLICA',
    'kms:ResourceAliases': ['alias/a'],
    'aws:ResourceTag/team': 'x',
  });
  expect(encryptionContextConditions({ App: 'a', Stage: 'b' })).toEqual({
    'kms:EncryptionContextKeys': ['App', 'Stage'],
    'kms:EncryptionContext:App': 'a',
    'kms:EncryptionContext:Stage': 'b',
  });
  expect(tagConditions([{ key: 'a', value: 'b' }])).toEqual({ 'aws:TagKeys': ['a'], 'aws:RequestTag/a': 'b' });
  const grant = {
    grantee: 'g',
    retiring: undefined,
    granteeService: undefined,
    retiringService: 'logs.amazonaws.com',
    operations: ['Encrypt'],
    forAwsResource: false,
  };
  const constraints = { subset: { a: 'b' }, sourceArn: 'arn:aws:s3:::bucket' };
  expect(createGrantConditions({ ...grant, constraints })).toMatchObject({
    'kms:GrantConstraintType': 'EncryptionContextSubset',
    'kms:EncryptionContextKeys': ['a'],
    'kms:GrantOperations': ['Encrypt'],
    'kms:GranteePrincipal': 'g',
    'kms:GranteeServicePrincipal': undefined,
    'kms:RetiringPrincipal': undefined,
    'kms:RetiringServicePrincipal': 'logs.amazonaws.com',
    'kms:GrantConstraintSourceArn': 'arn:aws:s3:::bucket',
  });
  expect(importConditions('KEY_MATERIAL_EXPIRES', 1_546_257_599_500)).toEqual({
    'kms:ExpirationModel': 'KEY_MATERIAL_EXPIRES',
    'kms:ValidTo': '1546257599.5',
  });
  expect(
    createKeyConditions({
      spec: 'RSA_2048',
      usage: 'SIGN_VERIFY',
      origin: 'AWS_KMS',
      multiRegion: true,
      bypassPolicyLockoutSafetyCheck: undefined,
      tags: [],
    }),
  ).toMatchObject({ 'kms:MultiRegionKeyType': 'PRIMARY', 'kms:BypassPolicyLockoutSafetyCheck': undefined });
});
