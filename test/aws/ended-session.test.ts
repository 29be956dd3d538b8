import { beforeEach, describe, expect, it, vi } from 'vitest';
import { denyOlderThan } from '../../src/core/panic/deny-older.ts';
import { ROLES, type SessionLab, startSessionLab } from '../support/session-lab.ts';
import type { StrictRole } from '../support/strict-aws/state.ts';
import { cleanUp, type Harness, startHarness } from './harness.ts';

const WHO = Buffer.from('Action=GetCallerIdentity&Version=2011-06-15');
let lab: SessionLab;
let harness: Harness;
let key: { accessKeyId: string; secretAccessKey: string };

beforeEach(async () => {
  lab = await startSessionLab();
  cleanUp(() => lab.dispose());
  const { core, clock, device } = lab;
  await core.client.call('settings.update', { autoLockMinutes: 0 });
  await lab.addProfile('hop', 'hub', { key: 'alice', role: { arn: ROLES.hop }, mfaSerial: device.serialNumber });
  await lab.addProfile('deploy', 'prod', { source: 'hop', role: { arn: ROLES.deploy, externalId: 'ext-1' } });
  harness = await startHarness({ clock, door: { backend: core.running.doorBackend } });
  const issued = await core.addClient({ name: 'terraform', profile: 'hop' });
  key = { accessKeyId: issued.accessKeyId, secretAccessKey: issued.secret };
});

const ask = () =>
  harness.send({
    key,
    now: lab.clock.now(),
    method: 'POST',
    service: 'sts',
    headers: [['Content-Type', 'application/x-www-form-urlencoded; charset=utf-8']],
    body: WHO,
  });
/** AWS knows it no more, as after somebody has ended it there. */
const endAtAws = async (profile: string): Promise<void> => {
  const { accessKeyId = '' } = await lab.session(profile);
  expect(lab.aws.sessions.delete(accessKeyId)).toBe(true);
};
const assumed = () => lab.stsCalls().length;

it('a session that AWS says has ended is used no more: its answer passes as it is, and the next request gets another one', async () => {
  expect((await ask()).status).toBe(200);
  await endAtAws('hop');
  const refused = await ask();
  expect([refused.status, refused.text]).toEqual([403, expect.stringContaining('<Code>InvalidClientTokenId</Code>')]);
  expect(await lab.session('hop')).toMatchObject({ state: 'expired' });
  expect(assumed()).toBe(1);
  await lab.pass(30_000);
  expect((await ask()).status).toBe(200);
  expect(assumed()).toBe(2);
});

it('AWS is asked for another one at most once a minute, however often it says so', async () => {
  await ask();
  await endAtAws('hop');
  await ask();
  await lab.pass(30_000);
  expect((await ask()).status).toBe(200);
  await endAtAws('hop');
  for (let times = 0; times < 3; times++) expect((await ask()).status).toBe(403);
  expect(assumed()).toBe(2);
  await lab.pass(31_000);
  expect((await ask()).status).toBe(403);
  expect((await ask()).status).toBe(200);
  expect(assumed()).toBe(3);
});

it('what a role is assumed with ends with it, where AWS says so when it is asked', async () => {
  await lab.whoIs('deploy');
  await endAtAws('hop');
  await expect(lab.core.client.call('session.refresh', { profile: 'deploy' })).rejects.toMatchObject({
    code: 'ServiceRefused',
  });
  await lab.pass(30_000);
  expect(await lab.core.client.call('session.refresh', { profile: 'deploy' })).toMatchObject({ state: 'active' });
});

describe('a session that AWS denies something as it does to revoked ones', () => {
  const listKeys = () =>
    harness.send({
      key,
      now: lab.clock.now(),
      method: 'POST',
      service: 'iam',
      region: 'us-east-1',
      headers: [['Content-Type', 'application/x-www-form-urlencoded; charset=utf-8']],
      body: Buffer.from('Action=ListAccessKeys&UserName=alice&Version=2010-05-08'),
    });
  const role = (): StrictRole => {
    const found = lab.aws.roles.get(ROLES.hop);
    if (found === undefined) throw new Error('there is no role');
    return found;
  };
  /** In the console: "Revoke active sessions". */
  const revoke = (): void => {
    role().policies.set('AWSRevokeOlderSessions', denyOlderThan(lab.clock.now()));
  };
  const taken = () => lab.aws.callsOf('AssumeRole').length;
  const doubts = async (): Promise<number> =>
    (await lab.core.client.call('audit.list', { text: 'session.doubt' })).entries.length;

  it('is replaced beside its use, and the log says why', async () => {
    expect((await listKeys()).status).toBe(200);
    await lab.pass(600_000);
    const before = await lab.session('hop');
    revoke();
    const refused = await listKeys();
    expect([refused.status, refused.text]).toEqual([403, expect.stringContaining('with an explicit deny')]);
    await vi.waitUntil(async () => (await lab.session('hop')).accessKeyId !== before.accessKeyId, { timeout: 5000 });
    expect((await listKeys()).status).toBe(200);
    await vi.waitFor(async () => expect([taken(), await doubts()]).toEqual([2, 1]), { timeout: 5000 });
  });

  it('is not replaced again and again where a policy denies it to all of them, nor where it is young, nor lost where no other one is to be had', async () => {
    role().deny = ['iam:ListAccessKeys'];
    for (let times = 0; times < 3; times++) expect((await listKeys()).status).toBe(403);
    expect([taken(), await doubts()]).toEqual([1, 0]);
    await lab.pass(600_000);
    lab.aws.fault({ action: 'AssumeRole', kind: 'denied' });
    for (let times = 0; times < 3; times++) expect((await listKeys()).status).toBe(403);
    await vi.waitUntil(() => taken() === 2, { timeout: 5000 });
    // What it is allowed goes on.
    expect((await ask()).status).toBe(200);
    expect(await doubts()).toBe(0);
    // Sooner tried again than where another one was got and is denied as well.
    for (const _time of [1, 2]) {
      await lab.pass(600_000);
      for (let times = 0; times < 3; times++) expect((await listKeys()).status).toBe(403);
      await vi.waitFor(async () => expect([taken(), await doubts()]).toEqual([3, 1]), { timeout: 5000 });
    }
    expect(await lab.session('hop')).toMatchObject({ state: 'active' });
  });
});
