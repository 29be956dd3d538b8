import { afterEach, beforeEach, expect, test } from 'vitest';
import { inWords, openPanicLab, type PanicLab } from '../../support/panic-lab.ts';
import type { StrictKey } from '../../support/strict-aws/state.ts';

let lab: PanicLab;
beforeEach(async () => {
  lab = await openPanicLab();
});
afterEach(() => lab.close());

const call: PanicLab['core']['client']['call'] = (...args) => lab.core.client.call(...args);

/** Another key of a user that there is, as `NAME two`. */
async function addSecondKey(user: string): Promise<StrictKey> {
  const key = lab.aws.addKey(user);
  await lab.core.importKey({ name: `${user} two`, account: 'hub', accessKeyId: key.accessKeyId }, key.secretAccessKey);
  return key;
}

test('what is kept with another key of the user is switched off with this one, and on again', async () => {
  const first = await lab.admit('alice');
  await lab.admit('admin');
  const second = await addSecondKey('alice');
  const password = await lab.addPassword('alice');
  const notHers = await lab.addPassword('admin');
  const report = await lab.start({ keys: ['alice two'], keepUnlocked: true });
  expect(report).toMatchObject({ complete: true });
  expect(report.steps.find(({ target }) => target === password.id)).toMatchObject({
    credential: 'alice git',
    key: 'alice two',
    state: 'done',
  });
  expect([password, second, first, notHers].map(({ status }) => status)).toEqual([
    'Inactive',
    'Inactive',
    'Active',
    'Active',
  ]);
  expect(await call('panic.undo', {})).toMatchObject({ state: 'undone' });
  expect([password.status, second.status]).toEqual(['Active', 'Active']);
});

test('the plan has it once AWS has told whose the keys are, and nobody need list it then', async () => {
  await lab.admit('alice');
  await lab.admit('admin');
  await addSecondKey('alice');
  const password = await lab.addPassword('alice');
  expect(await call('panic.plan', { keys: ['alice two'] })).toMatchObject({ credentials: [] });
  await lab.start({ keys: ['alice', 'alice two'], keepUnlocked: true });
  expect(await call('panic.undo', {})).toMatchObject({ state: 'undone' });
  expect(await call('panic.plan', { keys: ['alice two'] })).toMatchObject({ credentials: ['alice git'] });
  for (const user of lab.aws.users.values()) user.deny = ['iam:ListServiceSpecificCredentials'];
  expect(await lab.start({ keys: ['alice two'], keepUnlocked: true })).toMatchObject({ complete: true });
  expect(password.status).toBe('Inactive');
});

test('of two keys of one user it is one step, though AWS does not take the one that it is kept with', async () => {
  const first = await lab.admit('alice');
  const second = await addSecondKey('alice');
  const password = await lab.addPassword('alice');
  first.status = 'Inactive';
  const report = await lab.start({ keepUnlocked: true });
  expect(report).toMatchObject({ complete: true });
  expect(report.steps.filter(({ credential }) => credential !== undefined).map(inWords)).toEqual([
    `deactivatePassword ${password.id} done`,
  ]);
  expect([password.status, second.status]).toEqual(['Inactive', 'Inactive']);
});

test('an SSH key that only the listing of IAM shows to be the user’s gets its step before the last key is off', async () => {
  const first = await lab.admit('alice');
  const second = await addSecondKey('alice');
  const sshKey = await lab.addSshKey('alice');
  first.status = 'Inactive';
  const from = lab.aws.calls.length;
  // Dies before it is asked for: the step is written all the same.
  lab.onPoint = (what) => {
    if (what === 'before setSshKeyActive') throw new Error('it was killed');
  };
  await lab.start({ keys: ['alice two'] }).catch(() => undefined);
  await lab.core.restart();
  lab.onPoint = null;
  await lab.core.unlock();
  const { report } = await call('panic.status', {});
  expect(report).toMatchObject({ complete: false });
  expect(report?.steps.map(({ target }) => target)).toContain(sshKey.id);
  expect(await call('panic.resume', {})).toMatchObject({ complete: true });
  expect([sshKey.status, second.status]).toEqual(['Inactive', 'Inactive']);
  const done = lab.aws.calls.slice(from).filter(({ outcome }) => outcome === 'ok');
  expect(done.map(({ action }) => action).filter((action) => action.startsWith('Update'))).toEqual([
    'UpdateSSHPublicKey',
    'UpdateAccessKey',
  ]);
  expect((await call('panic.status', {})).report?.next.join('\n')).not.toContain(sshKey.id);
});

test('what was killed before IAM was asked says so, though every step is done, and goes on', async () => {
  await lab.admit('alice');
  await lab.admit('admin');
  const second = await addSecondKey('alice');
  const password = await lab.addPassword('alice');
  lab.onPoint = (what) => {
    if (what === 'before listAllCredentials') throw new Error('it was killed');
  };
  await lab.start({ keys: ['alice two'] }).catch(() => undefined);
  await lab.core.restart();
  lab.onPoint = null;
  await lab.core.unlock();
  const { report } = await call('panic.status', {});
  expect([second.status, password.status]).toEqual(['Inactive', 'Active']);
  expect(report?.next[0]).toContain('keyhold panic resume”: AWS was not asked yet what the users have');
  expect(await call('panic.resume', {})).toMatchObject({ complete: true });
  expect(password.status).toBe('Inactive');
  await expect(call('panic.resume', {})).rejects.toMatchObject({ code: 'InvalidInput' });
});

test('nothing that was made since with a key that was left out', async () => {
  await lab.admit('alice');
  await lab.admit('admin');
  await addSecondKey('alice');
  await lab.start({ keys: ['alice two'], keepUnlocked: true, now: true });
  lab.clock.advance(1000);
  const password = await lab.addPassword('alice');
  expect(await call('panic.resume', {})).toMatchObject({ complete: true });
  expect(password.status).toBe('Active');
});
