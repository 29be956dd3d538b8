import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { useCode as oneCode } from '../../../src/core/otp/use-code.ts';
import { ROLES, type SessionLab, startSessionLab } from '../../support/session-lab.ts';

const MINUTE = 60_000;
let lab: SessionLab;
beforeEach(async () => {
  lab = await startSessionLab();
  await lab.core.client.call('settings.update', { autoLockMinutes: 0 });
  await lab.addProfile('mfa', 'hub', { key: 'alice', mfaSerial: lab.device.serialNumber, sessionSeconds: 3600 });
  await lab.addProfile('hop', 'hub', { source: 'mfa', role: { arn: ROLES.hop } });
});
afterEach(() => lab.dispose());

const refusal = (profile: string) =>
  lab.whoIs(profile).then(
    () => 'passed',
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );

describe('a refusal', () => {
  test('is AWS’s own, names the profile, says what helps, and is not asked for again with each request', async () => {
    lab.aws.roles.get(ROLES.hop)?.principals.splice(0);
    const messages = await Promise.all(Array.from({ length: 5 }, () => refusal('hop')));
    expect(new Set(messages).size).toBe(1);
    expect(messages[0]).toMatch(
      /^AWS gives no session for the profile hop\. AssumeRole: User: .*alice is not authorized .*\(AccessDenied\) .*has to allow it\.$/,
    );
    await refusal('hop');
    expect(lab.aws.callsOf('AssumeRole')).toHaveLength(1);
    expect(await lab.session('hop')).toMatchObject({
      state: 'refused',
      failure: { code: 'ServiceRefused', message: messages[0] },
    });
    await lab.pass(MINUTE);
    await refusal('hop');
    expect(lab.aws.callsOf('AssumeRole')).toHaveLength(2);
    // Twice as long by now; a person who asks is not told to wait.
    await lab.pass(20_000);
    await refusal('hop');
    expect(lab.aws.callsOf('AssumeRole')).toHaveLength(2);
    lab.aws.roles.get(ROLES.hop)?.principals.push(`arn:aws:iam::111111111111:user/alice`);
    const view = await lab.core.client.call('session.refresh', { profile: 'hop' });
    expect(view).toMatchObject({ state: 'active' });
    expect(view).not.toHaveProperty('failure');
    const { entries } = await lab.core.client.call('audit.list', {});
    expect(
      entries.filter(({ event }) => event.action === 'session.obtain' && event.decision === 'denied'),
    ).toHaveLength(2);
  });

  test('of a source is told as that of the source', async () => {
    lab.aws.fault({ action: 'GetSessionToken', kind: 'denied' });
    expect(await refusal('hop')).toMatch(/^AWS gives no session for the profile mfa\./);
    expect(lab.aws.callsOf('AssumeRole')).toHaveLength(0);
  });

  test('says that the role allows less time than is asked for', async () => {
    await lab.core.client.call('profile.update', { name: 'hop', role: { arn: ROLES.hop, durationSeconds: 7200 } });
    const role = lab.aws.roles.get(ROLES.hop);
    if (role !== undefined) role.maxSessionSeconds = 3600;
    expect(await refusal('hop')).toMatch(/MaxSessionDuration .* lower the profile’s duration/);
  });

  test('without an authenticator entry says how to add it, and asks AWS nothing', async () => {
    await lab.core.client.call('totp.remove', { name: 'alice' });
    expect(await refusal('hop')).toMatch(
      /profile mfa needs codes of the MFA device .*“keyhold totp add NAME --mfa-serial/,
    );
    expect(lab.stsCalls()).toEqual([]);
  });
});

