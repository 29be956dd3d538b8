import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createReplyKey } from '../../../src/client/seal.ts';
import { type SsoLab, startSsoLab } from '../../support/sso-lab.ts';

const HOUR = 3_600_000;
const READ = 'arn:aws:sts::222222222222:assumed-role/AWSReservedSSO_Read/ada';

let lab: SsoLab;
beforeAll(async () => {
  lab = await startSsoLab();
});
beforeEach(async () => {
  await lab.fresh();
  await lab.login();
});
afterAll(() => lab.dispose());

const call: SsoLab['core']['client']['call'] = (...given) => lab.core.client.call(...given);
const credentialCalls = () => lab.sso.callsOf('GET /federation/credentials').length;
const refreshes = () => lab.sso.callsOf('POST /token refresh_token').length;
const session = async (profile: string) =>
  (await call('session.list', {})).sessions.find((one) => one.profile === profile);

describe('accounts and roles', () => {
  test('are listed over all pages, with what the vault has of them', async () => {
    lab.sso.pageSize = 1;
    await call('account.add', { name: 'prod', accountId: '222222222222', kind: 'remote' });
    await call('sso.addProfiles', { name: 'corp', choices: [{ accountId: '222222222222', roleName: 'Read' }] });
    expect(await call('sso.accounts', { name: 'corp' })).toEqual({
      accounts: [
        {
          accountId: '222222222222',
          accountName: 'Production',
          email: 'prod@example.com',
          account: 'prod',
          roles: [{ roleName: 'Read', profiles: ['prod-Read'] }],
        },
        {
          accountId: '111111111111',
          accountName: 'Sandbox',
          email: 'sandbox@example.com',
          roles: [
            { roleName: 'Admin', profiles: [] },
            { roleName: 'Read', profiles: [] },
          ],
        },
      ],
      roles: 3,
      missing: 2,
    });
    expect(lab.sso.callsOf('GET /assignment/accounts').length).toBe(2);
    expect((await call('signIn.list', {})).signIns).toMatchObject([{ name: 'corp', profiles: ['prod-Read'] }]);
  });

  test('are asked for again where the portal says that it is too much', async () => {
    lab.sso.fault('GET /assignment/roles', 'throttled');
    const listed = await lab.until('the list', call('sso.accounts', { name: 'corp' }));
    expect(listed).toMatchObject({ roles: 3 });
  });

  test('become profiles in one transaction, with names that are free', async () => {
    await call('account.add', { name: 'Sandbox', accountId: '999999999999', kind: 'remote' });
    const choices = lab.sso.accounts.flatMap(({ accountId, accountName, roles }) =>
      roles.map((roleName) => ({ accountId, accountName, roleName })),
    );
    const added = await call('sso.addProfiles', { name: 'corp', choices, region: 'eu-west-1' });
    expect(added).toEqual({
      accounts: ['Sandbox-2', 'Production'],
      profiles: ['Sandbox-Admin', 'Sandbox-Read', 'Production-Read'],
      present: [],
    });
    expect(await call('sso.addProfiles', { name: 'corp', choices })).toEqual({
      accounts: [],
      profiles: [],
      present: added.profiles,
    });
    const { profiles } = await call('profile.list', {});
    expect(profiles.find(({ name }) => name === 'Production-Read')).toMatchObject({
      account: 'Production',
      accountId: '222222222222',
      region: 'eu-west-1',
      origin: { kind: 'sso', signIn: 'corp', roleName: 'Read' },
      session: { kind: 'sso' },
    });
    const before = (await call('profile.list', {})).profiles.length;
    const mixed = [
      { accountId: '333333333333', roleName: 'New' },
      { accountId: '333333333333', roleName: 'Old', profile: 'Production-Read' },
    ];
    await expect(call('sso.addProfiles', { name: 'corp', choices: mixed })).rejects.toMatchObject({
      code: 'AlreadyExists',
    });
    expect((await call('profile.list', {})).profiles.length).toBe(before);
    expect((await call('account.list', {})).accounts.map(({ accountId }) => accountId)).not.toContain('333333333333');
  });

  test('an account’s name that no profile may have still makes one', async () => {
    const accountName = `  Größe/${'x'.repeat(80)}\u0007`;
    const choices = [{ accountId: '444444444444', accountName, roleName: 'Admin' }];
    const { accounts, profiles } = await call('sso.addProfiles', {
      name: 'corp',
      choices,
      nameTemplate: '{role} {account}',
    });
    expect(accounts).toEqual([expect.stringMatching(/^Größe-x{54}$/)]);
    expect(profiles).toEqual([expect.stringMatching(/^Admin {3}Größe-x+$/)]);
  });

  test('an account’s name that looks like a template stays what it is', async () => {
    const choices = [{ accountId: '444444444444', accountName: '{role} $& $1', roleName: 'Admin' }];
    const { profiles } = await call('sso.addProfiles', { name: 'corp', choices });
    expect(profiles).toEqual(['{role} $& $1-Admin']);
  });
});

