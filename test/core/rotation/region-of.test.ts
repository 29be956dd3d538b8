import { expect, test } from 'vitest';
import { KeyholdError } from '../../../src/contract/errors.ts';
import { isHomeless, regionOf } from '../../../src/core/rotation/region-of.ts';
import { noAwsIam, startTestCore } from '../../support/core.ts';

test('a key is rotated where its account lives: by its profiles, those beside it, or the endpoint', async () => {
  const core = startTestCore();
  try {
    await core.create();
    const { call } = core.client;
    let accounts = 0;
    const add = async (name: string, more: { endpointUrl?: string } = {}) => {
      accounts += 1;
      const account = `${name}-account`;
      await call('account.add', { name: account, accountId: `12345678901${accounts}`, kind: 'remote', ...more });
      await core.importKey({ name, account, accessKeyId: `AKIAIOSFODNN7EXAMPL${accounts}` });
    };
    const where = async (name: string) => {
      const session = core.running.core.session();
      const things = await session.need('accessKey', 'account', 'profile');
      const { id, value } = things.byName('accessKey', name);
      return [regionOf(session, id), isHomeless(session, value.account)];
    };
    await add('plain');
    expect(await where('plain')).toEqual(['us-east-1', true]);
    await add('china');
    await core.importKey({ name: 'sibling', account: 'china-account', accessKeyId: 'AKIAIOSFODNN7EXAMPL9' });
    await call('profile.add', { name: 'p', account: 'china-account', key: 'sibling', region: 'cn-northwest-1' });
    expect(await where('sibling')).toEqual(['cn-northwest-1', false]);
    expect(await where('china')).toEqual(['cn-northwest-1', false]);
    await add('gov', { endpointUrl: 'https://sts.us-gov-west-1.amazonaws.com' });
    expect(await where('gov')).toEqual(['us-gov-west-1', false]);
    await add('other', { endpointUrl: 'http://127.0.0.1:9000' });
    expect(await where('other')).toEqual(['us-east-1', false]);
  } finally {
    await core.dispose();
  }
});

test('where nothing says which partition it is in, a key that AWS does not take may be of another one', async () => {
  const refuse = () =>
    Promise.reject(new KeyholdError('ServiceRefused', 'No.', { name: 'InvalidClientTokenId', status: 403 }));
  const core = startTestCore({
    awsIam: {
      ...noAwsIam,
      ...{ whoAmI: refuse, listAccessKeys: refuse, lastUsed: refuse, simulate: refuse },
      ...{ createAccessKey: refuse, setActive: refuse, deleteAccessKey: refuse, sessionWithMfa: refuse },
    },
  });
  try {
    await core.create();
    const { call } = core.client;
    await call('account.add', { name: 'a', accountId: '123456789012', kind: 'remote' });
    await core.importKey({ name: 'k', account: 'a', accessKeyId: 'AKIAIOSFODNN7EXAMPLE' });
    const message = async () => (await call('rotation.plan', { key: 'k' })).blockers[0]?.message;
    expect(await message()).toContain('AWS China or AWS GovCloud, give it a profile');
    await call('profile.add', { name: 'p', account: 'a', key: 'k', region: 'cn-north-1' });
    expect(await message()).not.toContain('AWS China');
  } finally {
    await core.dispose();
  }
});
