import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createReplyKey } from '../../../src/client/seal.ts';
import { letLeave } from '../../../src/core/leave/let-leave.ts';
import { ROLES, type SessionLab, startSessionLab } from '../../support/session-lab.ts';

const MINUTE = 60_000;
let lab: SessionLab;
beforeEach(async () => {
  lab = await startSessionLab();
  const { core, device } = lab;
  await core.client.call('settings.update', { autoLockMinutes: 0 });
  await lab.addProfile('hub', 'hub', { key: 'alice' });
  await lab.addProfile('hop', 'hub', { key: 'alice', role: { arn: ROLES.hop }, mfaSerial: device.serialNumber });
});
afterEach(() => lab.dispose());

const allow = (name: string, mayLeave: { process?: boolean; container?: boolean; console?: boolean }) =>
  lab.core.client.call('profile.update', { name, mayLeave });
const list = () => lab.core.client.call('leave.list', {});
const signal = new AbortController().signal;

async function process(profile: string) {
  const reply = await createReplyKey();
  const got = await lab.core.client.call('leave.process', { profile, replyKey: reply.publicKey });
  const secret = await reply.open(got.secretAccessKey, 'session-secret');
  return { ...got, secretAccessKey: new TextDecoder().decode(secret) };
}
const entries = async (action: string) =>
  (await lab.core.client.call('audit.list', { limit: 100 })).entries
    .map(({ event }) => event)
    .filter((event) => event.action === action);

