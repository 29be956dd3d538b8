import { afterEach, beforeEach, expect, test } from 'vitest';
import { openPanicLab, type PanicLab } from '../../support/panic-lab.ts';
import { awsId, type StrictCredential } from '../../support/strict-aws/state.ts';

let lab: PanicLab;
beforeEach(async () => {
  lab = await openPanicLab();
});
afterEach(() => lab.close());

const SERVICE = 'codecommit.amazonaws.com';

/** Something of a user that somebody has made elsewhere. */
function addStranger(
  userName: string,
  what: { service: string } | { body: string },
  status: StrictCredential['status'] = 'Active',
): StrictCredential {
  const made: StrictCredential = {
    ...{ service: undefined, body: undefined, secret: undefined, shown: undefined, deleted: false },
    ...{ id: awsId('body' in what ? 'APKA' : 'ACCA'), userName, status, createdAt: lab.clock.now() },
    unlisted: undefined,
    ...what,
  };
  lab.aws.credentials.set(made.id, made);
  return made;
}

const sshKey = { body: 'ssh-rsa AAAAB3NzaC1yc2E=' };

test('what is active and not in the vault is named, of every service, until it is inactive', async () => {
  await lab.admit('alice');
  await lab.admit('admin');
  const ours = await lab.addPassword('alice');
  const password = addStranger('alice', { service: SERVICE });
  const other = addStranger('alice', { service: 'aps.amazonaws.com' });
  const apiKey = addStranger('alice', { service: 'bedrock.amazonaws.com' });
  const key = addStranger('alice', sshKey);
  const off = addStranger('alice', { service: 'cassandra.amazonaws.com' }, 'Inactive');
  const notHers = addStranger('admin', { service: SERVICE });
  const report = await lab.start({ keys: ['alice'], keepUnlocked: true });
  expect(report.complete).toBe(true);
  const said = report.next.join('\n');
  const works = 'which is not in this vault and works without the access keys: find out who has it';
  expect(said).toContain(`alice has an active password for ${SERVICE}, ${password.id}, ${works}`);
  expect(said).toContain(`alice has an active password for aps.amazonaws.com, ${other.id}, ${works}`);
  expect(said).toContain(`alice has an active API key for bedrock.amazonaws.com, ${apiKey.id}, ${works}`);
  expect(said).toContain(`alice has an active SSH key, ${key.id}, ${works}`);
  for (const { id } of [ours, off, notHers]) expect(said).not.toContain(id);
  expect(said).not.toContain('Look in the IAM console whether');
  // It names them; switching them off is for who knows whose they are.
  expect([password.status, other.status, key.status]).toEqual(['Active', 'Active', 'Active']);
  password.status = 'Inactive';
  other.deleted = true;
  const { next } = await lab.start({ keys: ['alice'], keepUnlocked: true });
  expect(next.join('\n')).not.toContain(password.id);
  expect(next.join('\n')).not.toContain(other.id);
  expect(next.join('\n')).toContain(key.id);
});

test('what nobody here may list is said, for access keys too, and once somebody may it is looked up', async () => {
  const deny = ['iam:ListAccessKeys', 'iam:ListServiceSpecificCredentials', 'iam:ListSSHPublicKeys'];
  const own = await lab.admit('alice', { deny });
  await lab.admit('admin', { deny });
  const key = addStranger('alice', sshKey);
  const report = await lab.start({ keys: ['alice'], keepUnlocked: true });
  expect(own.status).toBe('Inactive');
  const unseen = (words: string): string =>
    `Look in the IAM console whether alice has active ${words} that this report does not name: nobody here may list them.`;
  expect(report.next).toContain(unseen('access keys, passwords of services or SSH keys'));
  const admin = lab.aws.users.get('admin');
  if (admin === undefined) throw new Error('there is no user');
  admin.deny = ['iam:ListServiceSpecificCredentials'];
  const { next } = await lab.start({ keys: ['alice'], keepUnlocked: true });
  expect(next).toContain(unseen('passwords of services'));
  expect(next.join('\n')).toContain(`alice has an active SSH key, ${key.id}`);
});

test('the only key of an account asks before it switches itself off, and what it was told stays known', async () => {
  const own = await lab.admit('alice');
  const password = addStranger('alice', { service: SERVICE });
  expect((await lab.start({ keepUnlocked: true })).next.join('\n')).toContain(password.id);
  expect(own.status).toBe('Inactive');
  // Nobody can ask any more.
  const { next } = await lab.start({ keepUnlocked: true });
  expect(next.join('\n')).toContain(password.id);
  expect(next.join('\n')).not.toContain('Look in the IAM console whether');
});

test('the keys do not wait for an AWS that does not answer', async () => {
  const own = await lab.admit('alice');
  const action = 'ListServiceSpecificCredentials';
  lab.aws.fault({ action, kind: 'lost', times: Number.POSITIVE_INFINITY });
  const report = await lab.start({ keepUnlocked: true });
  expect(own.status).toBe('Inactive');
  expect(report.next).toContain(
    'Look in the IAM console whether alice has active passwords of services or SSH keys that this report does not name: AWS did not answer.',
  );
  expect(lab.aws.callsOf('ListSSHPublicKeys')).toEqual([]);
});
