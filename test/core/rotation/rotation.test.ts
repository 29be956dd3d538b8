import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { remind } from '../../../src/core/rotation/remind.ts';
import { openRotationLab, type RotationLab } from '../../support/rotation-lab.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
let lab: RotationLab;

beforeAll(async () => {
  lab = await openRotationLab();
});
afterAll(() => lab.close());

const call: RotationLab['core']['client']['call'] = (...args) => lab.core.client.call(...args);
const steps = (rotation: { evidence: { step: string }[] }) => rotation.evidence.map(({ step }) => step);
const objects = async () => (await call('hsm.objects', {})).objects.length;

describe('a rotation', () => {
  test('without quarantine ends with another key, which everything uses', async () => {
    const patient = await lab.admit('plain');
    const before = await objects();
    const begun = await lab.start('plain');
    expect(begun).toMatchObject({ state: 'running', step: 'preflight', canRollBack: true });
    const done = await lab.settled('plain');
    expect(done).toMatchObject({ state: 'done', user: 'plain', oldAccessKeyId: patient.first.accessKeyId });
    expect(steps(done)).toEqual(['preflight', 'create', 'create', 'verify', 'switch', 'retire', 'watch', 'delete']);
    expect(await lab.check(patient)).toEqual({ present: done.newAccessKeyId, surplus: [] });
    expect(done.newAccessKeyId).not.toBe(patient.first.accessKeyId);
    expect(await objects()).toBe(before);
    const { keys } = await call('key.list', {});
    const key = keys.find(({ name }) => name === 'plain');
    expect(key).toMatchObject({ accessKeyId: done.newAccessKeyId, profiles: ['plain'], status: 'active' });
    expect(Math.abs(Date.parse(key?.issuedAt ?? '') - lab.clock.now())).toBeLessThan(HOUR);
    await expect(call('rotation.rollback', { key: 'plain' })).rejects.toMatchObject({ code: 'NotFound' });
    // And once more, from there.
    await lab.start('plain');
    expect(await lab.settled('plain')).toMatchObject({ state: 'done', oldAccessKeyId: done.newAccessKeyId });
  });

  test('keeps the old key for its quarantine, switched off, and then deletes it by itself', async () => {
    const patient = await lab.admit('watched');
    await lab.start('watched', { quarantineSeconds: 86_400 });
    const watched = await lab.settled('watched');
    expect(watched).toMatchObject({ state: 'quarantine', step: 'watch', canRollBack: true });
    expect(patient.first.status).toBe('Inactive');
    expect((await lab.check(patient)).surplus).toEqual([patient.first.accessKeyId]);
    await lab.pass(DAY - HOUR);
    expect(await lab.settled('watched')).toMatchObject({ state: 'quarantine' });
    await lab.pass(2 * HOUR);
    expect(await lab.settled('watched')).toMatchObject({ state: 'done' });
    expect(await lab.check(patient)).toMatchObject({ surplus: [] });
  });

  test('is taken back from its quarantine', async () => {
    const patient = await lab.admit('back');
    const before = await objects();
    await lab.start('back', { quarantineSeconds: 86_400 });
    await lab.settled('back');
    await call('rotation.rollback', { key: 'back' });
    const back = await lab.settled('back');
    expect(back).toMatchObject({ state: 'rolledBack', canRollBack: false });
    expect(await lab.check(patient)).toEqual({ present: patient.first.accessKeyId, surplus: [] });
    expect(await objects()).toBe(before);
  });

  test('waits for IAM to have the new key, wherever that takes time', async () => {
    const patient = await lab.admit('late');
    patient.aws.lag = { newKeys: { calls: 6 }, listing: { calls: 2 }, changes: { calls: 2 } };
    await lab.start('late');
    expect(await lab.settled('late')).toMatchObject({ state: 'done' });
    expect((await lab.check(patient)).surplus).toEqual([]);
  });

  test('goes on trying a new key that does not come, with the old one in use', async () => {
    const patient = await lab.admit('slow');
    patient.aws.lag = { newKeys: { milliseconds: 10 * 60_000 } };
    await lab.start('slow');
    expect(await lab.settled('slow')).toMatchObject({ state: 'waiting', halt: 'unverified', step: 'verify' });
    expect((await lab.check(patient)).present).toBe(patient.first.accessKeyId);
    await lab.pass(11 * 60_000);
    expect(await lab.settled('slow')).toMatchObject({ state: 'done' });
  });

  test('signs in with a code of the vault where the user may do nothing without MFA', async () => {
    const patient = await lab.admit('guarded', { mfa: true });
    const plan = await call('rotation.plan', { key: 'guarded' });
    expect(plan).toMatchObject({ mfaSerial: 'arn:aws:iam::123456789012:mfa/guarded', blockers: [] });
    expect(patient.aws.callsOf('GetSessionToken')).toEqual([]);
    await lab.start('guarded');
    expect(await lab.settled('guarded')).toMatchObject({ state: 'done' });
    expect(patient.aws.callsOf('GetSessionToken')).toHaveLength(1);
    expect((await lab.check(patient)).surplus).toEqual([]);
  });

  test('takes another code where the answer to the first was lost', async () => {
    const patient = await lab.admit('unlucky', { mfa: true });
    patient.aws.fault({ action: 'GetSessionToken', kind: 'lost' });
    await lab.start('unlucky');
    expect(await lab.settled('unlucky')).toMatchObject({ state: 'done' });
    const codes = patient.aws.callsOf('GetSessionToken').map(({ parameters }) => parameters['TokenCode']);
    expect(codes).toHaveLength(2);
    expect(new Set(codes).size).toBe(2);
  });

  test('deletes the key that AWS made when its answer was lost, and names it', async () => {
    const patient = await lab.admit('lost');
    patient.aws.lag = { listing: { calls: 1 } };
    patient.aws.fault({ action: 'CreateAccessKey', kind: 'lost' });
    await lab.start('lost');
    const waits = await lab.settled('lost');
    expect(waits).toMatchObject({ state: 'waiting', halt: 'inDoubt', needs: 'confirm', step: 'create' });
    expect(patient.aws.callsOf('DeleteAccessKey')).toEqual([]);
    // By itself, once AWS would have told of a use.
    for (let hours = 0; hours < 5; hours += 1) await lab.pass(HOUR);
    const done = await lab.settled('lost');
    expect(done.state).toBe('done');
    const made = [...patient.aws.keys.values()].filter(({ userName }) => userName === 'lost');
    expect(made).toHaveLength(3);
    const orphan = made.find(
      ({ accessKeyId }) => accessKeyId !== done.oldAccessKeyId && accessKeyId !== done.newAccessKeyId,
    );
    expect(orphan).toMatchObject({ deleted: true, lastUsed: undefined });
    expect(JSON.stringify(done.evidence)).toContain(`${orphan?.accessKeyId} was made and its secret never arrived`);
  });

  test('leaves a key in doubt to who switches it on again, and takes a person’s word that it is nobody’s', async () => {
    const patient = await lab.admit('doubted');
    patient.aws.fault({ action: 'CreateAccessKey', kind: 'lost' });
    await lab.start('doubted');
    await lab.settled('doubted');
    const orphan = [...patient.aws.keys.values()].find(
      (one) => one.userName === 'doubted' && one.accessKeyId !== patient.first.accessKeyId,
    );
    expect(orphan).toMatchObject({ status: 'Inactive', deleted: false });
    if (orphan !== undefined) orphan.status = 'Active';
    await call('rotation.confirm', { key: 'doubted' });
    expect(await lab.settled('doubted')).toMatchObject({ state: 'waiting', halt: 'changed' });
    expect(orphan?.deleted).toBe(false);
    if (orphan !== undefined) orphan.status = 'Inactive';
    await call('rotation.resume', { key: 'doubted' });
    expect(await lab.settled('doubted')).toMatchObject({ state: 'done' });
    expect(orphan?.deleted).toBe(true);
  });
});

