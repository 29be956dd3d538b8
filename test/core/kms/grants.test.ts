import { describe, expect, test } from 'vitest';
import {
  checkGrant,
  checkGrantPrincipal,
  constrainedContext,
  covers,
  type GrantConstraints,
  grantableOperations,
  isNoMoreThan,
  isSameGrant,
  meetsConstraints,
} from '../../../src/core/kms/grants.ts';
import { GRANT_OPERATIONS, type GrantOperation, KMS_RECORDS } from '../../../src/core/kms/records.ts';
import { kmsGrant, kmsKey } from '../../support/kms-records.ts';

const GRANT = kmsGrant('0f'.repeat(16));

test('a constraint survives in the vault whatever its pairs are called', () => {
  const constraints: GrantConstraints = { subset: JSON.parse('{"__proto__":"x"}') };
  const read = KMS_RECORDS.kmsGrant.parse(JSON.parse(JSON.stringify({ ...GRANT, constraints })));
  expect(meetsConstraints(read.constraints, { context: {} })).toBe(false);
  expect(meetsConstraints(read.constraints, { context: JSON.parse('{"__proto__":"x"}') })).toBe(true);
  expect(KMS_RECORDS.kmsGrant.safeParse({ ...GRANT, constraints: { subset: { a: 1 } } }).success).toBe(false);
});

describe('constraints', () => {
  const subset: GrantConstraints = { subset: { Dept: 'IT', Stage: 'x' } };
  const equals: GrantConstraints = { equals: { Dept: 'IT' } };
  test.each([
    ['none', undefined, {}, true],
    ['subset: exactly it', subset, { Dept: 'IT', Stage: 'x' }, true],
    ['subset: more than it', subset, { Stage: 'x', Dept: 'IT', More: '1' }, true],
    ['subset: keys in another case', subset, { DEPT: 'IT', stage: 'x' }, true],
    ['subset: a value in another case', subset, { Dept: 'it', Stage: 'x' }, false],
    ['subset: less', subset, { Dept: 'IT' }, false],
    ['subset: nothing', subset, {}, false],
    ['equals: exactly it', equals, { Dept: 'IT' }, true],
    ['equals: key in another case', equals, { dept: 'IT' }, true],
    ['equals: more', equals, { Dept: 'IT', More: '1' }, false],
    ['equals: nothing', equals, {}, false],
    ['equals: another value', equals, { Dept: 'HR' }, false],
    ['equals: the same key twice, in two cases', equals, { Dept: 'IT', dept: 'IT' }, false],
  ] as const)('%s', (_, constraints, context, met) => {
    expect(meetsConstraints(constraints, { context })).toBe(met);
  });
});

test('a constraint of the context, where operations take none, lets management through and nothing else', () => {
  const request = (spec: 'SYMMETRIC_DEFAULT' | 'RSA_2048', operation: GrantOperation) => ({
    context: constrainedContext({ spec }, operation, operation === 'Encrypt' ? { a: 'b' } : undefined),
  });
  const equals = { equals: { a: 'b' } };
  expect(meetsConstraints(equals, request('SYMMETRIC_DEFAULT', 'Encrypt'))).toBe(true);
  expect(meetsConstraints(equals, request('RSA_2048', 'Encrypt'))).toBe(false);
  expect(meetsConstraints(equals, request('RSA_2048', 'Sign'))).toBe(false);
  for (const operation of ['DescribeKey', 'CreateGrant', 'RetireGrant'] as const)
    expect(meetsConstraints(equals, request('RSA_2048', operation))).toBe(true);
  expect(meetsConstraints(undefined, request('RSA_2048', 'Sign'))).toBe(true);
});

test('a grant for a resource of AWS helps only a service that asks for that resource', () => {
  const sourceArn = 'arn:aws:s3:::bucket';
  const constraints = { sourceArn };
  expect(meetsConstraints(constraints, {})).toBe(false);
  expect(meetsConstraints(constraints, { context: {} })).toBe(false);
  expect(meetsConstraints(constraints, { sourceArn })).toBe(true);
  expect(meetsConstraints(constraints, { sourceArn: `${sourceArn}2` })).toBe(false);
});

test('a grant covers its operations, and only with its context where there is one', () => {
  const found = [
    { id: '1', value: kmsGrant('k', { operations: ['Encrypt', 'DescribeKey'], constraints: { equals: { a: 'b' } } }) },
    { id: '2', value: kmsGrant('k', { operations: ['Decrypt'] }) },
  ];
  const ids = (...args: Parameters<typeof covers> extends [unknown, ...infer Rest] ? Rest : never) =>
    found.filter(({ value }) => covers(value, ...args)).map(({ id }) => id);
  expect(ids('Encrypt', { context: { a: 'b' } })).toEqual(['1']);
  expect(ids('Encrypt', { context: {} })).toEqual([]);
  expect(ids('DescribeKey', {})).toEqual(['1']);
  expect(ids('Decrypt', { context: {} })).toEqual(['2']);
  expect(ids('Sign', {})).toEqual([]);
});