describe('temporary credentials for a credential_process', () => {
  it('are refused until somebody allows it for the profile, and when the settings forbid it for all', async () => {
    await expect(process('hub')).rejects.toMatchObject({
      code: 'HsmRefused',
      message:
        'The profile hub may not hand temporary credentials to a tool. To allow it: keyhold profile edit hub --leave-process',
    });
    await allow('hub', { process: true });
    await process('hub');
    await lab.core.client.call('settings.update', { leaveProcess: false });
    await expect(process('hub')).rejects.toMatchObject({
      code: 'HsmRefused',
      message: expect.stringContaining('keyhold settings set leave-process on'),
    });
    expect(lab.stsCalls()).toEqual(['GetSessionToken']);
  });

  it('are an hour of a session where the key signs by itself: the key never leaves', async () => {
    await allow('hub', { process: true });
    const got = await process('hub');
    const session = lab.aws.sessions.get(got.accessKeyId);
    expect(session).toMatchObject({ secretAccessKey: got.secretAccessKey, sessionToken: got.sessionToken });
    expect(session?.expiresAt).toBe(Date.parse(got.expiresAt));
    expect(Date.parse(got.expiresAt) - lab.clock.now()).toBeLessThanOrEqual(3_600_000);
    expect(lab.aws.callsOf('GetSessionToken')[0]?.parameters).toMatchObject({ DurationSeconds: '3600' });
  });

  it('are handed out again until a third of their life is left, and asked for once for many', async () => {
    await allow('hub', { process: true });
    const [first, second] = await Promise.all([process('hub'), process('hub')]);
    expect(first?.accessKeyId).toBe(second?.accessKeyId);
    await lab.pass(39 * MINUTE);
    expect((await process('hub')).accessKeyId).toBe(first?.accessKeyId);
    await lab.pass(2 * MINUTE);
    expect((await process('hub')).accessKeyId).not.toBe(first?.accessKeyId);
    expect(lab.stsCalls()).toEqual(['GetSessionToken', 'GetSessionToken']);
    // Both are outside, until each ends.
    expect((await list()).left).toHaveLength(2);
    await lab.pass(20 * MINUTE);
    expect((await list()).left).toHaveLength(1);
  });

  it('of a role are others than those that the door signs with, and last as long as the profile says', async () => {
    await allow('hop', { process: true });
    await lab.core.client.call('profile.update', { name: 'hop', leaveSeconds: 900 });
    expect(await lab.whoIs('hop')).toContain('assumed-role/hop');
    // Else it waits for the next code.
    await lab.pass(31_000);
    const got = await process('hop');
    expect(got.accessKeyId).not.toBe((await lab.session('hop')).accessKeyId);
    expect(lab.aws.callsOf('AssumeRole').map(({ parameters }) => parameters['DurationSeconds'])).toEqual([
      '3600',
      '900',
    ]);
    expect(lab.aws.sessions.get(got.accessKeyId)?.role?.role.name).toBe('hop');
  });

  it('are written down before they leave, with the way and the end, and no secret', async () => {
    await allow('hop', { process: true });
    const got = await process('hop');
    expect(await entries('session.leave')).toMatchObject([
      {
        target: 'hop',
        profile: 'hop',
        account: 'hub',
        decision: 'allowed',
        left: 'process',
        sessionKeyId: got.accessKeyId,
        assumedRole: expect.stringContaining('assumed-role/hop'),
        reason: `left the app (handed to a tool), until ${got.expiresAt}`,
      },
    ]);
    const log = JSON.stringify(await lab.core.client.call('audit.list', { limit: 100 })) + lab.core.logged.join();
    expect(log).not.toContain(got.secretAccessKey);
    expect(log).not.toContain(got.sessionToken);
    expect(await list()).toMatchObject({
      left: [
        { profile: 'hop', account: 'hub', ways: ['process'], accessKeyId: got.accessKeyId, expiresAt: got.expiresAt },
      ],
    });
    expect(lab.handed.every((bytes) => bytes.every((byte) => byte === 0))).toBe(true);
  });

  it('are handed out no more once they are revoked or the way is shut; what is outside stays on the list', async () => {
    await allow('hub', { process: true });
    const first = await process('hub');
    expect(await lab.core.client.call('session.revoke', { profile: 'hub' })).toEqual({ revoked: true });
    const second = await process('hub');
    expect(second.accessKeyId).not.toBe(first.accessKeyId);
    await allow('hub', { process: false });
    await expect(process('hub')).rejects.toMatchObject({ code: 'HsmRefused' });
    expect((await list()).left.map(({ accessKeyId }) => accessKeyId)).toEqual([first.accessKeyId, second.accessKeyId]);
    expect((await entries('profile.update')).map(({ reason }) => reason)).toEqual([
      'leave-process off',
      'leave-process on',
    ]);
    await allow('hub', { process: true });
    expect((await process('hub')).accessKeyId).not.toBe(second.accessKeyId);
    await lab.core.client.call('profile.remove', { name: 'hub' });
    expect((await list()).left).toEqual([]);
  });

  it('that were revoked at the last moment are not written down as if they left', async () => {
    await allow('hub', { process: true });
    await process('hub');
    const [left] = (await list()).left;
    await lab.core.client.call('session.revoke', { profile: 'hub' });
    const { ports } = lab.core.running.core;
    const again = letLeave(
      { session: lab.core.running.core.session(), ports, actor: 'cli' },
      { id: left?.id ?? '', way: 'process' },
    );
    await expect(again).rejects.toMatchObject({ code: 'Cancelled' });
    expect(await entries('session.leave')).toHaveLength(1);
  });

  it('outlive a restart of the daemon, sealed, and are refused with AWS’s words once for a while', async () => {
    await allow('hub', { process: true });
    const got = await process('hub');
    await lab.core.restart();
    await lab.core.unlock();
    expect((await process('hub')).accessKeyId).toBe(got.accessKeyId);
    await lab.core.client.call('session.revoke', { profile: 'hub' });
    lab.aws.fault({ action: 'GetSessionToken', kind: 'denied', times: 9 });
    for (let times = 0; times < 3; times++) {
      await expect(process('hub')).rejects.toMatchObject({ code: 'ServiceRefused' });
    }
    expect(lab.stsCalls()).toHaveLength(2);
  });

  it.each(['app', 'web'] as const)('are nothing for the %s', async (actor) => {
    await allow('hub', { process: true, container: true });
    const { publicKey } = await createReplyKey();
    const front = lab.core.as(actor);
    const refused = { code: 'Unauthorized', message: expect.stringContaining('at the command line alone') };
    await expect(front.call('leave.process', { profile: 'hub', replyKey: publicKey })).rejects.toMatchObject(refused);
    const lease = { profile: 'hub', expiresInSeconds: 60 };
    await expect(front.call('leave.container', lease)).rejects.toMatchObject(refused);
    expect(lab.stsCalls()).toEqual([]);
  });

  it('of a local account there are none', async () => {
    await lab.core.client.call('account.add', { name: 'lab', accountId: '999999999999', kind: 'local' });
    await expect(process('lab')).rejects.toMatchObject({
      code: 'Unsupported',
      message: expect.stringContaining('keyhold exec lab'),
    });
  });
});

