import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { KeyholdError } from '../../../src/contract/errors.ts';
import { openPanicLab, type PanicLab } from '../../support/panic-lab.ts';

const MINUTE = 60_000;
let lab: PanicLab;
beforeEach(async () => {
  lab = await openPanicLab();
});
afterEach(() => lab.close());

const call: PanicLab['core']['client']['call'] = (...args) => lab.core.client.call(...args);

describe('a panic is taken back', () => {
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
    await lab.core.addClient({ name: 'terraform', profile: 'alice' });
    lab.clock.advance(MINUTE);
    // And once more, where nobody is left who could.
    await lab.start({ keepUnlocked: true });
    const stuck = await call('panic.undo', {});
    expect(stuck).toMatchObject({ state: 'open', clients: 1, back: { keys: 0, clients: 1 } });
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

  test('a key that was off, was made active in between and switched off by a second one, is active again', async () => {
    const dead = await lab.admit('dead');
    const bob = await lab.admit('bob');
    dead.status = 'Inactive';
    await lab.start({ keepUnlocked: true });
    expect(await call('panic.undo', {})).toMatchObject({ state: 'open' });
    dead.status = 'Active';
    await lab.start({ keepUnlocked: true });
    expect(dead.status).toBe('Inactive');
    bob.status = 'Active';
    expect(await call('panic.undo', {})).toMatchObject({ state: 'undone' });
    expect([dead.status, bob.status]).toEqual(['Active', 'Active']);
  });

  test('also what failed, and nothing while AWS cannot be reached', async () => {
    const key = await lab.admit('alice', { deny: ['iam:*Policy'] });
    const admin = await lab.admit('admin', { deny: ['iam:PutUserPolicy'] });
    lab.aws.fault({ action: 'UpdateAccessKey', kind: 'lost', times: Number.POSITIVE_INFINITY });
    const report = await lab.start({ keys: ['alice'], keepUnlocked: true });
    // It was done, though no answer has come.
    expect(key.status).toBe('Inactive');
    expect(report.steps.map(({ act, state }) => `${act} ${state}`)).toEqual(['deactivate failed', 'denyUser failed']);
    await lab.aws.offline();
    const away = await call('panic.undo', {});
    expect(away.state).toBe('open');
    expect(away.steps.map(({ state }) => state)).toEqual(['failed', 'failed']);
    expect(away.steps[0]?.message).toContain('could not be reached');
    // What is wanted back is not to be switched off by hand.
    expect(away.next[0]).toContain('keyhold panic undo');
    expect(away.next[1]).toContain(`Look in the IAM console whether ${key.accessKeyId} of hub is active`);
    expect(away.next.join('\n')).not.toMatch(/^Make AKIA/m);
    lab.aws.clearFaults();
    await lab.aws.online();
    expect(await call('panic.undo', {})).toMatchObject({ state: 'undone' });
    expect([key.status, admin.status]).toEqual(['Active', 'Active']);
    expect((await call('key.list', {})).keys.map(({ status }) => status)).toEqual(['active', 'active']);
  });

  test('but not what a person has switched off because the panic could not', async () => {
    const key = await lab.admit('alice', { deny: ['iam:UpdateAccessKey'] });
    await lab.admit('admin', { deny: ['iam:UpdateAccessKey'] });
    const { steps } = await lab.start({ keys: ['alice'], keepUnlocked: true });
    expect(steps.find(({ act }) => act === 'deactivate')).toMatchObject({ state: 'failed' });
    key.status = 'Inactive';
    for (const user of lab.aws.users.values()) user.deny = [];
    expect(await call('panic.undo', {})).toMatchObject({ state: 'undone' });
    expect(key.status).toBe('Inactive');
    expect(lab.aws.users.get('alice')?.policies.size).toBe(0);
  });

  test('and a key that switched itself off without an answer, so that the next one said it was off', async () => {
    const key = await lab.admit('alice');
    const admin = await lab.admit('admin', { deny: ['iam:UpdateAccessKey'] });
    lab.aws.fault({ action: 'UpdateAccessKey', kind: 'lost', from: 2 });
    const report = await lab.start({ keys: ['alice'], keepUnlocked: true });
    expect(report).toMatchObject({ complete: true });
    expect(lab.aws.callsOf('UpdateAccessKey').map(({ arn, outcome }) => [arn?.replace(/.*\//, ''), outcome])).toEqual([
      ['admin', 'AccessDenied'],
      ['alice', 'ok'],
      [undefined, 'InvalidClientTokenId'],
    ]);
    for (const user of lab.aws.users.values()) user.deny = [];
    expect(await call('panic.undo', {})).toMatchObject({ state: 'undone' });
    expect([key.status, admin.status]).toEqual(['Active', 'Active']);
  });

  test('but no key is taken for active that AWS said nothing about', async () => {
    const alice = await lab.admit('alice');
    await lab.start({ keepUnlocked: true });
    // A hotel's network answers in the place of AWS.
    const spy = vi
      .spyOn(lab.core.running.core.shell.awsIam, 'whoAmI')
      .mockRejectedValue(new KeyholdError('ServiceRefused', 'Log in.', { name: 'HTTP 403', status: 403 }));
    const report = await call('panic.undo', {});
    expect(report.state).toBe('open');
    const step = report.steps.find(({ target }) => target === alice.accessKeyId);
    expect(step).toMatchObject({ state: 'done', message: expect.stringContaining('could not be asked') });
    expect((await call('key.list', {})).keys.map(({ status }) => status)).toEqual(['disabled']);
    spy.mockRestore();
    alice.status = 'Active';
    expect(await call('panic.undo', {})).toMatchObject({ state: 'undone' });
  });

  test('or left open: nothing is rotated by itself until then, and nothing that was under way goes on', async () => {
    await lab.admit('alice');
    await lab.admit('bob');
    await call('rotation.setMaxAge', { target: { kind: 'key', name: 'bob' }, maxAgeDays: 1 });
    await call('rotation.schedule', { target: { kind: 'key', name: 'bob' }, schedule: { auto: 'rotate' } });
    await call('rotation.start', { key: 'alice' });
    await lab.start({ keys: ['alice'], keepUnlocked: true });
    const asked = lab.aws.calls.length;
    lab.clock.advance(2 * 24 * 60 * MINUTE);
    const { rotations } = lab.core.running.core;
    await rotations.wake();
    expect(lab.aws.calls.length).toBe(asked);
    // Both keys of the rotation that was under way are off.
    const keys = [...lab.aws.keys.values()].filter(({ userName, deleted }) => userName === 'alice' && !deleted);
    expect(keys.map(({ status }) => status).filter((status) => status !== 'Inactive')).toEqual([]);
    await call('panic.close', {});
    await rotations.wake();
    const begun = (await call('rotation.list', {})).rotations;
    expect(begun.find(({ key }) => key === 'bob')?.evidence.length).toBeGreaterThan(0);
    expect(begun.find(({ key }) => key === 'alice')?.state).not.toBe('done');
  });

  test('nor goes on what was begun together, one after the other', async () => {
    for (const name of ['alice', 'bob', 'carol']) await lab.admit(name);
    for (const key of ['alice', 'bob']) await call('rotation.start', { key, quarantineSeconds: 3600 });
    const { rotations } = lab.core.running.core;
    const session = lab.core.running.core.session();
    await rotations.rest(session);
    const found = session.things.all('rotation');
    expect(found.length).toBe(2);
    lab.aws.calls.splice(0);
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const reached = new Promise<void>((resolve) => {
      lab.aws.onCall = () => {
        resolve();
        return held;
      };
    });
    const done = rotations.goOneByOne({ core: lab.core.running.core, actor: 'daemon' }, found);
    await reached;
    await lab.start({ keys: ['carol'], keepUnlocked: true, now: true });
    lab.aws.onCall = null;
    release();
    await done;
    const users = lab.aws.calls.map(({ arn }) => arn?.replace(/.*\//, ''));
    expect(new Set(users).size).toBe(1);
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
