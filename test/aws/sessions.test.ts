import { beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
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
  await lab.addProfile('deploy', 'prod', {
    source: 'hop',
    role: { arn: ROLES.deploy, externalId: 'ext-1', sessionName: '{client}' },
  });
  harness = await startHarness({ clock, door: { backend: core.running.doorBackend } });
  const issued = await core.addClient({ name: 'terraform', profile: 'deploy' });
  key = { accessKeyId: issued.accessKeyId, secretAccessKey: issued.secret };
});

const ask = (more: object = {}) =>
  harness.send({
    key,
    now: lab.clock.now(),
    method: 'POST',
    service: 'sts',
    headers: [['Content-Type', 'application/x-www-form-urlencoded; charset=utf-8']],
    body: WHO,
    ...more,
  });
const lastRequest = async () => {
  const { entries } = await lab.core.client.call('audit.list', { kind: 'request', limit: 1 });
  return entries[0]?.event;
};
const Message = z.string().regex(/<Message>/);

describe('a client of a profile with a role', () => {
  it('has its requests signed with the role’s session, 50 at once with one call a link', async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, () => ask()));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(answers[0]?.text).toContain('<Arn>arn:aws:sts::222222222222:assumed-role/deploy/terraform</Arn>');
    expect(lab.stsCalls()).toEqual(['AssumeRole', 'AssumeRole']);
    const { accessKeyId } = await lab.session('deploy');
    expect(await lastRequest()).toMatchObject({
      decision: 'allowed',
      profile: 'deploy',
      client: 'terraform',
      clientKeyId: key.accessKeyId,
      sessionKeyId: accessKeyId,
      assumedRole: 'arn:aws:sts::222222222222:assumed-role/deploy/terraform',
    });
  });

  it('causes no call to AWS with a signature that is not right, nor while it is disabled', async () => {
    expect((await ask({ key: { ...key, secretAccessKey: 'x'.repeat(40) } })).status).toBe(403);
    await lab.core.client.call('client.update', { name: 'terraform', enabled: false });
    expect((await ask()).status).toBe(403);
    expect(lab.stsCalls()).toEqual([]);
  });

  it('is told in a sentence why there is no session, and what was refused is in the log', async () => {
    lab.aws.roles.get(ROLES.deploy)?.principals.splice(0);
    const refused = await ask();
    expect(refused.status).toBe(403);
    expect(Message.parse(refused.text)).toMatch(
      /<Code>AccessDenied<\/Code>\s*<Message>AWS gives no session for the profile deploy\./,
    );
    expect(await lastRequest()).toMatchObject({ decision: 'denied', reason: expect.stringContaining('no session') });
    await lab.core.client.call('totp.remove', { name: 'alice' });
    await lab.core.client.call('session.revoke', { profile: 'hop' });
    await lab.pass(60_000);
    expect((await ask()).text).toContain('needs codes of the MFA device');
  });

  it('is told that AWS cannot be reached as a failure that may pass', async () => {
    await lab.aws.offline();
    const answer = await ask();
    expect([answer.status, answer.text]).toEqual([502, expect.stringContaining('could not reach')]);
    await lab.aws.online();
    await lab.pass(60_000);
    expect((await ask()).status).toBe(200);
  });
});

it('sign.headers and the daemon’s own calls sign with the session too', async () => {
  const signed = await lab.core.client.call('sign.headers', {
    profile: 'deploy',
    method: 'POST',
    url: `${lab.aws.url}/`,
    headers: [],
    payloadHash: 'UNSIGNED-PAYLOAD',
    service: 'sts',
  });
  const { accessKeyId } = await lab.session('deploy');
  const header = (name: string) => signed.headers.find(([one]) => one.toLowerCase() === name)?.[1];
  expect(header('authorization')).toContain(`Credential=${accessKeyId}/`);
  expect(header('x-amz-security-token')?.length).toBeGreaterThan(100);
  const { entries } = await lab.core.client.call('audit.list', { limit: 10 });
  expect(entries.find(({ event }) => event.action === 'sign.headers')?.event).toMatchObject({
    target: 'alice',
    sessionKeyId: accessKeyId,
    assumedRole: expect.stringContaining(':assumed-role/deploy/'),
  });
  expect(await lab.whoIs('deploy')).toContain('assumed-role/deploy');
  const link = { profile: 'deploy', method: 'GET', bucket: 'bucket', key: 'k', expiresInSeconds: 7200 } as const;
  // A link ends with the session that signed it, whatever it says.
  const { expiresAt } = await lab.session('deploy');
  expect(await lab.core.client.call('sign.presign', link)).toMatchObject({ expiresAt });
});
