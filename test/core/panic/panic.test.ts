import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { inWords, openPanicLab, type PanicLab } from '../../support/panic-lab.ts';
import { decide } from '../../support/strict-aws/decide.ts';
import type { StrictSession } from '../../support/strict-aws/state.ts';

let lab: PanicLab;
beforeEach(async () => {
  lab = await openPanicLab();
});
afterEach(() => lab.close());

const call: PanicLab['core']['client']['call'] = (...args) => lab.core.client.call(...args);
const MINUTE = 60_000;

/** What AWS would say to a session, now. */
async function mayStill(session: StrictSession): Promise<boolean> {
  const principal = session.role?.role ?? lab.aws.users.get(session.userName ?? '');
  if (principal === undefined) throw new Error('a session is a user’s or a role’s');
  const question = {
    principal,
    action: 's3:ListBucket',
    resource: '*',
    issuedAt: session.issuedAt,
    mfaAt: session.mfaAt,
  };
  return (await decide(question, lab.aws)) === 'allowed';
}
const newest = (): StrictSession => {
  const session = [...lab.aws.sessions.values()].at(-1);
  if (session === undefined) throw new Error('there is no session');
  return session;
};

describe('a panic', () => {
  test('switches everything off, the key that does it last, refuses older sessions, and locks', async () => {
    const alice = await lab.admit('alice');
    const bob = await lab.admit('bob');
    const arn = await lab.addRole('deploy', 'alice');
    await lab.use('deploy');
    const older = newest();
    expect(await mayStill(older)).toBe(true);
    const client = await lab.core.addClient({ name: 'terraform', profile: 'alice' });
    lab.clock.advance(MINUTE);
    const report = await lab.start();
    expect(report).toMatchObject({ state: 'open', complete: true, clients: 1, sessions: ['deploy'] });
    expect(report.keys.sort()).toEqual(['alice', 'bob']);
    expect(report.steps.map(inWords).sort()).toEqual(
      [
        'denyRole deploy done',
        'denyUser alice done',
        'denyUser bob done',
        `deactivate ${alice.accessKeyId} done`,
        `deactivate ${bob.accessKeyId} done`,
      ].sort(),
    );
    expect([alice.status, bob.status]).toEqual(['Inactive', 'Inactive']);
    expect(lab.aws.calls.filter(({ outcome }) => outcome !== 'ok')).toEqual([]);
    expect(await mayStill(older)).toBe(false);
    expect(lab.aws.roles.get(arn)?.policies.size).toBe(1);
    // One that AWS gives out afterwards is not met.
    lab.clock.advance(3 * MINUTE);
    expect(await mayStill({ ...older, issuedAt: lab.clock.now() })).toBe(true);
    expect((await call('status.get', {})).state).toBe('locked');
    await lab.core.unlock();
    const { keys } = await call('key.list', {});
    expect(keys.map(({ status }) => status)).toEqual(['disabled', 'disabled']);
    expect((await call('client.list', {})).clients).toMatchObject([{ name: client.client.name, enabled: false }]);
    await expect(lab.use('deploy')).rejects.toMatchObject({ code: 'HsmRefused' });
    const kept = (await call('panic.status', {})).report;
    expect(kept).toEqual(report);
    const { entries } = await call('audit.list', { text: 'panic' });
    expect(entries.map(({ event }) => event.action).sort()).toEqual(
      [
        'panic.deactivate',
        'panic.deactivate',
        'panic.denyRole',
        'panic.denyUser',
        'panic.denyUser',
        'panic.start',
      ].sort(),
    );
  });

  test('of one key leaves the others alone, but no client and no session', async () => {
    const alice = await lab.admit('alice');
    const bob = await lab.admit('bob');
    const report = await lab.start({ keys: ['bob'], keepUnlocked: true });
    expect(report.keys).toEqual(['bob']);
    expect([alice.status, bob.status]).toEqual(['Active', 'Inactive']);
    expect((await call('status.get', {})).state).toBe('unlocked');
    await expect(call('panic.start', { keys: ['nobody'] })).rejects.toMatchObject({ code: 'NotFound' });
    expect((await call('status.get', {})).state).toBe('unlocked');
  });

  test('uses what IAM lets it: keys of others, a session that MFA proved, a code of the vault’s device', async () => {
    // Whoever has only this key may do nothing to it.
    await lab.admit('weak', { allow: ['s3:*'] });
    await lab.admit('careful', { mfa: true });
    await lab.admit('own', { deny: ['iam:PutUserPolicy'] });
    const report = await lab.start({ keepUnlocked: true });
    expect(report).toMatchObject({ complete: true });
    expect([...lab.aws.keys.values()].map(({ status }) => status)).toEqual(['Inactive', 'Inactive', 'Inactive']);
    expect(lab.aws.callsOf('GetSessionToken')).toMatchObject([{ outcome: 'ok' }]);
    for (const name of ['weak', 'careful', 'own']) expect(lab.aws.users.get(name)?.policies.size).toBe(1);
  });

  test('does what it may with a session from before, the refusal of which comes last', async () => {
    await lab.core.client.call('account.add', {
      name: 'far',
      accountId: '222222222222',
      kind: 'remote',
      endpointUrl: lab.aws.url,
    });
    await lab.admit('alice');
    const arn = await lab.addRole('remote', 'alice', 'far');
    await lab.use('remote');
    const report = await lab.start({ keepUnlocked: true });
    expect(report).toMatchObject({ complete: true });
    expect(lab.aws.callsOf('PutRolePolicy')).toMatchObject([
      { outcome: 'ok', arn: expect.stringContaining(':assumed-role/remote/') },
    ]);
    expect(lab.aws.roles.get(arn)?.policies.size).toBe(1);
    expect(await mayStill(newest())).toBe(false);
  });

  test('says what it may not do, whose keys are not here, and what to do instead', async () => {
    const key = await lab.admit('alice', { deny: ['iam:UpdateAccessKey', 'iam:PutRolePolicy'] });
    const stranger = lab.aws.addKey('alice');
    await lab.addRole('deploy', 'alice');
    const report = await lab.start({ keepUnlocked: true });
    expect(report.complete).toBe(false);
    expect(report.steps.map(inWords)).toEqual([
      'denyRole deploy failed',
      `deactivate ${key.accessKeyId} failed`,
      'denyUser alice done',
    ]);
    const next = report.next.join('\n');
    expect(next).toContain('keyhold panic resume');
    expect(next).toContain(`Make ${key.accessKeyId} of hub inactive in the IAM console (UpdateAccessKey: User: `);
    expect(next).toContain('choose the role, Revoke sessions');
    expect(next).toContain(`alice has another active key, ${stranger.accessKeyId}`);
    expect(key.status).toBe('Active');
    // Once it is allowed.
    const user = lab.aws.users.get('alice');
    if (user !== undefined) user.deny = [];
    expect(await call('panic.resume', {})).toMatchObject({ complete: true });
    expect(key.status).toBe('Inactive');
    await expect(call('panic.resume', {})).rejects.toMatchObject({ code: 'InvalidInput' });
  });

  test('takes a key that is off already as off, and leaves it so', async () => {
    const dead = await lab.admit('dead');
    dead.status = 'Inactive';
    const report = await lab.start({ keepUnlocked: true });
    expect(report).toMatchObject({ complete: true, steps: [{ act: 'deactivate', state: 'done' }] });
    expect(report.next.join(' ')).toContain('whose key dead is');
    expect(await call('panic.undo', {})).toMatchObject({ state: 'undone' });
    expect(dead.status).toBe('Inactive');
  });
});

