import { expect, test } from 'vitest';
import { searchedSigner, signerWords } from '../../../../src/renderer/features/profiles/signer-words.ts';

test('a profile is told by its role, or by what gives its credentials', () => {
  const role = { arn: 'arn:aws:iam::123456789012:role/teams/deploy' };
  const sso = { kind: 'sso' as const, signIn: 'work', roleName: 'ReadOnlyAccess' };
  const program = { kind: 'process' as const, command: ['/usr/bin/vend', '--quiet'] };
  expect([{ key: 'ci' }, { key: 'ci', role }, { origin: sso }, { origin: program }, {}].map(signerWords)).toEqual([
    'ci',
    'deploy',
    'ReadOnlyAccess, work',
    'vend',
    'local',
  ]);
  expect(searchedSigner({ origin: sso })).toBe('ReadOnlyAccess work IAM Identity Center');
  expect(searchedSigner({ source: 'hub', role })).toBe(`hub ${role.arn}`);
});
