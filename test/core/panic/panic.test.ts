import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { KeyholdError } from '../../../src/contract/errors.ts';
import { enrolSoftKey, finger } from '../../support/gate-keys.ts';
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
    // Whichever keys are chosen, no session is left.
    expect(await call('panic.plan', { keys: ['bob'] })).toMatchObject({
      keys: ['bob'],
      sessions: ['deploy'],
      roles: [],
    });
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
    // As a request of it finds out.
    const session = lab.core.running.core.session();
    const things = await session.need('panic', 'account');
    const [held] = things.all('panic')[0]?.value.sessions ?? [];
    if (held?.token === undefined) throw new Error('the session of deploy was kept for the panic');
    const signer = {
      session,
      account: things.must('account', held.account),
      region: 'eu-central-1',
      accessKeyId: held.accessKeyId,
      secret: session.objectRef(held.secret.id),
      token: session.objectRef(held.token.id),
    };
    const asked = lab.core.running.core.shell.awsIam.listAccessKeys(signer, 'alice');
    await expect(asked).rejects.toMatchObject({ details: { name: 'AccessDenied', action: 'ListAccessKeys' } });
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

  test('locks although the vault cannot be written, and says that nothing else was done', async () => {
    const key = await lab.admit('alice');
    const { vault } = lab.core.running.core.session();
    vault.transact = () => Promise.reject(new KeyholdError('DiskFull', 'The disk is full.'));
    await expect(lab.start()).rejects.toMatchObject({
      code: 'DiskFull',
      message: expect.stringMatching(
        /^The vault is locked, but AWS may not have been told everything. The disk is full./,
      ),
    });
    expect((await call('status.get', {})).state).toBe('locked');
    expect([key.status, lab.aws.calls]).toEqual(['Active', []]);
  });

  test('asks for the touches that keys want', async () => {
    const key = await lab.admit('gated');
    const hand = finger([await enrolSoftKey(lab.core, 'blue')]);
    lab.core.running.core.touch.use(hand.source);
    await call('gate.set', { target: { kind: 'key', name: 'gated' }, withinSeconds: 0, keys: 'any' });
    expect(await lab.start({ keepUnlocked: true })).toMatchObject({ complete: true });
    expect(key.status).toBe('Inactive');
    expect(JSON.stringify(hand.asked)).toContain('switch access keys off at AWS, in a panic');
  });

  test('does not wait for a touch that nobody gives with what wants none', async () => {
    const gated = await lab.admit('gated');
    const plain = await lab.admit('plain');
    const hand = finger([await enrolSoftKey(lab.core, 'blue')]);
    hand.does = 'nothing';
    lab.core.running.core.touch.use(hand.source);
    await call('gate.set', { target: { kind: 'key', name: 'gated' }, withinSeconds: 0, keys: 'any' });
    const started = lab.start();
    await vi.waitUntil(() => hand.asked.length > 0, { timeout: 5000 });
    expect([gated.status, plain.status]).toEqual(['Active', 'Inactive']);
    lab.clock.advance(31_000);
    const { steps, complete } = await started;
    expect(complete).toBe(false);
    expect(steps.map(inWords).sort()).toEqual(
      [`deactivate ${gated.accessKeyId} todo`, `deactivate ${plain.accessKeyId} done`, 'denyUser plain done'].sort(),
    );
    expect(steps.find(({ target }) => target === gated.accessKeyId)?.message).toContain('touch of a security key');
  });

  test('does not take a key for off that the AWS of another partition does not know', async () => {
    await call('account.add', { name: 'beijing', accountId: '333333333333', kind: 'remote' });
    await lab.core.importKey({ name: 'far', account: 'beijing', accessKeyId: 'AKIAIOSFODNN7EXAMPLE' }, 's'.repeat(40));
    const unknown = { name: 'InvalidClientTokenId', status: 403 };
    vi.spyOn(lab.core.running.core.shell.awsIam, 'whoAmI').mockRejectedValue(
      new KeyholdError('ServiceRefused', 'The security token included in the request is invalid.', unknown),
    );
    const { steps, complete } = await lab.start({ keepUnlocked: true });
    expect(complete).toBe(false);
    expect(steps.map(inWords)).toEqual(['deactivate AKIAIOSFODNN7EXAMPLE failed']);
    expect(steps[0]?.message).toContain('a profile with a region there');
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
