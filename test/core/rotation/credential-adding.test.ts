import { createPrivateKey, createPublicKey } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type CredentialLab, type Kind, openCredentialLab } from '../../support/credential-lab.ts';

// 2,048 bits, which IAM takes as well: looking for larger primes is what would take the tests' time.
vi.mock(import('../../../src/core/hsm/ssh-key.ts'), async (original) => {
  const { generateRsa } = await import('../../../src/core/hsm/algorithms/node-keys.ts');
  return { ...(await original()), newSshKey: () => generateRsa(2048) };
});

const DAY = 86_400_000;
const KINDS: readonly Kind[] = ['service', 'sshKey'];
let lab: CredentialLab;

beforeAll(async () => {
  lab = await openCredentialLab();
});
afterAll(() => lab.close());

const call: CredentialLab['core']['client']['call'] = (...args) => lab.core.client.call(...args);
const objects = async () => (await call('hsm.objects', {})).objects.length;
const actions = async (target: string) =>
  (await call('audit.list', { limit: 200 })).entries.flatMap((entry) =>
    entry.event.target === target ? [entry.event] : [],
  );

describe('an addition', () => {
  test('of a password whose answer was lost ends with a new password for what has appeared', async () => {
    const aws = await lab.server();
    aws.addUser('lost');
    await lab.adopt('lost key', aws, aws.addKey('lost'));
    aws.fault({ action: 'CreateServiceSpecificCredential', kind: 'lost' });
    await expect(lab.add('service', 'lost')).rejects.toMatchObject({ code: 'Unreachable' });
    expect(await call('credential.get', { name: 'lost' })).toMatchObject({ state: 'unfinished' });
    await expect(lab.reveal('lost')).rejects.toThrow('Add it once more');
    await expect(call('rotation.start', { key: 'lost' })).rejects.toThrow('not complete');
    const [made] = aws.credentials.values();
    await expect(lab.add('service', 'lost')).rejects.toThrow(`--reset ${made?.id}`);
    await expect(lab.add('service', 'lost', { reset: 'ACCANOTTHERE' })).rejects.toThrow('is not there');
    // By another name it was never asked for, and IAM is not asked for one more.
    const misnamed = call('credential.add', {
      ...{ type: 'service', name: 'found', key: 'lost key', service: 'codecommit.amazonaws.com' },
      reset: made?.id,
    });
    await expect(misnamed).rejects.toMatchObject({ code: 'InvalidInput' });
    await expect(misnamed).rejects.toThrow('reset: found has not been asked for');
    await expect(call('credential.get', { name: 'found' })).rejects.toMatchObject({ code: 'NotFound' });
    expect(await lab.add('service', 'lost', { reset: made?.id ?? '' })).toMatchObject({ state: 'ready' });
    expect(await lab.reveal('lost')).toBe(made?.secret);
    expect(aws.credentials.size).toBe(1);
  });

  test('of a password whose answer was lost finds it though IAM lists it late', async () => {
    const aws = await lab.server();
    aws.addUser('late');
    await lab.adopt('late key', aws, aws.addKey('late'));
    aws.lag.listing = { calls: 2 };
    aws.fault({ action: 'CreateServiceSpecificCredential', kind: 'lost' });
    await expect(lab.add('service', 'late')).rejects.toMatchObject({ code: 'Unreachable' });
    const [made] = aws.credentials.values();
    await expect(lab.add('service', 'late')).rejects.toThrow(`--reset ${made?.id}`);
    expect(aws.credentials.size).toBe(1);
    // Later than anybody waits for it: another one is made, and the first is told of once it is there.
    for (const one of aws.credentials.values()) one.unlisted = { calls: 6, until: 0 };
    expect(await lab.add('service', 'late')).toMatchObject({ state: 'ready' });
    const told = lab.core.events.flatMap((event) => (event.type === 'notice' ? [event.message] : []));
    expect(told.join(' ')).toContain(`${made?.id} has appeared at IAM besides`);
  });

  test('asked for twice at once makes one', async () => {
    const aws = await lab.server();
    aws.addUser('twice');
    await lab.adopt('twice key', aws, aws.addKey('twice'));
    for (const kind of KINDS) {
      const both = await Promise.allSettled([lab.add(kind, 'twice'), lab.add(kind, 'twice')]);
      expect(both).toMatchObject([{ status: 'fulfilled' }, { status: 'rejected', reason: { code: 'AlreadyExists' } }]);
      await call('credential.remove', { name: 'twice', atAws: false });
    }
    expect([...aws.credentials.values()].map(({ service }) => service)).toEqual([
      'codecommit.amazonaws.com',
      undefined,
    ]);
  });

  test('of an SSH key whose answer was lost goes on with the same key pair', async () => {
    const aws = await lab.server();
    aws.addUser('ssh');
    await lab.adopt('ssh key', aws, aws.addKey('ssh'));
    aws.fault({ action: 'UploadSSHPublicKey', kind: 'lost' });
    await expect(lab.add('sshKey', 'ssh')).rejects.toMatchObject({ code: 'Unreachable' });
    const { publicKey } = await call('credential.get', { name: 'ssh' });
    expect(await lab.add('sshKey', 'ssh')).toMatchObject({ state: 'ready', publicKey });
    expect([...aws.credentials.values()].map(({ body }) => body)).toEqual([publicKey]);
  });

  test('that IAM refuses leaves nothing behind, and says what is missing', async () => {
    const aws = await lab.server();
    const user = aws.addUser('denied');
    await lab.adopt('denied key', aws, aws.addKey('denied'));
    user.deny = ['iam:CreateServiceSpecificCredential', 'iam:UploadSSHPublicKey'];
    const before = await objects();
    for (const kind of KINDS) {
      await expect(lab.add(kind, 'denied')).rejects.toThrow(/denied may not do iam:(Create|Upload)/);
    }
    await expect(call('credential.get', { name: 'denied' })).rejects.toMatchObject({ code: 'NotFound' });
    expect(await objects()).toBe(before);
  });

  test('of one that there is already asks nobody', async () => {
    const aws = await lab.server();
    aws.addUser('old');
    await lab.adopt('old key', aws, aws.addKey('old'));
    const add = (name: string) =>
      lab.core.client.callSealed('credential.add', async (seal) => ({
        ...{ type: 'service', name, key: 'old key', service: 'cassandra.amazonaws.com' },
        existing: {
          ...{ credentialId: 'ACCAEXAMPLE123EXAMPLE', userName: 'old-at-123456789012' },
          password: await seal('service-password', Buffer.from('pass/word=')),
        },
      }));
    expect(await add('old')).toMatchObject({ state: 'ready', userName: 'old-at-123456789012' });
    expect(await lab.reveal('old')).toBe('pass/word=');
    await expect(add('twin')).rejects.toMatchObject({ code: 'AlreadyExists' });
    expect(aws.calls).toEqual([]);
  });
});

