import { describe, expect, test } from 'vitest';
import {
  checkAliasName,
  isReservedAlias,
  MANAGED_ALIASES,
  serviceOfManagedAlias,
} from '../../../src/core/kms/alias-name.ts';
import { KmsUsage } from '../../../src/core/kms/kms-usage.ts';
import { QUOTAS, requireRoom } from '../../../src/core/kms/quotas.ts';
import {
  currentMaterial,
  DAY_MS,
  hasRotatableSpec,
  isRotationDue,
  nextRotation,
  requireRotatable,
  rotated,
  rotatedBySchedule,
} from '../../../src/core/kms/rotation.ts';
import { algorithmsOf, digestLength, KEY_SPECS, KEY_USAGES, plaintextLimit } from '../../../src/core/kms/specs.ts';
import { mergeTags, withoutTags } from '../../../src/core/kms/tags.ts';
import { kmsKey, material, NOW } from '../../support/kms-records.ts';

describe('alias names', () => {
  test.each([
    ['alias/app', undefined],
    ['alias/team/app_1-x', undefined],
    ['alias/awsome', undefined],
    ['app', 'ValidationException'],
    ['Alias/app', 'ValidationException'],
    ['alias/', 'ValidationException'],
    ['alias/a:b', 'InvalidAliasNameException'],
    ['alias/aws/s3', 'NotAuthorizedException'],
    ['alias/aws/', 'NotAuthorizedException'],
  ])('%s', (name, code) => {
    if (code === undefined) expect(() => checkAliasName(name)).not.toThrow();
    else expect(() => checkAliasName(name)).toThrow(expect.objectContaining({ code }));
  });

  test('every predefined alias is reserved and has its service', () => {
    expect(MANAGED_ALIASES.every(isReservedAlias)).toBe(true);
    expect(serviceOfManagedAlias('alias/aws/ebs')).toBe('ec2');
    expect(serviceOfManagedAlias('alias/aws/nonsense')).toBeUndefined();
    expect(serviceOfManagedAlias('alias/aws/toString')).toBeUndefined();
    expect(serviceOfManagedAlias('alias/ebs')).toBeUndefined();
  });
});

describe('tags', () => {
  const tag = (key: string, value = 'v') => ({ key, value });
  test('a new value takes the old one’s place', () => {
    expect(mergeTags([tag('a', '1'), tag('b', '1')], [tag('a', '2'), tag('c', '1')])).toEqual([
      tag('a', '2'),
      tag('b', '1'),
      tag('c', '1'),
    ]);
    expect(withoutTags([tag('a'), tag('b')], ['b', 'x'])).toEqual([tag('a')]);
  });
  const many = (count: number, name = 'k') => Array.from({ length: count }, (_, index) => tag(`${name}${index}`));
  test.each([
    ['twice', [], [tag('a'), tag('a')], 'Duplicate tag keys'],
    ['reserved', [], [tag('aws:x')], 'Tags beginning with aws: are reserved'],
    ['reserved in capitals', [], [tag('AWS:x')], 'Tags beginning with aws: are reserved'],
    ['too many', [], many(51), 'Too many tags'],
    ['too many together', many(50), [tag('x')], 'Too many tags'],
  ])('%s', (_, before, added, message) => {
    expect(() => mergeTags(before, added)).toThrow(expect.objectContaining({ code: 'TagException', message }));
  });
  test('fifty are not too many, and case tells them apart', () => {
    expect(mergeTags(many(25), many(25, 'K'))).toHaveLength(50);
  });
});

