import { expect, test } from 'vitest';
import { defaultKeyPolicy, parseKeyPolicy } from '../../../src/core/kms/key-policy.ts';
import { PolicyCache } from '../../../src/core/kms/policy-cache.ts';
import { ACCOUNT_ID, kmsKey, REGION } from '../../support/kms-records.ts';

test('a key’s policy is read once', () => {
  const cache = new PolicyCache();
  const one = kmsKey({ policy: defaultKeyPolicy(ACCOUNT_ID, REGION) });
  expect(cache.of(one)).toBe(cache.of(one));
});

test('one reading serves all keys with the same policy, and as many policies as there are can be asked for in turn', () => {
  const cache = new PolicyCache();
  const policies = Array.from({ length: 300 }, (_, at) => defaultKeyPolicy(String(100_000_000_000 + at), REGION));
  const [first = '', second = ''] = policies;
  const read = cache.of({ policy: first });
  expect(cache.of({ policy: `${first}` })).toBe(read);
  expect(cache.of({ policy: second })).not.toEqual(read);
  for (const policy of [...policies, ...policies]) {
    expect(JSON.stringify(cache.of({ policy }))).toBe(JSON.stringify(parseKeyPolicy(policy)));
  }
});

test('nothing is kept beside the vault that it was read of', () => {
  const policy = defaultKeyPolicy(ACCOUNT_ID, REGION);
  expect(new PolicyCache().of({ policy })).not.toBe(new PolicyCache().of({ policy }));
});
