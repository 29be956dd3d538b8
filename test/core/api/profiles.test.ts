import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Params } from '../../../src/contract/methods.ts';
import { ACCESS_KEY_ID, SECRET_KEY, startTestCore, type TestCore } from '../../support/core.ts';

const HUB = '111111111111';
const PROD = '222222222222';
const DEPLOY = `arn:aws:iam::${PROD}:role/deploy`;
const MFA = `arn:aws:iam::${HUB}:mfa/alice`;

let core: TestCore;
beforeAll(async () => {
  core = startTestCore();
  await core.create();
  await core.client.call('account.add', { name: 'hub', accountId: HUB, kind: 'remote' });
  await core.client.call('account.add', { name: 'prod', accountId: PROD, kind: 'remote' });
  await core.client.call('account.add', { name: 'lab', accountId: '333333333333', kind: 'local' });
  await core.importKey({ name: 'alice', account: 'hub', accessKeyId: ACCESS_KEY_ID });
  await core.importKey({ name: 'temp', account: 'hub', accessKeyId: 'ASIAIOSFODNN7EXAMPLE' }, SECRET_KEY, 'a-token');
  await core.client.call('profile.add', { name: 'hub', account: 'hub', key: 'alice' });
});
afterAll(() => core.dispose());

const add = (params: Params<'profile.add'>) => core.client.call('profile.add', params);
const refusal = (params: Params<'profile.add'>) =>
  add(params).then(
    () => 'added',
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );

describe('a profile with a role', () => {
  test('has a key or a source, and says how long its sessions may last', async () => {
    const role = {
      arn: DEPLOY,
      externalId: 'ext-1',
      sessionName: '{profile}-{client}',
      durationSeconds: 43_200,
      policy: '{"Version":"2012-10-17","Statement":[]}',
      policyArns: ['arn:aws:iam::aws:policy/ReadOnlyAccess'],
      tags: { team: 'ops' },
      transitiveTagKeys: ['team'],
      sourceIdentity: 'alice',
    };
    const made = await add({ name: 'deploy', account: 'prod', source: 'hub', role, mfaSerial: MFA });
    expect(made).toMatchObject({
      source: 'hub',
      chain: ['hub'],
      role,
      mfaSerial: MFA,
      session: { kind: 'role', seconds: 43_200, mostSeconds: 43_200 },
    });
    expect(made).not.toHaveProperty('key');
    expect(await add({ name: 'direct', account: 'prod', key: 'alice', role: { arn: DEPLOY } })).toMatchObject({
      key: 'alice',
      session: { kind: 'role', seconds: 3600 },
    });
    expect(await add({ name: 'far', account: 'prod', source: 'deploy', role: { arn: DEPLOY } })).toMatchObject({
      chain: ['deploy', 'hub'],
      session: { kind: 'chained-role', seconds: 3600, mostSeconds: 3600 },
    });
    const { profiles } = await core.client.call('profile.list', {});
    expect(profiles.find(({ name }) => name === 'hub')).not.toHaveProperty('session');
    await core.client.call('profile.remove', { name: 'far' });
    await core.client.call('profile.remove', { name: 'direct' });
  });

  test('a session of a key alone', async () => {
    const made = await add({ name: 'mfa', account: 'hub', key: 'alice', mfaSerial: MFA });
    expect(made.session).toEqual({ kind: 'session-token', seconds: 43_200, mostSeconds: 129_600 });
    expect(await core.client.call('profile.update', { name: 'mfa', sessionSeconds: 129_600 })).toMatchObject({
      session: { seconds: 129_600 },
    });
    const plain = await core.client.call('profile.update', { name: 'mfa', sessionSeconds: null, mfaSerial: null });
    expect(plain).not.toHaveProperty('session');
    await core.client.call('profile.remove', { name: 'mfa' });
  });
});

