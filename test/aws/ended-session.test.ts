import { beforeEach, expect, it } from 'vitest';
import { ROLES, type SessionLab, startSessionLab } from '../support/session-lab.ts';
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
