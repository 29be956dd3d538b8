import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openPanicLab, type PanicLab } from '../../support/panic-lab.ts';

let lab: PanicLab;
beforeEach(async () => {
  lab = await openPanicLab();
});
afterEach(() => lab.close());

const call: PanicLab['core']['client']['call'] = (...args) => lab.core.client.call(...args);

describe('a panic on top of one that was being taken back', () => {
  test('switches off what an undo without an answer has switched on', async () => {
    await lab.admit('alice');
    await lab.admit('admin');
    const password = await lab.addPassword('alice');
    await lab.start({ keys: ['alice'], keepUnlocked: true });
    lab.aws.fault({ action: 'UpdateServiceSpecificCredential', kind: 'lost', times: Number.POSITIVE_INFINITY });
    const undone = await call('panic.undo', {});
    expect(password.status).toBe('Active');
    expect(undone).toMatchObject({ state: 'open', complete: false });
    expect(undone.steps.find(({ target }) => target === password.id)).toMatchObject({ state: 'undoing' });
    expect(undone.next.join('\n')).toContain('undo');
    lab.aws.clearFaults();
    lab.clock.advance(60_000);
    expect(await lab.start({ keys: ['alice'], keepUnlocked: true })).toMatchObject({ complete: true });
    expect(password.status).toBe('Inactive');
    expect(await call('panic.undo', {})).toMatchObject({ state: 'undone' });
    expect(password.status).toBe('Active');
  });

  test('switches off again what a person has made active because the vault could not', async () => {
    const alice = await lab.admit('alice');
    await lab.admit('bob');
    await lab.start({ keepUnlocked: true });
    const undone = await call('panic.undo', {});
    expect(undone.steps.find(({ target }) => target === alice.accessKeyId)?.message).toContain(
      'do it in the IAM console',
    );
    alice.status = 'Active';
    lab.clock.advance(60_000);
    await lab.start({ keepUnlocked: true });
    expect(alice.status).toBe('Inactive');
  });
});

test('what AWS was asked for before a defect of ours is taken back, too', async () => {
  const alice = await lab.admit('alice');
  await lab.admit('admin');
  const { awsIam } = lab.core.running.core.shell;
  const setActive = awsIam.setActive.bind(awsIam);
  let broken = true;
  awsIam.setActive = async (...how) => {
    await setActive(...how);
    if (broken) throw new TypeError('a defect');
  };
  const report = await lab.start({ keys: ['alice'], keepUnlocked: true });
  expect(alice.status).toBe('Inactive');
  expect(report.steps.find(({ target }) => target === alice.accessKeyId)).toMatchObject({
    state: 'failed',
    message: expect.stringContaining('inside Keyhold'),
  });
  broken = false;
  expect(await call('panic.undo', {})).toMatchObject({ state: 'undone' });
  expect(alice.status).toBe('Active');
});

test('a listing that nobody may make points at what the report does not name, though the vault has it', async () => {
  await lab.admit('alice');
  const second = lab.aws.addKey('alice');
  await lab.core.importKey(
    { name: 'alice two', account: 'hub', accessKeyId: second.accessKeyId },
    second.secretAccessKey,
  );
  const password = await lab.addPassword('alice');
  const user = lab.aws.users.get('alice');
  if (user !== undefined) user.deny = ['iam:ListServiceSpecificCredentials', 'iam:ListSSHPublicKeys'];
  const report = await lab.start({ keys: ['alice two'], keepUnlocked: true });
  expect(password.status).toBe('Active');
  expect(report.next.join('\n')).toMatch(
    /alice has active passwords.* that this report does not name: nobody here may/,
  );
});
