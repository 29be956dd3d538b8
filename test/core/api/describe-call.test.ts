import { expect, test } from 'vitest';
import { type MethodName, methods } from '../../../src/contract/methods.ts';
import { describeCall } from '../../../src/core/api/describe-call.ts';

const LINK = { profile: 'prod', method: 'GET', bucket: 'reports', key: 'a.pdf', expiresInSeconds: 43_200 };

test('whoever touches is told in words what for', () => {
  const target = { kind: 'kms-key', name: 'alias/backup' };
  expect(describeCall('gate.remove', { target })).toBe('let the KMS key alias/backup be used without a touch');
  const call = { account: 'lab', region: 'us-east-1', service: 'kms', operation: 'Decrypt', input: {} };
  expect(describeCall('service.call', call)).toBe('do kms Decrypt in lab');
  expect(describeCall('vault.lock', {})).toBe(`do this: ${methods['vault.lock'].summary}`);
});

test.each([
  [90, '90 s'],
  [900, '15 min'],
  [5400, '90 min'],
  [43_200, '12 h'],
  [604_800, '7 d'],
] as const)('a link says how long it works: %i s', (expiresInSeconds, words) => {
  expect(describeCall('sign.presign', { ...LINK, expiresInSeconds })).toBe(
    `make a link for prod that works for ${words} (GET s3://reports/a.pdf)`,
  );
});

test('what is very long is cut in the middle', () => {
  const text = describeCall('sign.presign', { ...LINK, key: 'x'.repeat(1024) });
  expect(text).toMatch(/^make a link for prod that works for 12 h .*…x+\)$/);
  expect(text.length).toBeLessThan(170);
});

test('no method is called by its id', () => {
  for (const name of Object.keys(methods) as MethodName[]) {
    try {
      expect(describeCall(name, {})).not.toContain(name);
    } catch (error) {
      // Those with words of their own read what they are called with.
      expect(error).toMatchObject({ code: 'InvalidInput' });
    }
  }
});