describe('credentials', () => {
  test('of a role sign requests, and 50 callers cause one call', async () => {
    await lab.addProfiles();
    const asked = Array.from({ length: 50 }, () => lab.whoIs('Production-Read'));
    expect(new Set(await Promise.all(asked))).toEqual(new Set([READ]));
    expect([credentialCalls(), refreshes()]).toEqual([1, 0]);
    expect(await session('Production-Read')).toMatchObject({ state: 'active', kind: 'sso' });
  });

  test('50 callers of 3 profiles renew an ended token once', async () => {
    await lab.addProfiles();
    lab.clock.jump(2 * HOUR);
    const names = ['Sandbox-Admin', 'Sandbox-Read', 'Production-Read'];
    await Promise.all(Array.from({ length: 51 }, (_, index) => lab.whoIs(names[index % 3] ?? '')));
    expect([credentialCalls(), refreshes()]).toEqual([3, 1]);
  });

  test('after 13 hours of sleep the first request renews once and passes', async () => {
    lab.sso.lives.session = 30 * 24 * 3600;
    await lab.login();
    await lab.addProfiles();
    await lab.whoIs('Production-Read');
    lab.clock.jump(13 * HOUR);
    expect((await session('Production-Read'))?.state).toBe('expired');
    expect(await Promise.all([lab.whoIs('Production-Read'), lab.whoIs('Production-Read')])).toEqual([READ, READ]);
    expect([credentialCalls(), refreshes()]).toEqual([2, 1]);
  });

  test('after 13 hours of sleep and the end of the session it says that a sign-in is needed', async () => {
    await lab.addProfiles();
    await lab.whoIs('Production-Read');
    lab.clock.jump(13 * HOUR);
    const refused = {
      code: 'SignInRequired',
      message: 'The session at the Identity Center has ended. Sign in to corp with: keyhold login corp',
      details: { signIn: 'corp' },
    };
    await expect(lab.whoIs('Production-Read')).rejects.toMatchObject(refused);
    expect(await lab.signIn()).toMatchObject({
      state: 'expired',
      renewable: false,
      failure: { code: 'SignInRequired' },
    });
    expect((await session('Production-Read'))?.failure).toMatchObject({ code: 'SignInRequired' });
    const notices = lab.core.events.filter((event) => event.type === 'notice');
    expect(notices).toEqual([{ type: 'notice', level: 'warning', message: refused.message }]);
    // Nobody asks the network what only a person can change.
    const asked = lab.sso.calls.length;
    await expect(lab.whoIs('Sandbox-Read')).rejects.toMatchObject(refused);
    expect(lab.sso.calls.length).toBe(asked);
    await lab.login();
    expect(await lab.whoIs('Production-Read')).toBe(READ);
  });

  test('a token that was ended on the other side is renewed, or ends the login', async () => {
    await lab.addProfiles();
    lab.sso.tokens.clear();
    expect(await lab.whoIs('Production-Read')).toBe(READ);
    expect(refreshes()).toBe(1);
    lab.sso.endSessions();
    await expect(lab.whoIs('Sandbox-Read')).rejects.toMatchObject({ code: 'SignInRequired' });
    // What was got before is good until it expires.
    expect(await lab.whoIs('Production-Read')).toBe(READ);
    expect((await lab.signIn()).state).toBe('expired');
  });

  test('are renewed ahead of their end, and nobody waits for that', async () => {
    await lab.addProfiles();
    lab.clock.jump(HOUR - 5 * 60_000);
    lab.sso.fault('POST /token refresh', 'unreachable');
    expect(await lab.whoIs('Production-Read')).toBe(READ);
    await lab.until(
      'the renewal in vain',
      (async () => {
        while (refreshes() === 0) await new Promise((resolve) => setImmediate(resolve));
      })(),
    );
    lab.clock.jump(2 * 60_000);
    expect(await lab.whoIs('Sandbox-Read')).toBeTypeOf('string');
    await lab.until(
      'the renewal',
      (async () => {
        while ((await lab.signIn()).expiresAt !== new Date(lab.clock.now() + HOUR).toISOString())
          await new Promise((resolve) => setImmediate(resolve));
      })(),
    );
    expect(refreshes()).toBe(2);
  });

  test('a lost network, and the answer to a renewal that is lost, end nothing', async () => {
    lab.sso.lives.session = 30 * 24 * 3600;
    await lab.login();
    await lab.addProfiles();
    lab.clock.jump(2 * HOUR);
    await lab.sso.offline();
    await expect(lab.whoIs('Production-Read')).rejects.toMatchObject({ code: 'Unreachable' });
    expect((await lab.signIn()).state).toBe('active');
    await lab.sso.online();
    lab.clock.advance(3_000);
    expect(await lab.whoIs('Production-Read')).toBe(READ);
    // The refresh token was used up by a call whose answer never came: only a person helps, and it says so.
    lab.clock.jump(2 * HOUR);
    lab.sso.fault('POST /token refresh', 'lost');
    await expect(lab.whoIs('Production-Read')).rejects.toMatchObject({ code: 'Unreachable' });
    lab.clock.advance(3_000);
    await expect(lab.whoIs('Production-Read')).rejects.toMatchObject({ code: 'SignInRequired' });
  });

  test('a role that was taken away is refused with which one', async () => {
    await lab.addProfiles();
    lab.sso.accounts[1]?.roles.pop();
    await expect(lab.whoIs('Production-Read')).rejects.toMatchObject({
      code: 'ServiceRefused',
      message: expect.stringContaining('Whoever is signed in to corp has no role Read in the account 222222222222'),
    });
  });

  test('a clock that was set back lengthens nothing', async () => {
    await lab.addProfiles();
    lab.clock.advance(50 * 60_000);
    lab.clock.jump(-HOUR);
    lab.sso.tokens.clear();
    expect(await lab.whoIs('Production-Read')).toBe(READ);
  });
});