describe('a lease of the container endpoint', () => {
  const lease = (more: { expiresInSeconds?: number } = { expiresInSeconds: 600 }) =>
    lab.core.client.call('leave.container', { profile: 'hub', label: 'terraform', ...more });
  const fetch = (given: { lease: { id: string }; token: string }, token = given.token) =>
    lab.core.running.core.containers.fetch(given.lease.id, token, signal);

  it('fetches what its profile allows with its token, and nothing without', async () => {
    await expect(lease()).rejects.toMatchObject({ code: 'HsmRefused' });
    await allow('hub', { container: true });
    const given = await lease();
    expect(given).toMatchObject({ lease: { profile: 'hub', label: 'terraform', fetches: 0 }, region: 'eu-central-1' });
    expect(given.endpointUrl).toBe(lab.aws.url);
    expect(given.url).toBe(`http://127.0.0.1:1/v1/credentials/${given.lease.id}`);
    const got = await fetch(given);
    expect(lab.aws.sessions.get(got.accessKeyId)).toMatchObject({
      secretAccessKey: Buffer.from(got.secret).toString(),
      sessionToken: Buffer.from(got.token).toString(),
    });
    const refused = { code: 'Unauthorized' };
    await expect(fetch(given, `${given.token}x`)).rejects.toMatchObject(refused);
    await expect(fetch(given, '')).rejects.toMatchObject(refused);
    await expect(fetch({ ...given, lease: { id: '0'.repeat(32) } })).rejects.toMatchObject(refused);
    expect(await list()).toMatchObject({
      left: [{ ways: ['container'] }],
      leases: [{ label: 'terraform', fetches: 1 }],
    });
    expect(await entries('session.leave')).toMatchObject([{ left: 'container', client: 'terraform' }]);
    expect(lab.stsCalls()).toEqual(['GetSessionToken']);
  });

  it('ends with its time, with the profile’s permission, by being revoked, and with the connection it was made for', async () => {
    await allow('hub', { container: true });
    const refused = { code: 'Unauthorized' };
    const timed = await lease();
    await lab.pass(10 * MINUTE);
    await expect(fetch(timed)).rejects.toMatchObject(refused);
    const shut = await lease();
    await allow('hub', { container: false });
    await allow('hub', { container: true });
    await expect(fetch(shut)).rejects.toMatchObject(refused);
    const revoked = await lease();
    await lab.core.client.call('session.revoke', { profile: 'hub' });
    await expect(fetch(revoked)).rejects.toMatchObject(refused);
    const connection = new AbortController();
    let empty = 0;
    lab.core.running.core.containers.onEmpty = () => {
      empty += 1;
    };
    await lab.core.running.call('leave.container', { profile: 'hub' }, 'cli', connection.signal);
    expect((await list()).leases).toHaveLength(1);
    connection.abort();
    expect([(await list()).leases, empty]).toEqual([[], 1]);
    await expect(lease({})).rejects.toMatchObject({ code: 'InvalidInput' });
  });

  it('is worth nothing while the vault is locked, and goes on after it', async () => {
    await allow('hub', { container: true });
    const given = await lease();
    await lab.core.client.call('vault.lock', {});
    await expect(fetch(given)).rejects.toMatchObject({ code: 'Locked' });
    await lab.core.unlock();
    expect((await fetch(given)).accessKeyId).toMatch(/^ASIA/);
  });
});
