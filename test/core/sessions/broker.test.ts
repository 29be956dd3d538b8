import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { PROD, ROLES, type SessionLab, startSessionLab } from '../../support/session-lab.ts';

const HOUR = 3_600_000;
let lab: SessionLab;
beforeEach(async () => {
  lab = await startSessionLab();
});
afterEach(() => lab.dispose());

async function chainOfThree(): Promise<void> {
  const { device } = lab;
  await lab.addProfile('hop', 'hub', { key: 'alice', role: { arn: ROLES.hop }, mfaSerial: device.serialNumber });
  await lab.addProfile('deploy', 'prod', { source: 'hop', role: { arn: ROLES.deploy, externalId: 'ext-1' } });
  await lab.addProfile('read', 'audit', {
    source: 'deploy',
    role: { arn: ROLES.read, sessionName: '{profile}.{client}' },
  });
}

describe('a session', () => {
  test('of a role behind MFA, with a code that the vault knows', async () => {
    const { device } = lab;
    await lab.addProfile('hop', 'hub', { key: 'alice', role: { arn: ROLES.hop }, mfaSerial: device.serialNumber });
    expect(await lab.session('hop')).toMatchObject({ state: 'none', kind: 'role', seconds: 3600, mostSeconds: 43_200 });
    expect(await lab.whoIs('hop')).toBe(`arn:aws:sts::111111111111:assumed-role/hop/keyhold-hop`);
    expect(await lab.session('hop')).toMatchObject({ state: 'active', remainingSeconds: 3600, refreshing: false });
    await lab.whoIs('hop');
    expect(lab.stsCalls()).toEqual(['AssumeRole']);
  });

  test('of a chain of three: 50 callers, one call a link', async () => {
    await chainOfThree();
    const who = await Promise.all(Array.from({ length: 50 }, () => lab.whoIs('read')));
    expect(new Set(who)).toEqual(new Set(['arn:aws:sts::333333333333:assumed-role/read/read.keyhold']));
    expect(lab.stsCalls()).toEqual(['AssumeRole', 'AssumeRole', 'AssumeRole']);
    expect(await lab.session('read')).toMatchObject({ kind: 'chained-role', chain: ['deploy', 'hop'] });
  });

  test('of a user, for 36 hours', async () => {
    const { device } = lab;
    await lab.addProfile('mfa', 'hub', { key: 'alice', mfaSerial: device.serialNumber, sessionSeconds: 129_600 });
    expect(await lab.whoIs('mfa')).toBe('arn:aws:iam::111111111111:user/alice');
    expect(await lab.session('mfa')).toMatchObject({ kind: 'session-token', remainingSeconds: 129_600 });
    // A role that is assumed with it is none that a role assumes.
    await lab.addProfile('hop', 'hub', { source: 'mfa', role: { arn: ROLES.hop, durationSeconds: 43_200 } });
    expect(await lab.whoIs('hop')).toContain('assumed-role/hop/');
    expect(lab.stsCalls()).toEqual(['GetSessionToken', 'AssumeRole']);
    // Without either, the key signs again, and nothing of the session is left.
    await lab.core.client.call('profile.remove', { name: 'hop' });
    await lab.core.client.call('profile.update', { name: 'mfa', mfaSerial: null, sessionSeconds: null });
    expect(await lab.whoIs('mfa')).toBe('arn:aws:iam::111111111111:user/alice');
    const { objects } = await lab.core.client.call('hsm.objects', {});
    expect(objects.filter(({ label }) => label.startsWith('ASIA'))).toEqual([]);
  });

  test('is asked for with everything that the profile says', async () => {
    await chainOfThree();
    await lab.core.client.call('profile.update', {
      name: 'deploy',
      role: {
        arn: ROLES.deploy,
        externalId: 'ext-1',
        sessionName: 'x-{profile}-{time}',
        durationSeconds: 1800,
        policy: '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}',
        policyArns: ['arn:aws:iam::aws:policy/ReadOnlyAccess'],
        tags: { team: 'ops', 'cost center': 'a&b=c' },
        transitiveTagKeys: ['team'],
        sourceIdentity: 'alice',
      },
    });
    await lab.whoIs('deploy');
    const [, call] = lab.aws.callsOf('AssumeRole');
    expect(call?.parameters).toMatchObject({
      RoleArn: ROLES.deploy,
      RoleSessionName: `x-deploy-${Math.floor(lab.clock.now() / 1000)}`,
      DurationSeconds: '1800',
      ExternalId: 'ext-1',
      'PolicyArns.member.1.arn': 'arn:aws:iam::aws:policy/ReadOnlyAccess',
      'Tags.member.1.Key': 'team',
      'Tags.member.2.Value': 'a&b=c',
      'TransitiveTagKeys.member.1': 'team',
      SourceIdentity: 'alice',
    });
    expect(call?.region).toBe('eu-central-1');
  });

  test('survives a restart, and ends with its profile', async () => {
    await chainOfThree();
    await lab.whoIs('read');
    await lab.core.restart();
    await lab.core.unlock();
    expect(await lab.session('read')).toMatchObject({ state: 'active' });
    await lab.whoIs('read');
    expect(lab.stsCalls()).toHaveLength(3);
    await lab.core.client.call('profile.remove', { name: 'hop', cascade: true });
    expect(await lab.core.client.call('vault.check', {})).toMatchObject({ ok: true });
    const { objects } = await lab.core.client.call('hsm.objects', {});
    expect(objects.filter(({ label }) => label.startsWith('ASIA'))).toEqual([]);
  });

  test('made with other settings is none of the profile any more', async () => {
    await chainOfThree();
    await lab.whoIs('deploy');
    await lab.core.client.call('profile.update', { name: 'deploy', rename: 'ship' });
    await lab.whoIs('ship');
    expect(lab.stsCalls()).toHaveLength(2);
    await lab.core.client.call('profile.update', {
      name: 'ship',
      role: { arn: ROLES.deploy, externalId: 'ext-1', durationSeconds: 900 },
    });
    await lab.whoIs('ship');
    expect(lab.stsCalls()).toHaveLength(3);
  });

  test('is not used any more once its key is disabled, and is forgotten when it is revoked', async () => {
    await chainOfThree();
    await lab.whoIs('read');
    await lab.core.client.call('key.update', { name: 'alice', status: 'disabled' });
    await expect(lab.whoIs('read')).rejects.toMatchObject({ code: 'HsmRefused' });
    await lab.core.client.call('key.update', { name: 'alice', status: 'active' });
    expect(await lab.core.client.call('session.revoke', { profile: 'read' })).toEqual({ revoked: true });
    expect(await lab.core.client.call('session.revoke', { profile: 'read' })).toEqual({ revoked: false });
    expect(await lab.session('read')).toMatchObject({ state: 'none' });
    await lab.whoIs('read');
    expect(lab.stsCalls()).toHaveLength(4);
  });
});

