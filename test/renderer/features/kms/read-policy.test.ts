import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parsePolicy } from '../../../../src/core/iam/index.ts';
import { newKeyPolicy } from '../../../../src/renderer/features/kms/create/new-key-policy.ts';
import { readFaultPosition } from '../../../../src/renderer/features/kms/policy-fault.ts';
import { readPolicy } from '../../../../src/renderer/features/kms/read-policy.ts';

const ROOT = 'arn:aws:iam::123456789012:root';

describe('a policy in words', () => {
  test('one or many of everything, and what is excepted', () => {
    const statement = {
      Sid: 'Backups',
      Effect: 'Allow',
      Principal: { AWS: [ROOT, '111122223333'], Service: 's3.amazonaws.com' },
      NotAction: 'kms:Delete*',
      Resource: '*',
      Condition: {
        StringEquals: { 'kms:ViaService': ['s3.eu-central-1.amazonaws.com'] },
        Bool: { 'aws:SecureTransport': true },
      },
    };
    expect(readPolicy(JSON.stringify({ Statement: statement }))).toEqual([
      {
        sid: 'Backups',
        effect: 'Allow',
        principals: { not: false, names: [ROOT, '111122223333', 's3.amazonaws.com'] },
        actions: { not: true, names: ['kms:Delete*'] },
        conditions: [
          { operator: 'StringEquals', key: 'kms:ViaService', values: ['s3.eu-central-1.amazonaws.com'] },
          { operator: 'Bool', key: 'aws:SecureTransport', values: ['true'] },
        ],
      },
    ]);
    const all = { Effect: 'Deny', NotPrincipal: '*', Action: ['kms:Encrypt'], Resource: '*' };
    expect(readPolicy(JSON.stringify({ Statement: [all] }))).toMatchObject([
      { sid: null, effect: 'Deny', principals: { not: true, names: ['*'] }, conditions: [] },
    ]);
  });

  test('what does not read as one is not guessed at', () => {
    for (const text of ['', '[]', '"x"', '{}', '{"Statement":[1]}', '{"Statement":[{"Effect":"Maybe"}]}']) {
      expect(readPolicy(text)).toBeNull();
    }
    fc.assert(fc.property(fc.jsonValue(), (value) => void readPolicy(JSON.stringify(value))));
  });
});

describe('the policy of a new key', () => {
  test.each(['ENCRYPT_DECRYPT', 'SIGN_VERIFY', 'GENERATE_VERIFY_MAC', 'KEY_AGREEMENT'])(
    'for %s is sound to the policy engine, and says who uses it',
    (usage) => {
      const user = 'arn:aws:iam::123456789012:user/keyhold/ci';
      const text = newKeyPolicy(ROOT, [user], usage);
      expect(() => parsePolicy(text, { kind: 'resource' })).not.toThrow();
      const [root, use] = readPolicy(text) ?? [];
      expect(root).toMatchObject({ principals: { names: [ROOT] }, actions: { names: ['kms:*'] } });
      expect(use).toMatchObject({ effect: 'Allow', principals: { names: [user] } });
      expect(use?.actions.names).toContain('kms:DescribeKey');
      expect(readPolicy(newKeyPolicy(ROOT, [], usage))).toHaveLength(1);
    },
  );
});

test('where a refusal says the fault is', () => {
  expect(readFaultPosition('Line 8, column 7: unknown element "Principals".')).toEqual({ line: 8, column: 7 });
  expect(readFaultPosition('The policy, at line 12, column 30, names nobody.')).toEqual({ line: 12, column: 30 });
  expect(readFaultPosition('The new key policy will not allow you to update it.')).toBeNull();
});