describe('rotation', () => {
  test('the schedule keeps its rhythm, however long nobody looked', () => {
    const due = NOW;
    expect(nextRotation(due, 90, due - 1)).toBe(due);
    expect(nextRotation(due, 90, due)).toBe(due + 90 * DAY_MS);
    expect(nextRotation(due, 90, due + 90 * DAY_MS - 1)).toBe(due + 90 * DAY_MS);
    expect(nextRotation(due, 90, due + 1000 * DAY_MS)).toBe(due + 1080 * DAY_MS);
  });

  const scheduled = { rotation: { periodInDays: 90, nextAt: NOW } };
  test.each([
    ['not scheduled', {}, NOW, false],
    ['due', scheduled, NOW, true],
    ['not yet', scheduled, NOW - 1, false],
    ['due but disabled', { ...scheduled, enabled: false }, NOW, false],
    ['due but to be deleted', { ...scheduled, deletion: { windowInDays: 7, at: NOW + DAY_MS } }, NOW, false],
    ['a replica', { ...scheduled, multiRegion: 'REPLICA' }, NOW, false],
    ['a primary', { ...scheduled, multiRegion: 'PRIMARY' }, NOW, true],
  ] as const)('%s', (_, record, now, due) => {
    expect(isRotationDue(kmsKey(record), now)).toBe(due);
  });

  test('every old material is kept, and one is current', () => {
    const first = material();
    const second = material({ state: 'PENDING_ROTATION' });
    const third = { id: 'c'.repeat(64), object: { id: 'd'.repeat(32) } };
    const once = rotated([first, second], second);
    expect(once.map(({ id, state }) => [id, state])).toEqual([
      [first.id, 'NON_CURRENT'],
      [second.id, 'CURRENT'],
    ]);
    const key = rotatedBySchedule(kmsKey({ ...scheduled, materials: once }), third, NOW + 1);
    expect(key.materials.map(({ state }) => state)).toEqual(['NON_CURRENT', 'NON_CURRENT', 'CURRENT']);
    expect(currentMaterial(key)).toMatchObject({ id: third.id, rotation: { type: 'AUTOMATIC', at: NOW + 1 } });
    expect(key.rotation).toEqual({ periodInDays: 90, nextAt: NOW + 90 * DAY_MS });
  });

  test('what cannot rotate says why', () => {
    const arn = 'arn:x';
    const refusal = (more: Parameters<typeof kmsKey>[0], imported: boolean) => {
      try {
        requireRotatable(kmsKey(more), arn, { imported });
        return 'ok';
      } catch (error) {
        return error instanceof Error ? error.message : '';
      }
    };
    expect(refusal({}, false)).toBe('ok');
    expect(refusal({ origin: 'EXTERNAL' }, false)).toBe(
      'arn:x origin is EXTERNAL which is not valid for this operation.',
    );
    expect(refusal({ origin: 'EXTERNAL' }, true)).toBe('ok');
    expect(refusal({ origin: 'AWS_CLOUDHSM' }, true)).toBe(
      'arn:x origin is AWS_CLOUDHSM which is not valid for this operation.',
    );
    expect(refusal({ spec: 'HMAC_256' }, true)).toBe('');
    expect([kmsKey(), kmsKey({ spec: 'RSA_2048' }), kmsKey({ origin: 'EXTERNAL' })].map(hasRotatableSpec)).toEqual([
      true,
      false,
      true,
    ]);
  });
});

describe('key specs', () => {
  test('every usage has algorithms in exactly one list', () => {
    for (const spec of KEY_SPECS) {
      const usages = KEY_USAGES.filter((usage) => algorithmsOf(spec, usage) !== null);
      expect(usages.length).toBeGreaterThan(0);
      for (const usage of usages) {
        const lists = Object.values(algorithmsOf(spec, usage) ?? {});
        expect(lists).toHaveLength(1);
        expect(lists[0]?.length).toBeGreaterThan(0);
      }
    }
    expect(algorithmsOf('ECC_SECG_P256K1', 'KEY_AGREEMENT')).toBeNull();
    expect(algorithmsOf('SYMMETRIC_DEFAULT', 'SIGN_VERIFY')).toBeNull();
  });

  test.each([
    ['RSA_2048', 'RSAES_OAEP_SHA_1', 214],
    ['RSA_2048', 'RSAES_OAEP_SHA_256', 190],
    ['RSA_3072', 'RSAES_OAEP_SHA_1', 342],
    ['RSA_3072', 'RSAES_OAEP_SHA_256', 318],
    ['RSA_4096', 'RSAES_OAEP_SHA_1', 470],
    ['RSA_4096', 'RSAES_OAEP_SHA_256', 446],
    ['SYMMETRIC_DEFAULT', 'SYMMETRIC_DEFAULT', null],
  ] as const)('%s with %s encrypts at most %s bytes', (spec, algorithm, most) => {
    expect(plaintextLimit(spec, algorithm)).toBe(most);
  });

  test('digests are as long as their hash', () => {
    expect(
      (['RSASSA_PSS_SHA_256', 'ECDSA_SHA_384', 'RSASSA_PKCS1_V1_5_SHA_512', 'ED25519_PH_SHA_512'] as const).map(
        digestLength,
      ),
    ).toEqual([32, 48, 64, 64]);
    expect((['ED25519_SHA_512', 'ML_DSA_SHAKE_256'] as const).map(digestLength)).toEqual([null, null]);
  });
});

test('quotas', () => {
  expect(() => requireRoom('onDemandRotations', 24, 'x')).not.toThrow();
  expect(() => requireRoom('onDemandRotations', QUOTAS.onDemandRotations, 'x')).toThrow(
    expect.objectContaining({ code: 'LimitExceededException' }),
  );
});

test('uses that could not be written are not lost, nor do they hide later ones', () => {
  const usage = new KmsUsage();
  const use = (at: number) => ({ operation: 'Encrypt' as const, at, requestId: String(at) });
  usage.note('a', use(1));
  usage.note('b', use(2));
  const taken = usage.take();
  expect(usage.empty).toBe(true);
  usage.note('a', use(3));
  usage.putBack(taken);
  expect([usage.lastUse('a', undefined)?.at, usage.lastUse('b', use(1))?.at, usage.lastUse('c', use(9))?.at]).toEqual([
    3, 2, 9,
  ]);
});