describe('taken back', () => {
  test('as far as keys that still work can: the rest says what to do in the console', async () => {
    const alice = await lab.admit('alice');
    const admin = await lab.admit('admin');
    await lab.addRole('deploy', 'alice');
    await lab.start({ keys: ['alice'], keepUnlocked: true });
    expect(alice.status).toBe('Inactive');
    const undone = await call('panic.undo', {});
    expect(undone).toMatchObject({ state: 'undone' });
    expect([alice.status, admin.status]).toEqual(['Active', 'Active']);
    expect(lab.aws.users.get('alice')?.policies.size).toBe(0);
    expect([...lab.aws.roles.values()].map(({ policies }) => policies.size)).toEqual([0]);
    await lab.use('deploy');
    lab.clock.advance(MINUTE);
    // And once more, where nobody is left who could.
    await lab.start({ keepUnlocked: true });
    const stuck = await call('panic.undo', {});
    expect(stuck.state).toBe('open');
    expect(stuck.steps.find(({ target }) => target === alice.accessKeyId)?.message).toContain('IAM console');
    expect((await call('key.list', {})).keys.map(({ status }) => status)).toEqual(['disabled', 'disabled']);
    admin.status = 'Active';
    expect(await call('panic.undo', {})).toMatchObject({ state: 'undone' });
    expect(alice.status).toBe('Active');
    expect((await call('key.list', {})).keys.map(({ status }) => status)).toEqual(['active', 'active']);
  });

  test('two of them at once, where one was made on top of the other', async () => {
    const alice = await lab.admit('alice');
    await lab.admit('admin');
    await lab.core.addClient({ name: 'terraform', profile: 'alice' });
    await lab.start({ keys: ['alice'], keepUnlocked: true });
    const again = await lab.start({ keys: ['alice'], keepUnlocked: true });
    expect(again).toMatchObject({ complete: true, clients: 1 });
    expect(await call('panic.undo', {})).toMatchObject({ state: 'undone' });
    expect(alice.status).toBe('Active');
    expect((await call('client.list', {})).clients).toMatchObject([{ enabled: true }]);
    await expect(call('panic.undo', {})).rejects.toMatchObject({ code: 'NotFound' });
  });

  test('or put away, with everything left as it is', async () => {
    const objects = async () => (await call('hsm.objects', {})).objects.length;
    const alice = await lab.admit('alice');
    const before = await objects();
    await lab.addRole('deploy', 'alice');
    await lab.use('deploy');
    await lab.start({ keepUnlocked: true });
    expect(await call('panic.close', {})).toMatchObject({ state: 'closed', sessions: [] });
    expect(alice.status).toBe('Inactive');
    expect(await objects()).toBe(before);
    await expect(call('panic.close', {})).rejects.toMatchObject({ code: 'NotFound' });
    expect((await call('panic.status', {})).report).toMatchObject({ state: 'closed' });
  });
});