describe('time', () => {
  beforeEach(async () => {
    await lab.core.client.call('settings.update', { autoLockMinutes: 0 });
    await chainOfThree();
  });

  test('a session in use is refreshed ahead of its end, and nobody waits for it', async () => {
    await lab.whoIs('read');
    const [first] = lab.aws.callsOf('GetCallerIdentity');
    for (let minute = 0; minute < 59; minute += 2) {
      await lab.pass(2 * 60_000);
      await lab.whoIs('read');
    }
    expect(lab.stsCalls().length).toBeGreaterThan(3);
    await lab.pass(10 * 60_000);
    await lab.whoIs('read');
    expect(lab.aws.callsOf('GetCallerIdentity').every(({ outcome }) => outcome === 'ok')).toBe(true);
    expect(first?.accessKeyId).not.toBe(lab.aws.callsOf('GetCallerIdentity').at(-1)?.accessKeyId);
  });

  test('one that nobody uses is left alone', async () => {
    await lab.whoIs('read');
    await lab.pass(2 * HOUR);
    expect(lab.stsCalls()).toHaveLength(3);
    expect(await lab.session('read')).toMatchObject({ state: 'expired' });
  });

  test('after 13 hours of sleep the first request refreshes once, and passes', async () => {
    await lab.whoIs('read');
    lab.clock.jump(13 * HOUR);
    const who = await Promise.all(Array.from({ length: 10 }, () => lab.whoIs('read')));
    expect(new Set(who).size).toBe(1);
    expect(lab.stsCalls()).toHaveLength(6);
    await lab.pass(HOUR / 4);
    expect(lab.stsCalls()).toHaveLength(6);
  });

  test('a clock that is set back lengthens nothing', async () => {
    await lab.whoIs('hop');
    lab.clock.jump(-60_000);
    await lab.pass(HOUR + 30_000);
    expect(await lab.session('hop')).toMatchObject({ state: 'expired' });
  });
});

test('what AWS answered is nowhere but in the HSM, and the bytes on the way are wiped', async () => {
  await chainOfThree();
  await lab.whoIs('read');
  expect(lab.answered).toHaveLength(6);
  const session = lab.core.running.core.session();
  const kept = JSON.stringify([
    ...(['profile', 'account', 'accessKey', 'awsSession'] as const).flatMap((kind) => session.things.all(kind)),
    await lab.core.client.call('session.list', {}),
    await lab.core.client.call('audit.list', {}),
    await lab.core.client.call('hsm.objects', {}),
    lab.core.events,
    lab.core.logged,
  ]);
  for (const secret of lab.answered) expect(kept).not.toContain(secret);
  expect(lab.handed.every((bytes) => bytes.every((byte) => byte === 0))).toBe(true);
  expect(kept).toContain(`assumed-role/deploy/keyhold-deploy`);
  expect(kept).toContain(PROD);
});