test('a key is due by its own maximum age, or its account’s, and that is said', async () => {
  await lab.admit('aged');
  const { keys } = await call('key.list', {});
  const { account = '', createdAt = '' } = keys.find(({ name }) => name === 'aged') ?? {};
  const after = (days: number) => new Date(Date.parse(createdAt) + days * DAY).toISOString();
  const aged = async () => (await call('key.list', {})).keys.find(({ name }) => name === 'aged');
  const setMaxAge = (kind: 'key' | 'account', name: string, maxAgeDays: number | null) =>
    call('rotation.setMaxAge', { target: { kind, name }, maxAgeDays });
  expect(await aged()).not.toHaveProperty('dueAt');
  await setMaxAge('account', account, 90);
  expect(await aged()).toMatchObject({ dueAt: after(90) });
  await setMaxAge('key', 'aged', 1);
  expect(await aged()).toMatchObject({ maxAgeDays: 1, dueAt: after(1) });
  const { core } = lab.core.running;
  const said = () => lab.core.events.flatMap((event) => (event.type === 'notice' ? [event.message] : []));
  await remind(core.session(), core.ports);
  expect(said().join()).not.toContain('aged');
  lab.clock.advance(2 * DAY);
  await remind(core.session(), core.ports);
  expect(said().at(-1)).toBe('aged is older than it may be. Rotate with: keyhold rotate --due');
  await setMaxAge('key', 'aged', null);
  await setMaxAge('account', account, null);
  expect(await aged()).not.toHaveProperty('dueAt');
});

