import { ConnectionErrorCodeType } from '@aws-sdk/client-kms';
import { expect, test } from 'vitest';
import constraints from '../../../../src/aws/kms/constraints.json' with { type: 'json' };
import { connectionReason } from '../../../../src/renderer/features/kms/stores/connection-words.ts';
import {
  endpointProblem,
  nameProblem,
  pathProblem,
  proxyKeyProblem,
  proxySecretProblem,
} from '../../../../src/renderer/features/kms/stores/store-checks.ts';

test.each([
  ['a name', nameProblem, ['safe', 'x'.repeat(256)], ['', 'x'.repeat(257)]],
  [
    'an endpoint',
    endpointProblem,
    ['https://xks.example.com', 'https://xks.example.com:8443', 'http://127.0.0.1:9000', 'http://localhost'],
    [
      '',
      'http://xks.example.com',
      'https://xks.example.com/',
      'http://localhost.example.com',
      `https://${'x'.repeat(128)}`,
    ],
  ],
  [
    'a path',
    pathProblem,
    ['/kms/xks/v1', '/team-1/kms/xks/v12'],
    ['', 'kms/xks/v1', '/kms/xks/v1/', '/kms/xks/v', '/a b/kms/xks/v1'],
  ],
  [
    'an access key id',
    proxyKeyProblem,
    ['ABCDEFGHIJKLMNOPQRST', 'A2345672345672345672345'],
    ['', 'short', 'abcdefghijklmnopqrst', 'A'.repeat(31)],
  ],
  [
    'a secret',
    proxySecretProblem,
    ['a'.repeat(43), `${'Z/+'.repeat(14)}=`],
    ['', 'a'.repeat(42), 'a'.repeat(65), `${'a'.repeat(42)}-`],
  ],
] as const)('%s', (_what, check, good, bad) => {
  for (const value of good) expect([value, check(value)]).toEqual([value, null]);
  for (const value of bad) expect([value, typeof check(value)]).toEqual([value, 'string']);
});

test('what passes here passes AWS’s model', () => {
  const { shapes } = constraints;
  for (const [shape, value] of [
    ['XksProxyUriEndpointType', 'https://xks.example.com'],
    ['XksProxyUriPathType', '/team-1/kms/xks/v1'],
    ['XksProxyAuthenticationAccessKeyIdType', 'ABCDEFGHIJKLMNOPQRST'],
    ['XksProxyAuthenticationRawSecretAccessKeyType', 'a'.repeat(43)],
    ['XksKeyIdType', 'key.7_a-b'],
  ] as const) {
    expect(value).toMatch(new RegExp(shapes[shape].pattern));
  }
});

test('every reason of AWS’s says what to do', () => {
  for (const code of Object.values(ConnectionErrorCodeType)) expect(connectionReason(code)).toMatch(/\.$/);
});