describe('what can be granted', () => {
  test('every operation belongs to some key', () => {
    const keys = [
      { spec: 'SYMMETRIC_DEFAULT', usage: 'ENCRYPT_DECRYPT' },
      { spec: 'RSA_2048', usage: 'ENCRYPT_DECRYPT' },
      { spec: 'RSA_2048', usage: 'SIGN_VERIFY' },
      { spec: 'HMAC_256', usage: 'GENERATE_VERIFY_MAC' },
      { spec: 'ECC_NIST_P256', usage: 'KEY_AGREEMENT' },
      { spec: 'ML_KEM_768', usage: 'ENCAPSULATE_DECAPSULATE' },
    ] as const;
    expect(new Set(keys.flatMap((key) => grantableOperations(key)))).toEqual(new Set(GRANT_OPERATIONS));
  });

  const symmetric = { spec: 'SYMMETRIC_DEFAULT', usage: 'ENCRYPT_DECRYPT' } as const;
  const signing = { spec: 'RSA_2048', usage: 'SIGN_VERIFY' } as const;
  const rsa = { spec: 'RSA_2048', usage: 'ENCRYPT_DECRYPT' } as const;
  const mac = { spec: 'HMAC_256', usage: 'GENERATE_VERIFY_MAC' } as const;
  const pairs = (count: number, value = 'x') =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, value]));
  test.each([
    ['fits', symmetric, ['Encrypt', 'CreateGrant'], undefined, true],
    ['another key’s operation', symmetric, ['Sign'], undefined, false],
    ['data keys of a key pair', signing, ['GenerateDataKey'], undefined, false],
    ['signing', signing, ['Sign', 'Verify', 'GetPublicKey'], undefined, true],
    ['nothing', symmetric, [], undefined, false],
    ['only the making of grants', symmetric, ['CreateGrant'], undefined, false],
    ['a context for a signing key', signing, ['Sign'], { equals: { a: 'b' } }, false],
    ['a context for an RSA key that encrypts', rsa, ['Encrypt'], { subset: { a: 'b' } }, false],
    ['a context for an HMAC key', mac, ['GenerateMac'], { subset: {} }, false],
    ['a context for management of a signing key', signing, ['DescribeKey'], { equals: {} }, false],
    ['a resource for a signing key', signing, ['Sign'], { sourceArn: 'arn:aws:s3:::bucket' }, true],
    ['both constraints', symmetric, ['Encrypt'], { equals: {}, subset: {} }, false],
    ['eight pairs', symmetric, ['Encrypt'], { subset: pairs(8, 'x'.repeat(384)) }, true],
    ['nine pairs', symmetric, ['Encrypt'], { subset: pairs(9) }, false],
    ['a long value', symmetric, ['Encrypt'], { equals: pairs(1, 'x'.repeat(385)) }, false],
  ] as const)('%s', (_, key, operations, constraints, fits) => {
    const run = () => checkGrant(kmsKey(key), operations, constraints);
    if (fits) expect(run).not.toThrow();
    else expect(run).toThrow(expect.objectContaining({ code: 'ValidationException' }));
  });

  test.each([
    ['arn:aws:iam::123456789012:root', true],
    ['arn:aws:iam::123456789012:user/path/alice', true],
    ['arn:aws:iam::123456789012:role/app', true],
    ['arn:aws:sts::123456789012:assumed-role/app/session', true],
    ['arn:aws:sts::123456789012:federated-user/bob', true],
    ['arn:aws-cn:iam::123456789012:user/alice', true],
    ['logs.eu-central-1.amazonaws.com', true],
    ['alice', false],
    ['*', false],
    ['arn:aws:iam::123456789012:group/admins', false],
    ['arn:aws:iam::12345:user/alice', false],
    ['arn:aws:iam::123456789012:user/', false],
  ])('a principal: %s', (principal, fits) => {
    const run = () => checkGrantPrincipal(principal);
    if (fits) expect(run).not.toThrow();
    else expect(run).toThrow(expect.objectContaining({ code: 'InvalidArnException' }));
  });
});

describe('a grant made by right of another one', () => {
  const parent = kmsGrant('k', { operations: ['Encrypt', 'Decrypt', 'CreateGrant'] });
  const bySubset = { ...parent, constraints: { subset: { a: '1' } } };
  const byEquals = { ...parent, constraints: { equals: { a: '1' } } };
  test.each([
    ['the same operations', parent, { operations: ['Encrypt', 'Decrypt', 'CreateGrant'] }, true],
    ['fewer', parent, { operations: ['Decrypt'] }, true],
    ['more', parent, { operations: ['Decrypt', 'GenerateDataKey'] }, false],
    ['its own constraint', parent, { operations: ['Decrypt'], constraints: { equals: { z: '1' } } }, true],
    ['subset kept', bySubset, { operations: ['Decrypt'], constraints: { subset: { a: '1', b: '2' } } }, true],
    ['subset made exact', bySubset, { operations: ['Decrypt'], constraints: { equals: { a: '1', b: '2' } } }, true],
    ['subset dropped', bySubset, { operations: ['Decrypt'] }, false],
    ['subset changed', bySubset, { operations: ['Decrypt'], constraints: { subset: { a: '2' } } }, false],
    ['equals kept', byEquals, { operations: ['Decrypt'], constraints: { equals: { a: '1' } } }, true],
    ['equals loosened', byEquals, { operations: ['Decrypt'], constraints: { subset: { a: '1' } } }, false],
    ['equals widened', byEquals, { operations: ['Decrypt'], constraints: { equals: { a: '1', b: '2' } } }, false],
  ] as const)('%s', (_, from, child, fits) => {
    expect(isNoMoreThan(from, child)).toBe(fits);
  });
});

test('the same grant asked for twice is one, in any order of operations and pairs', () => {
  const grant = kmsGrant('k', {
    name: 'n',
    operations: ['Encrypt', 'Decrypt'],
    constraints: { subset: { a: '1', b: '2' } },
  });
  const again = { ...grant, operations: [...grant.operations].reverse(), constraints: { subset: { b: '2', a: '1' } } };
  expect(isSameGrant(grant, again)).toBe(true);
  expect(isSameGrant(grant, { ...again, grantee: 'arn:aws:iam::123456789012:user/bob' })).toBe(false);
  expect(isSameGrant(grant, { ...again, constraints: { subset: { a: '1' } } })).toBe(false);
  expect(isSameGrant(grant, { ...again, constraints: { equals: { a: '1', b: '2' } } })).toBe(false);
});