describe('what is in the way', () => {
  test('two keys: both are named, with their last use, and none is touched', async () => {
    const patient = await lab.admit('full');
    const other = patient.aws.addKey('full');
    const { blockers } = await call('rotation.plan', { key: 'full' });
    expect(blockers).toMatchObject([{ halt: 'quota' }]);
    await lab.start('full');
    const refused = await lab.settled('full');
    expect(refused).toMatchObject({ state: 'refused', canRollBack: false });
    expect(refused.message).toContain(patient.first.accessKeyId);
    expect(refused.message).toContain(`${other.accessKeyId} (active, never used)`);
    expect(refused.message).toContain(`${other.accessKeyId} looks unused`);
    expect(lab.keysOf(patient)).toHaveLength(2);
    expect(patient.aws.callsOf('DeleteAccessKey')).toEqual([]);
  });

  test('a missing permission is named before anything is made', async () => {
    const patient = await lab.admit('weak');
    const user = patient.aws.users.get('weak');
    if (user !== undefined) user.deny = ['iam:DeleteAccessKey'];
    await lab.start('weak');
    const refused = await lab.settled('weak');
    expect(refused.state).toBe('refused');
    expect(refused.message).toContain('weak may not do iam:DeleteAccessKey');
    expect(patient.aws.callsOf('CreateAccessKey')).toEqual([]);
  });

  test('a permission that goes missing on the way leaves both keys, and the rotation goes on once it is back', async () => {
    const patient = await lab.admit('later');
    const user = patient.aws.users.get('later');
    if (user === undefined) throw new Error('no user');
    user.deny = ['iam:SimulatePrincipalPolicy', 'iam:DeleteAccessKey'];
    await lab.start('later');
    const waits = await lab.settled('later');
    expect(waits).toMatchObject({ state: 'waiting', halt: 'permission', needs: 'resume', step: 'delete' });
    expect(waits.message).toContain('iam:DeleteAccessKey');
    expect((await lab.check(patient)).surplus).toEqual([patient.first.accessKeyId]);
    user.deny = [];
    await call('rotation.resume', { key: 'later' });
    expect(await lab.settled('later')).toMatchObject({ state: 'done' });
  });

  test('a key that is used elsewhere is not switched off without a word', async () => {
    const patient = await lab.admit('shared');
    await lab.pass(DAY);
    patient.first.lastUsed = { at: lab.clock.now() - HOUR, service: 's3', region: 'us-east-1' };
    const seen = freeze(patient.first);
    const { notes } = await call('rotation.plan', { key: 'shared' });
    expect(notes.join(' ')).toContain('not by this vault');
    await lab.start('shared', { quarantineSeconds: 3600 });
    const waits = await lab.settled('shared');
    expect(waits).toMatchObject({ state: 'waiting', halt: 'usedElsewhere', needs: 'confirm', step: 'retire' });
    expect(patient.first.status).toBe('Active');
    await expect(call('rotation.resume', { key: 'shared' })).rejects.toMatchObject({ code: 'InUse' });
    await call('rotation.confirm', { key: 'shared' });
    expect(await lab.settled('shared')).toMatchObject({ state: 'quarantine' });
    // AWS tells of a use since the switch, late.
    await lab.pass(20 * 60_000);
    seen.at = lab.clock.now();
    await lab.pass(2 * HOUR);
    const again = await lab.settled('shared');
    expect(again).toMatchObject({ state: 'waiting', halt: 'usedElsewhere', step: 'watch' });
    expect(again.message).toContain('roll back');
    await call('rotation.rollback', { key: 'shared' });
    expect(await lab.settled('shared')).toMatchObject({ state: 'rolledBack' });
    expect(patient.first.status).toBe('Active');
  });

  test('where AWS does not tell of uses, a person has to say so', async () => {
    const patient = await lab.admit('blind');
    const user = patient.aws.users.get('blind');
    if (user !== undefined) user.deny = ['iam:GetAccessKeyLastUsed', 'iam:SimulatePrincipalPolicy'];
    await lab.start('blind');
    expect(await lab.settled('blind')).toMatchObject({ state: 'waiting', halt: 'unwatched', needs: 'confirm' });
    await call('rotation.confirm', { key: 'blind' });
    // Switched off can be undone; deleted is asked for once more.
    const again = await lab.settled('blind');
    expect(again).toMatchObject({ state: 'waiting', halt: 'unwatched', message: expect.stringContaining('delete') });
    await lab.pass(1000);
    await call('rotation.confirm', { key: 'blind' });
    expect(await lab.settled('blind')).toMatchObject({ state: 'done' });
  });

  test('a key that is disabled in the vault meanwhile signs nothing more', async () => {
    const patient = await lab.admit('stopped');
    await lab.start('stopped', { quarantineSeconds: 3600 });
    await lab.settled('stopped');
    await call('key.update', { name: 'stopped', status: 'disabled' });
    await lab.pass(2 * 3_600_000);
    expect(await lab.settled('stopped')).toMatchObject({
      halt: 'changed',
      message: expect.stringContaining('disabled'),
    });
    expect(patient.aws.callsOf('DeleteAccessKey')).toEqual([]);
    await call('key.update', { name: 'stopped', status: 'active' });
    await call('rotation.resume', { key: 'stopped' });
    expect(await lab.settled('stopped')).toMatchObject({ state: 'done' });
  });

  test('what was begun offline waits, and asks once AWS can be reached', async () => {
    const patient = await lab.admit('offline');
    await patient.aws.offline();
    await lab.start('offline');
    const waits = await lab.settled('offline');
    expect(waits).toMatchObject({ state: 'planned', halt: 'network', step: 'preflight' });
    expect(waits.retryAt).toBeDefined();
    await lab.pass(20 * 60_000);
    await patient.aws.online();
    await lab.pass(20 * 60_000);
    expect(await lab.settled('offline')).toMatchObject({ halt: 'begunOffline', needs: 'confirm' });
    expect(patient.aws.callsOf('CreateAccessKey')).toEqual([]);
    await call('rotation.confirm', { key: 'offline' });
    expect(await lab.settled('offline')).toMatchObject({ state: 'done' });
  });

  test('a key that another vault makes at the wrong moment is left alone', async () => {
    const patient = await lab.admit('twins');
    patient.aws.fault({ action: 'CreateAccessKey', kind: 'cut' });
    patient.aws.onCall = ({ action, nth }) => {
      if (action !== 'CreateAccessKey' || nth !== 1) return;
      const theirs = patient.aws.addKey('twins');
      theirs.lastUsed = { at: lab.clock.now(), service: 'sts', region: 'us-east-1' };
    };
    await lab.start('twins');
    const waits = await lab.settled('twins');
    expect(waits).toMatchObject({ state: 'waiting', halt: 'changed', step: 'create' });
    expect(waits.message).toContain('may be another machine’s');
    expect(lab.keysOf(patient)).toHaveLength(2);
    expect(patient.aws.callsOf('DeleteAccessKey')).toEqual([]);
    await call('rotation.rollback', { key: 'twins' });
    expect(await lab.settled('twins')).toMatchObject({ halt: 'changed', step: 'discard' });
    expect(lab.keysOf(patient)).toHaveLength(2);
  });

  test('an old key that somebody makes active again is not deleted', async () => {
    const patient = await lab.admit('revived');
    await lab.start('revived', { quarantineSeconds: 3600 });
    await lab.settled('revived');
    patient.first.status = 'Active';
    await lab.pass(2 * HOUR);
    const waits = await lab.settled('revived');
    expect(waits).toMatchObject({ state: 'waiting', halt: 'usedElsewhere', needs: 'confirm', step: 'watch' });
    expect(waits.message).toContain('was made active again in IAM');
    await call('rotation.confirm', { key: 'revived' });
    expect(await lab.settled('revived')).toMatchObject({ state: 'done' });
  });

  test('nothing is deleted while the new key is switched off upstream', async () => {
    const patient = await lab.admit('meddled');
    await lab.start('meddled', { quarantineSeconds: 3600 });
    const { newAccessKeyId = '' } = await lab.settled('meddled');
    const fresh = patient.aws.keys.get(newAccessKeyId);
    if (fresh !== undefined) fresh.status = 'Inactive';
    await lab.pass(2 * HOUR);
    expect(await lab.settled('meddled')).toMatchObject({ state: 'waiting', halt: 'badKey' });
    expect(patient.first.deleted).toBe(false);
    if (fresh !== undefined) fresh.status = 'Active';
    await call('rotation.resume', { key: 'meddled' });
    expect(await lab.settled('meddled')).toMatchObject({ state: 'done' });
  });

  test('a key that is none of a user’s, disabled, temporary or being rotated', async () => {
    const patient = await lab.admit('busy');
    await lab.start('busy', { quarantineSeconds: 3600 });
    await lab.settled('busy');
    await expect(lab.start('busy')).rejects.toMatchObject({ code: 'InUse' });
    await call('profile.remove', { name: 'busy' });
    await expect(call('key.remove', { name: 'busy' })).rejects.toMatchObject({
      code: 'InUse',
      details: { dependents: [{ kind: 'rotation', name: 'busy' }] },
    });
    await call('key.remove', { name: 'busy', cascade: true });
    expect(lab.keysOf(patient)).toHaveLength(2);
    await lab.admit('off');
    await call('key.update', { name: 'off', status: 'disabled' });
    await expect(lab.start('off')).rejects.toMatchObject({ code: 'InvalidInput' });
    await expect(call('rotation.get', { key: 'off' })).rejects.toMatchObject({ code: 'NotFound' });
    const { first } = await lab.admit('pair');
    await call('account.add', { name: 'again', accountId: '123456789012', kind: 'remote' });
    await lab.core.importKey({ name: 'twin', account: 'again', accessKeyId: first.accessKeyId }, first.secretAccessKey);
    await expect(lab.start('pair')).rejects.toMatchObject({
      message: expect.stringContaining('twin is the same access key'),
    });
  });

  test('is not left out of sight while AWS is asked for a new key', async () => {
    const patient = await lab.admit('asking');
    let refused: unknown;
    patient.aws.onCall = ({ action }) => {
      if (action !== 'CreateAccessKey' || refused !== undefined) return;
      refused = call('key.remove', { name: 'asking', cascade: true }).catch((error: unknown) => error);
    };
    await lab.start('asking');
    expect(await lab.settled('asking')).toMatchObject({ state: 'done' });
    expect(await refused).toMatchObject({ code: 'InUse', message: expect.stringContaining('successor of asking') });
  });

  test('says of a key that an endpoint does not know nothing that it does not know either', async () => {
    const patient = await lab.admit('renamed');
    await lab.start('renamed', { quarantineSeconds: 3600 });
    const { newAccessKeyId = '' } = await lab.settled('renamed');
    patient.aws.fault({
      action: 'DeleteAccessKey',
      kind: { status: 404, code: 'NoSuchEntity', message: 'The user with name renamed cannot be found.' },
    });
    await call('rotation.rollback', { key: 'renamed' });
    const waits = await lab.settled('renamed');
    expect(waits.state).not.toBe('rolledBack');
    expect(patient.aws.keys.get(newAccessKeyId)?.deleted).not.toBe(true);
    await call('rotation.resume', { key: 'renamed' });
    expect(await lab.settled('renamed')).toMatchObject({ state: 'rolledBack' });
    expect(patient.aws.keys.get(newAccessKeyId)?.deleted).toBe(true);
  });
});

/** A key whose last use is what the test says, whatever uses it. */
function freeze(key: { lastUsed: { at: number; service: string; region: string } | undefined }) {
  const seen = { at: key.lastUsed?.at ?? 0, service: 's3', region: 'us-east-1' };
  Object.defineProperty(key, 'lastUsed', { get: () => seen, set: () => undefined });
  return seen;
}
