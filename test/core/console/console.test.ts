import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createAwsConsole, createUpstreamAgents } from '../../../src/aws/index.ts';
import type { Browsers } from '../../../src/core/console/aws-console.ts';
import { ROLES, type SessionLab, startSessionLab } from '../../support/session-lab.ts';
import { type StrictSignIn, startStrictSignIn } from '../../support/strict-aws/sign-in.ts';

let lab: SessionLab;
let signIn: StrictSignIn;
let opened: Parameters<Browsers['open']>[];
const agents = createUpstreamAgents();

beforeEach(async () => {
  opened = [];
  lab = await startSessionLab();
  signIn = await startStrictSignIn(lab.aws);
  const { core, clock, device } = lab;
  const real = createAwsConsole({ clock, agents, onDate: () => undefined });
  Object.assign(core.running.core.shell, {
    // The account's endpoint is the stand-in's, and so is its sign-in.
    awsConsole: {
      ...real,
      site: (region: string) => ({
        ...{ signin: signIn.url, console: 'console.aws.amazon.com' },
        partition: region.startsWith('cn-') ? 'aws-cn' : 'aws',
      }),
    },
    browsers: {
      open: async (...how: Parameters<Browsers['open']>) => {
        opened.push(how);
        return { browser: 'Chromium, in a profile of its own' };
      },
      forget: () => true,
      keepOnly: () => undefined,
    } satisfies Browsers,
  });
  await core.client.call('settings.update', { autoLockMinutes: 0 });
  await lab.addProfile('hub', 'hub', { key: 'alice' });
  await lab.addProfile('hop', 'hub', { key: 'alice', role: { arn: ROLES.hop }, mfaSerial: device.serialNumber });
  await lab.addProfile('deploy', 'prod', { source: 'hop', role: { arn: ROLES.deploy, externalId: 'ext-1' } });
});
afterEach(async () => {
  await signIn.close();
  await lab.dispose();
});

const open = (profile: string, more: object = {}) => lab.core.client.call('console.open', { profile, ...more });