describe('signing out', () => {
  test('tells the portal, and forgets tokens and credentials', async () => {
    await lab.addProfiles();
    await lab.whoIs('Production-Read');
    expect(await call('signIn.logout', { name: 'corp' })).toEqual({ loggedOut: true });
    expect(lab.sso.callsOf('POST /logout').length).toBe(1);
    expect(await lab.signIn()).toMatchObject({ state: 'none', renewable: false });
    expect((await call('hsm.objects', {})).objects.map(({ label }) => label)).toEqual(['corp client secret']);
    await expect(lab.whoIs('Production-Read')).rejects.toMatchObject({
      code: 'SignInRequired',
      message: 'Nobody is signed in. Sign in to corp with: keyhold login corp',
    });
    expect(await call('signIn.logout', { name: 'corp' })).toEqual({ loggedOut: false });
  });

  test.each([
    ['signing out', () => call('signIn.logout', { name: 'corp' })],
    [
      'another region',
      async () => {
        const { settings } = await lab.signIn();
        if (settings.type !== 'sso') throw new Error('corp is an Identity Center');
        await call('signIn.update', { name: 'corp', settings: { ...settings, region: 'us-east-1' } });
      },
    ],
  ])('%s leaves nothing to tools, nor to profiles that have it as a source', async (_, end) => {
    await lab.addProfiles();
    lab.aws.addRole('deploy', { account: '222222222222', principals: ['*'] });
    const role = { arn: 'arn:aws:iam::222222222222:role/deploy' };
    await call('profile.add', { name: 'behind', account: 'Production', source: 'Production-Read', role });
    for (const name of ['Production-Read', 'behind']) {
      await call('profile.update', { name, mayLeave: { process: true, container: true } });
    }
    const { publicKey } = await createReplyKey();
    expect(await lab.whoIs('behind')).toContain('assumed-role/deploy');
    await call('leave.process', { profile: 'Production-Read', replyKey: publicKey });
    await call('leave.process', { profile: 'behind', replyKey: publicKey });
    await call('leave.container', { profile: 'behind', expiresInSeconds: 3600 });
    await end();
    expect((await call('leave.list', {})).leases).toEqual([]);
    const { objects } = await call('hsm.objects', {});
    expect(objects.map(({ label }) => label).filter((label) => label !== 'corp client secret')).toEqual([]);
    await expect(lab.whoIs('behind')).rejects.toMatchObject({ code: 'SignInRequired' });
    await expect(call('leave.process', { profile: 'behind', replyKey: publicKey })).rejects.toMatchObject({
      code: 'SignInRequired',
    });
  });

  test('renews what has ended, so that the portal is told', async () => {
    lab.clock.jump(2 * HOUR);
    expect(await call('signIn.logout', { name: 'corp' })).toEqual({ loggedOut: true });
    expect(lab.sso.callsOf('POST /logout').length).toBe(1);
    // A session that has ended there is nothing to tell of.
    await lab.login();
    lab.sso.endSessions();
    lab.clock.jump(2 * HOUR);
    expect(await call('signIn.logout', { name: 'corp' })).toEqual({ loggedOut: true });
    expect(await lab.signIn()).toMatchObject({ state: 'none' });
  });

  test('says so where nothing is left to tell the portal with', async () => {
    lab.clock.jump(91 * 24 * HOUR);
    expect(await call('signIn.logout', { name: 'corp' })).toEqual({
      loggedOut: true,
      problem: expect.stringContaining('Sign out on its page too.'),
    });
  });

  test('works without a network, and says what is left', async () => {
    await lab.sso.offline();
    expect(await call('signIn.logout', { name: 'corp' })).toEqual({
      loggedOut: true,
      problem: expect.stringContaining('127.0.0.1'),
    });
    expect((await lab.signIn()).state).toBe('none');
    await lab.sso.online();
  });

  test('what another person got is not used for the next one', async () => {
    await lab.addProfiles();
    await lab.whoIs('Production-Read');
    lab.clock.advance(1000);
    await lab.login();
    expect((await session('Production-Read'))?.state).not.toBe('active');
    await lab.whoIs('Production-Read');
    expect(credentialCalls()).toBe(2);
  });
});

test('a sign-in that profiles work with is removed with them, or not at all', async () => {
  await lab.addProfiles();
  await lab.whoIs('Production-Read');
  await expect(call('signIn.remove', { name: 'corp' })).rejects.toMatchObject({
    code: 'InUse',
    message: expect.stringContaining('The sign-in corp is used by profile'),
  });
  await call('signIn.remove', { name: 'corp', cascade: true });
  expect((await call('profile.list', {})).profiles).toEqual([]);
  expect((await call('hsm.objects', {})).objects).toEqual([]);
});

test('a role is assumed with what a sign-in gives, for an hour at most', async () => {
  await lab.addProfiles();
  const { aws } = lab;
  const role = aws.addRole('deploy', { account: '222222222222', principals: ['*'], maxSessionSeconds: 43_200 });
  const chained = { name: 'deploy', account: 'Production', source: 'Production-Read', role: { arn: role.arn } };
  const profile = await call('profile.add', { ...chained, region: 'eu-central-1' });
  expect(profile).toMatchObject({ session: { kind: 'chained-role', mostSeconds: 3600 } });
  expect(await lab.whoIs('deploy')).toContain('assumed-role/deploy/');
});
