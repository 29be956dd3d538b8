import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createReplyKey } from '../../../src/client/seal.ts';
import { PASSWORD } from '../../support/hsm.ts';
import { inWords, openPanicLab, type PanicLab } from '../../support/panic-lab.ts';

const MINUTE = 60_000;
let lab: PanicLab;
beforeEach(async () => {
  lab = await openPanicLab();
});
afterEach(() => lab.close());

const call: PanicLab['core']['client']['call'] = (...args) => lab.core.client.call(...args);

describe('passwords and SSH keys of IAM users, in a panic', () => {
  test('are inactive before the key that they are kept with, and active again when it is taken back', async () => {
    const key = await lab.admit('alice');
    await lab.admit('admin');
    const password = await lab.addPassword('alice');
    const sshKey = await lab.addSshKey('alice');
    await call('credential.add', { type: 'smtp', name: 'mail', key: 'alice', region: 'eu-central-1' });
    expect(await call('panic.plan', { keys: ['alice'] })).toMatchObject({ credentials: ['alice git', 'alice ssh'] });
    expect(await call('panic.plan', { keys: ['admin'] })).toMatchObject({ credentials: [] });
    const from = lab.aws.calls.length;
    const report = await lab.start({ keys: ['alice'], keepUnlocked: true });
    expect(report).toMatchObject({ complete: true });
    expect([password.status, sshKey.status, key.status]).toEqual(['Inactive', 'Inactive', 'Inactive']);
    expect(report.steps.map(inWords).sort()).toEqual(
      [
        'denyUser alice done',
        `deactivate ${key.accessKeyId} done`,
        `deactivatePassword ${password.id} done`,
        `deactivateSshKey ${sshKey.id} done`,
      ].sort(),
    );
    expect(report.steps.find(({ target }) => target === sshKey.id)).toMatchObject({
      credential: 'alice ssh',
      key: 'alice',
    });
    const updates = lab.aws.calls.slice(from).map(({ action }) => action);
    expect(updates.filter((action) => action.startsWith('Update'))).toEqual([
      'UpdateServiceSpecificCredential',
      'UpdateSSHPublicKey',
      'UpdateAccessKey',
    ]);
    expect(report.next.join('\n')).not.toMatch(/password|SSH key/);
    const reply = await createReplyKey();
    const revealed = lab.core.client.callSealed('credential.reveal', async (seal) => ({
      name: 'mail',
      authorize: { factor: 'password', sealed: await seal('password', new TextEncoder().encode(PASSWORD)) },
      replyKey: reply.publicKey,
    }));
    await expect(revealed).rejects.toMatchObject({
      code: 'HsmRefused',
      message: expect.stringContaining('A panic is open'),
    });
    const { entries } = await call('audit.list', { text: 'panic' });
    expect(entries.map(({ event }) => event.action)).toContain('panic.deactivateSshKey');
    expect(await call('panic.undo', {})).toMatchObject({ state: 'undone' });
    expect([password.status, sshKey.status, key.status]).toEqual(['Active', 'Active', 'Active']);
  });

  test('stay off where they were off before, and what is gone needs nothing', async () => {
    await lab.admit('alice');
    await lab.admit('admin');
    const password = await lab.addPassword('alice');
    password.status = 'Inactive';
    const { steps } = await lab.start({ keys: ['alice'], keepUnlocked: true });
    expect(steps.find(({ target }) => target === password.id)).toMatchObject({
      state: 'done',
      message: 'It was inactive in IAM already.',
    });
    expect(lab.aws.callsOf('UpdateServiceSpecificCredential')).toEqual([]);
    expect(await call('panic.undo', {})).toMatchObject({ state: 'undone' });
    expect(password.status).toBe('Inactive');
    password.deleted = true;
    lab.clock.advance(MINUTE);
    const again = await lab.start({ keys: ['alice'], keepUnlocked: true });
    expect(again).toMatchObject({ complete: true });
    expect(again.steps.find(({ target }) => target === password.id)?.message).toContain('not in IAM any more');
  });

  test('are for the console where nobody may, and done once somebody may', async () => {
    const deny = ['iam:UpdateServiceSpecificCredential'];
    const key = await lab.admit('alice', { deny });
    await lab.admit('admin', { deny });
    const password = await lab.addPassword('alice');
    const report = await lab.start({ keys: ['alice'], keepUnlocked: true });
    expect(report.complete).toBe(false);
    expect([password.status, key.status]).toEqual(['Active', 'Inactive']);
    expect(report.next.join('\n')).toContain(`Make the password ${password.id} (alice git) of hub inactive`);
    for (const name of ['alice', 'admin']) {
      const user = lab.aws.users.get(name);
      if (user !== undefined) user.deny = [];
    }
    expect(await call('panic.resume', {})).toMatchObject({ complete: true });
    expect(password.status).toBe('Inactive');
    // Nobody may take it back: a person does, and the list says so.
    for (const name of ['alice', 'admin']) {
      const user = lab.aws.users.get(name);
      if (user !== undefined) user.deny = deny;
    }
    expect(await call('panic.undo', {})).toMatchObject({ state: 'open' });
    password.status = 'Active';
    expect(await call('panic.undo', {})).toMatchObject({ state: 'undone' });
  });

  test('of a user whose IAM wants MFA are switched off with the session that MFA proved', async () => {
    const key = await lab.admit('careful');
    const password = await lab.addPassword('careful');
    const device = lab.aws.addDevice('careful');
    const user = lab.aws.users.get('careful');
    if (user === undefined) throw new Error('there is no user');
    user.mfa = true;
    await lab.core.client.callSealed('totp.add', async (seal) => ({
      name: 'careful mfa',
      mfaSerial: device.serialNumber,
      seed: await seal('otp-seed', Uint8Array.from(device.seed)),
    }));
    expect(await lab.start({ keepUnlocked: true })).toMatchObject({ complete: true });
    expect([password.status, key.status]).toEqual(['Inactive', 'Inactive']);
    expect(lab.aws.callsOf('GetSessionToken')).toHaveLength(1);
  });

  test('are both switched off while one is being rotated', async () => {
    await lab.admit('alice');
    await lab.admit('admin');
    await lab.addPassword('alice');
    await call('rotation.start', { key: 'alice git', quarantineSeconds: 0 });
    await vi.waitUntil(
      async () => {
        lab.clock.advance(1000);
        return (await call('rotation.get', { key: 'alice git' })).halt === 'unwatched';
      },
      { timeout: 10_000, interval: 20 },
    );
    const statuses = (): string[] => [...lab.aws.credentials.values()].map(({ status }) => status);
    expect(statuses()).toEqual(['Active', 'Active']);
    expect(await lab.start({ keys: ['alice'], keepUnlocked: true })).toMatchObject({ complete: true });
    expect(statuses()).toEqual(['Inactive', 'Inactive']);
    expect(await call('panic.undo', {})).toMatchObject({ state: 'undone' });
    expect(statuses()).toEqual(['Active', 'Active']);
  });

  test('do not keep the keys waiting where no answer comes', async () => {
    const key = await lab.admit('alice');
    const password = await lab.addPassword('alice');
    lab.aws.fault({ action: 'UpdateServiceSpecificCredential', kind: 'lost', times: Number.POSITIVE_INFINITY });
    const report = await lab.start({ keepUnlocked: true });
    expect(key.status).toBe('Inactive');
    expect(report.steps.find(({ target }) => target === password.id)).toMatchObject({ state: 'failed' });
    lab.aws.clearFaults();
    // It was done all the same, so it is this panic's to take back.
    expect(password.status).toBe('Inactive');
    key.status = 'Active';
    expect(await call('panic.undo', {})).toMatchObject({ state: 'undone' });
    expect(password.status).toBe('Active');
  });
});
