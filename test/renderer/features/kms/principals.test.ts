import { expect, test } from 'vitest';
import type { Account, Client } from '../../../../src/contract/schemas.ts';
import { clientArn, policyClients } from '../../../../src/renderer/features/kms/principals.ts';

const account: Account = {
  ...{ id: '0'.repeat(32), name: 'lab', accountId: '123456789012', kind: 'local' },
  createdAt: '2026-01-01T00:00:00.000Z',
};
const client = (name: string, more: Partial<Client> = {}): Client => ({
  ...{ id: '1'.repeat(32), name, purpose: 'tool', profile: 'lab', account: 'lab', principal: 'policy' },
  ...{ accessKeyId: 'KHLDAAAAAAAAAAAAAAAA', enabled: true, expired: false, requests: 0 },
  createdAt: '2026-01-01T00:00:00.000Z',
  userName: name,
  ...more,
});

test('a client is named by its user name, once while a key of it is being replaced', () => {
  const { userName: _, ...root } = client('root', { principal: 'root' });
  const named = policyClients(
    [
      client('ci (before k3fq)', { userName: 'ci' }),
      client('renamed', { userName: 'ci', createdAt: '2026-01-02T00:00:00.000Z' }),
      client('deploy'),
      client('away', { account: 'other' }),
      root,
    ],
    'lab',
  );
  expect(named.map(({ name }) => name)).toEqual(['renamed', 'deploy']);
  expect(named.map((one) => clientArn(account, 'cn-north-1', one))).toEqual([
    'arn:aws-cn:iam::123456789012:user/keyhold/ci',
    'arn:aws-cn:iam::123456789012:user/keyhold/deploy',
  ]);
});