describe('without a network', () => {
  test('a session that is good stays in use until it ends, and then the reason is told', async () => {
    await lab.whoIs('hop');
    const [{ accessKeyId } = { accessKeyId: undefined }] = lab.aws.callsOf('GetCallerIdentity');
    const { broker, things } = lab.core.running.core.session();
    const { id } = things.byName('profile', 'hop');
    await lab.aws.offline();
    for (let minute = 0; minute < 58; minute += 2) {
      await lab.pass(2 * MINUTE);
      expect((await broker.credentials(id)).accessKeyId).toBe(accessKeyId);
    }
    expect(await lab.session('hop')).toMatchObject({ state: 'active', failure: { code: 'Unreachable' } });
    await lab.pass(3 * MINUTE);
    await expect(broker.credentials(id)).rejects.toMatchObject({ code: 'Unreachable' });
    await lab.aws.online();
    await lab.pass(2 * MINUTE);
    expect(await lab.whoIs('hop')).toContain('assumed-role/hop');
  });

  test('an answer that was lost is asked for again', async () => {
    lab.aws.fault({ action: 'GetSessionToken', kind: 'lost' });
    expect(await refusal('hop')).toMatch(/could not reach/);
    await lab.pass(40_000);
    expect(await refusal('hop')).toBe('passed');
  });
});

test('what was asked for when it is revoked is not kept', async () => {
  await lab.whoIs('hop');
  let revoking: Promise<unknown> = Promise.resolve();
  lab.aws.onCall = ({ action }) => {
    if (action === 'AssumeRole') revoking = lab.core.client.call('session.revoke', { profile: 'hop' });
  };
  await expect(lab.core.client.call('session.refresh', { profile: 'hop' })).rejects.toMatchObject({
    code: 'Cancelled',
  });
  expect(await revoking).toEqual({ revoked: true });
  lab.aws.onCall = null;
  expect(await lab.session('hop')).toMatchObject({ state: 'none' });
});

test('a role that is changed while it is asked for is asked for again', async () => {
  let changing: Promise<unknown> | undefined;
  lab.aws.onCall = async ({ action }) => {
    if (action !== 'AssumeRole' || changing !== undefined) return;
    const role = { arn: ROLES.hop, sessionName: 'other' };
    changing = lab.core.client.call('profile.update', { name: 'hop', role });
    await changing;
  };
  expect(await lab.whoIs('hop')).toContain('assumed-role/hop/other');
  expect(lab.aws.callsOf('AssumeRole')).toHaveLength(2);
});

test('a lock in the middle of it keeps nothing, and the next unlock starts anew', async () => {
  let locking: Promise<unknown> = Promise.resolve();
  lab.aws.onCall = ({ action }) => {
    if (action === 'AssumeRole') locking = lab.core.client.call('vault.lock', {});
  };
  await expect(lab.whoIs('hop')).rejects.toMatchObject({ code: 'Locked' });
  await locking;
  lab.aws.onCall = null;
  expect(lab.handed.every((bytes) => bytes.every((byte) => byte === 0))).toBe(true);
  await lab.core.unlock();
  expect(await lab.session('hop')).toMatchObject({ state: 'none' });
  expect(await lab.whoIs('hop')).toContain('assumed-role/hop');
  expect(await lab.core.client.call('vault.check', {})).toMatchObject({ ok: true });
});

test('one device, wanted by a session and by somebody else at the same moment, never gives one step twice', async () => {
  const { core } = lab.core.running;
  const steps: string[] = [];
  // As a rotation takes its codes: again whenever it is told to wait.
  const other = async (): Promise<void> => {
    for (;;) {
      const used = await oneCode({ core, actor: 'daemon' }, 'alice', 'for a rotation');
      if ('code' in used) {
        steps.push(used.code.code);
        return;
      }
      await new Promise<void>((resolve) => {
        core.ports.clock.setTimer(used.wait, resolve);
      });
    }
  };
  let open = true;
  const from = lab.clock.now();
  const working = Promise.all([other(), lab.whoIs('hop'), other()]).finally(() => {
    open = false;
  });
  // Slowly enough for a busy machine: a code must not grow old on its way.
  while (open) {
    lab.clock.advance(1000);
    await sleep(10);
  }
  await working;
  const [call] = lab.aws.callsOf('GetSessionToken');
  const codes = [...steps, call?.parameters['TokenCode']];
  expect(call?.outcome).toBe('ok');
  expect(codes).toHaveLength(3);
  // Not by their digits, which may be alike by chance: each is of a step of its own.
  const stepOf = (code: string | undefined) =>
    Array.from({ length: 100 }, (_, i) => from + i * 30_000).find((time) => lab.device.codeAt(time) === code);
  expect(new Set(codes.map(stepOf)).size).toBe(3);
});