describe('what leaves', () => {
  test('takes the password of the vault again, and the log says so', async () => {
    const patient = await lab.admitWith('sshKey', 'leaves');
    await expect(lab.reveal('leaves', 'wrong')).rejects.toMatchObject({ code: 'WrongSecret' });
    const pem = await lab.reveal('leaves');
    const { n = '' } = createPublicKey(createPrivateKey(pem)).export({ format: 'jwk' });
    const [uploaded] = lab.upstream(patient);
    const blob = Buffer.from(uploaded?.body?.split(' ')[1] ?? '', 'base64');
    expect(blob.subarray(-256)).toEqual(Buffer.from(n, 'base64url'));
    expect(await actions('leaves')).toContainEqual(
      expect.objectContaining({ action: 'credential.reveal', decision: 'allowed', reason: 'left the app' }),
    );
    expect(JSON.stringify(await call('credential.list', {}))).not.toContain('PRIVATE');
  });

  test('as an SMTP password follows from the key, whose rotation waits until the new one is told', async () => {
    const patient = await lab.admit('mailer');
    await call('credential.add', { type: 'smtp', name: 'mail', key: 'mailer', region: 'eu-central-1' });
    const first = await lab.reveal('mail');
    expect(Buffer.from(first, 'base64')).toHaveLength(33);
    // Its name leads to the key.
    const halted = await lab.rotate('mail').then(() => lab.settled('mailer'));
    expect(halted).toMatchObject({ key: 'mailer', halt: 'unwatched' });
    expect(halted.message).toContain('the new SMTP password');
    const second = await lab.reveal('mail');
    expect(second).not.toBe(first);
    expect(await call('credential.get', { name: 'mail' })).toMatchObject({
      userName: halted.newAccessKeyId,
      dying: { userName: patient.first.accessKeyId },
    });
    await call('rotation.confirm', { key: 'mail' });
    expect(await lab.settled('mailer')).toMatchObject({ state: 'done' });
    expect(await lab.reveal('mail')).toBe(second);
    await expect(call('credential.remove', { name: 'mail', atAws: true })).rejects.toThrow('IAM knows nothing of it');
    await call('key.update', { name: 'mailer', status: 'disabled' });
    await expect(lab.reveal('mail')).rejects.toMatchObject({ code: 'HsmRefused' });
  });
});

test('a name that a key and a credential have says which is meant', async () => {
  await lab.admit('both');
  await call('credential.add', { type: 'sshKey', name: 'both', key: 'both' });
  await expect(lab.start('both')).rejects.toThrow('key:both or credential:both');
  expect(await lab.rotate('credential:both')).toMatchObject({ key: 'both', adapter: 'sshKey' });
  expect(await lab.rotate('key:both')).toMatchObject({ key: 'both', state: 'done' });
  // Signed by the key that the vault has now.
  await call('rotation.confirm', { key: 'credential:both' });
  expect(await lab.settled('credential:both')).toMatchObject({ state: 'done' });
});

test('a credential is due like a key, goes with its key, and is deleted in IAM where that is asked for', async () => {
  const patient = await lab.admitWith('service', 'due');
  await call('rotation.setMaxAge', { target: { kind: 'credential', name: 'due' }, maxAgeDays: 10 });
  const { dueAt = '', issuedAt = '' } = await call('credential.get', { name: 'due' });
  expect(Date.parse(dueAt) - Date.parse(issuedAt)).toBe(10 * DAY);
  await expect(call('key.remove', { name: 'due key' })).rejects.toThrow('credential due');
  const before = await objects();
  await lab.rotate('due');
  await expect(call('credential.remove', { name: 'due', atAws: true })).rejects.toMatchObject({ code: 'InUse' });
  await call('rotation.rollback', { key: 'due' });
  await lab.settled('due');
  await call('credential.remove', { name: 'due', atAws: true });
  expect(lab.upstream(patient)).toEqual([]);
  expect(await objects()).toBe(before - 1);
  await lab.add('service', 'due');
  await call('key.remove', { name: 'due key', cascade: true });
  await expect(call('credential.get', { name: 'due' })).rejects.toMatchObject({ code: 'NotFound' });
});