describe('what can never be is refused in a sentence', () => {
  const role = { arn: DEPLOY };
  test.each<[string, Params<'profile.add'>, RegExp]>([
    ['neither key nor source', { name: 'x', account: 'prod', role }, /^key: say which access key of prod signs/],
    ['both', { name: 'x', account: 'prod', key: 'alice', source: 'hub', role }, /either a key or a source/],
    ['a source without a role', { name: 'x', account: 'prod', source: 'hub' }, /^source: .* to assume a role/],
    ['a local source', { name: 'x', account: 'prod', source: 'lab', role }, /^source: .* local account lab/],
    ['a role for a local account', { name: 'x', account: 'lab', role }, /^role: the account lab is local/],
    ['a source for one', { name: 'x', account: 'lab', source: 'hub' }, /^source: the account lab is local/],
    [
      'another account’s role',
      { name: 'x', account: 'hub', key: 'alice', role },
      /is a role of the account 222222222222/,
    ],
    ['another account’s key', { name: 'x', account: 'prod', key: 'alice' }, /does not belong to the account prod/],
    [
      'a chained role of 2 h',
      { name: 'x', account: 'prod', source: 'deploy', role: { ...role, durationSeconds: 7200 } },
      /one hour \(3,600 seconds\) at most, and x asks for 7200/,
    ],
    [
      'a code for a chained role',
      { name: 'x', account: 'prod', source: 'deploy', role, mfaSerial: MFA },
      /^mfaSerial: an MFA device belongs to a user/,
    ],
    ['a session of a temporary key', { name: 'x', account: 'hub', key: 'temp', mfaSerial: MFA }, /temporary itself/],
    ['both durations', { name: 'x', account: 'prod', source: 'hub', role, sessionSeconds: 3600 }, /^sessionSeconds: /],
    [
      'a policy that is none',
      { name: 'x', account: 'prod', source: 'hub', role: { ...role, policy: '[1]' } },
      /^role.policy: /,
    ],
    [
      'a tag that is not there',
      { name: 'x', account: 'prod', source: 'hub', role: { ...role, transitiveTagKeys: ['a'] } },
      /there is no tag a/,
    ],
    [
      'no role’s ARN',
      { name: 'x', account: 'prod', source: 'hub', role: { arn: 'arn:aws:iam::1:role/x' } },
      /role.arn.*looks like/,
    ],
    [
      'a placeholder that nobody knows',
      { name: 'x', account: 'prod', source: 'hub', role: { ...role, sessionName: '{user}' } },
      /placeholders/,
    ],
    ['36 h and a second', { name: 'x', account: 'hub', key: 'alice', sessionSeconds: 129_601 }, /36 hours/],
  ])('%s', async (_name, params, message) => {
    expect(await refusal(params)).toMatch(message);
  });

  test('sources in a circle, whose names it says', async () => {
    await add({ name: 'far', account: 'prod', source: 'deploy', role });
    await expect(
      core.client.call('profile.update', { name: 'deploy', source: 'far', mfaSerial: null }),
    ).rejects.toMatchObject({ code: 'InvalidInput', message: expect.stringContaining('deploy → far → deploy') });
    await expect(core.client.call('profile.update', { name: 'deploy', source: 'deploy' })).rejects.toMatchObject({
      message: expect.stringContaining('deploy → deploy'),
    });
  });

  test('a change of a source that one behind it cannot live with', async () => {
    await add({ name: 'long', account: 'prod', source: 'hub', role: { arn: DEPLOY, durationSeconds: 7200 } });
    await expect(
      core.client.call('profile.update', { name: 'hub', role: { arn: `arn:aws:iam::${HUB}:role/hop` } }),
    ).rejects.toMatchObject({
      message: expect.stringMatching(/^The profile (deploy|long) has hub as a source: /),
    });
  });
});

test('what has a profile as its source keeps it, near and far', async () => {
  await expect(core.client.call('profile.remove', { name: 'hub' })).rejects.toMatchObject({
    code: 'InUse',
    message: expect.stringContaining('profile deploy, profile far, profile long'),
  });
  await expect(core.client.call('key.remove', { name: 'alice' })).rejects.toMatchObject({ code: 'InUse' });
  await core.addClient({ name: 'tool', profile: 'far' });
  await core.client.call('profile.remove', { name: 'hub', cascade: true });
  expect((await core.client.call('profile.list', {})).profiles.map(({ name }) => name)).toEqual(['lab']);
  expect((await core.client.call('client.list', {})).clients).toEqual([]);
  expect(await core.client.call('vault.check', {})).toMatchObject({ ok: true });
});