describe('signing in to the console', () => {
  it('as a role is a session of the role, for as long as is said, at the page that is asked for', async () => {
    const { url = '', ...rest } = await open('hop', { service: 's3', region: 'eu-west-1', seconds: 7200 });
    expect(rest).toEqual({
      opened: false,
      kind: 'role',
      expiresAt: new Date(lab.clock.now() + 7_200_000).toISOString(),
    });
    const parsed = new URL(url);
    expect([parsed.origin, parsed.pathname]).toEqual([signIn.url, '/federation']);
    expect(Object.fromEntries(parsed.searchParams)).toEqual({
      Action: 'login',
      Issuer: 'Keyhold',
      Destination: 'https://eu-west-1.console.aws.amazon.com/s3/home?region=eu-west-1',
      SigninToken: signIn.tokens[0],
    });
    // In the body of a POST, and never in an address.
    expect(signIn.asked).toMatchObject([{ method: 'POST', path: '/federation', seconds: '7200', status: 200 }]);
    expect(lab.aws.sessions.get(signIn.asked[0]?.accessKeyId ?? '')?.role?.role.name).toBe('hop');
  });

  it('as a role that a role assumed lasts as long as AWS says, and no other time can be asked for', async () => {
    expect(await open('deploy')).toMatchObject({ kind: 'role' });
    expect(signIn.asked).toMatchObject([{ seconds: null, status: 200 }]);
    await expect(open('deploy', { seconds: 7200 })).rejects.toMatchObject({ code: 'InvalidInput' });
  });

  it('as a user is a federated user who may do what the user may, for an hour', async () => {
    const got = await open('hub');
    expect(got).toMatchObject({ kind: 'federation' });
    expect(lab.aws.callsOf('GetFederationToken')[0]?.parameters).toMatchObject({
      Name: 'keyhold-hub',
      DurationSeconds: '3600',
      'PolicyArns.member.1.arn': 'arn:aws:iam::aws:policy/AdministratorAccess',
    });
    expect(signIn.asked).toMatchObject([{ seconds: null, status: 200 }]);
    expect(got.url).toContain(encodeURIComponent('https://eu-central-1.console.aws.amazon.com/console/home'));
  });

  it('is in the log and on the list, and no secret or token is', async () => {
    await open('hop');
    const { left } = await lab.core.client.call('leave.list', {});
    expect(left).toMatchObject([{ profile: 'hop', ways: ['console'], accessKeyId: signIn.asked[0]?.accessKeyId }]);
    const { entries } = await lab.core.client.call('audit.list', { limit: 100 });
    expect(entries.find(({ event }) => event.action === 'session.leave')?.event).toMatchObject({
      left: 'console',
      profile: 'hop',
      reason: expect.stringMatching(/^left the app \(used to sign in to the console\), until /),
    });
    const session = lab.aws.sessions.get(signIn.asked[0]?.accessKeyId ?? '');
    const told = JSON.stringify(entries) + lab.core.logged.join();
    for (const secret of [session?.secretAccessKey, session?.sessionToken, signIn.tokens[0]]) {
      expect(told).not.toContain(secret);
    }
    expect(lab.handed.every((bytes) => bytes.every((byte) => byte === 0))).toBe(true);
  });

  it('opens a browser where that is wanted, and answers no address then', async () => {
    const { id } = lab.core.running.core.session().things.byName('profile', 'hub');
    const done = await open('hub', { launch: { container: 'work' } });
    expect(done).toMatchObject({ opened: true, browser: 'Chromium, in a profile of its own' });
    expect(done).not.toHaveProperty('url');
    expect(opened).toMatchObject([
      [expect.stringContaining('Action=login'), { id, browser: 'default', container: 'work' }],
    ]);
  });

  it('goes to no other partition, and its address to nobody but the command line', async () => {
    await expect(open('hop', { region: 'cn-north-1' })).rejects.toMatchObject({
      code: 'InvalidInput',
      message: expect.stringContaining('does not belong to the partition aws of hop'),
    });
    const page = lab.core.as('web');
    await expect(page.call('console.open', { profile: 'hub' })).rejects.toMatchObject({ code: 'Unauthorized' });
    expect([lab.stsCalls(), signIn.asked]).toEqual([[], []]);
    expect(await page.call('console.open', { profile: 'hub', launch: {} })).toMatchObject({ opened: true });
    Object.assign(lab.core.running.core.shell.browsers, { open: async () => null });
    await expect(page.call('console.open', { profile: 'hub', launch: {} })).rejects.toMatchObject({
      code: 'Unauthorized',
      message: expect.stringContaining('no browser could be opened'),
    });
  });

  it('is refused where the profile or the settings do not allow it, and before AWS is asked', async () => {
    await lab.core.client.call('profile.update', { name: 'hub', mayLeave: { console: false } });
    await expect(open('hub')).rejects.toMatchObject({
      code: 'HsmRefused',
      message: expect.stringContaining('keyhold profile edit hub --leave-console'),
    });
    await lab.core.client.call('settings.update', { leaveConsole: false });
    await expect(open('hop')).rejects.toMatchObject({
      message: expect.stringContaining('settings set leave-console on'),
    });
    expect([lab.stsCalls(), signIn.asked]).toEqual([[], []]);
  });

  it('takes no answer that is longer than a token can be', async () => {
    const long = createServer((_request, response) => {
      response.end(JSON.stringify({ SigninToken: 'x'.repeat(70_000) }));
    });
    await new Promise<void>((resolve) => long.listen(0, '127.0.0.1', resolve));
    const { port } = long.address() as AddressInfo;
    const site = () => ({ signin: `http://127.0.0.1:${port}`, console: 'console.aws.amazon.com', partition: 'aws' });
    Object.assign(lab.core.running.core.shell.awsConsole, { site });
    await expect(open('hub')).rejects.toMatchObject({ code: 'Unreachable' });
    long.close();
  });

  it('says so where AWS does not take the credentials, and where there is no console', async () => {
    const role = lab.aws.roles.get(ROLES.hop);
    if (role !== undefined) role.maxSessionSeconds = 3600;
    await expect(open('hop', { seconds: 43_200 })).rejects.toMatchObject({
      code: 'ServiceRefused',
      message: expect.stringContaining('role’s maximum'),
    });
    Object.assign(lab.core.running.core.shell.awsConsole, { site: () => null });
    await expect(open('hub')).rejects.toMatchObject({
      code: 'Unsupported',
      message: 'There is no AWS console for hub: the account hub has an endpoint of its own.',
    });
  });
});

describe('signing out', () => {
  it('opens AWS’s own page for it in the same place, or removes the place', async () => {
    const out = await lab.core.client.call('console.logout', { profile: 'hub', launch: {} });
    expect(out).toMatchObject({ opened: true, forgotten: false });
    expect(opened[0]?.[0]).toBe(
      `${signIn.url}/oauth?Action=logout&redirect_uri=https%3A%2F%2Fconsole.aws.amazon.com%2F`,
    );
    expect(await lab.core.client.call('console.logout', { profile: 'hub', forget: true })).toEqual({
      opened: false,
      forgotten: true,
    });
  });
});
