import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type CredentialLab, type Kind, openCredentialLab } from '../../support/credential-lab.ts';

// 2,048 bits, which IAM takes as well: looking for larger primes is what would take the tests' time.
vi.mock(import('../../../src/core/hsm/ssh-key.ts'), async (original) => {
  const { generateRsa } = await import('../../../src/core/hsm/algorithms/node-keys.ts');
  return { ...(await original()), newSshKey: () => generateRsa(2048) };
});

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const KINDS: readonly Kind[] = ['service', 'sshKey'];
let lab: CredentialLab;

beforeAll(async () => {
  lab = await openCredentialLab();
});
afterAll(() => lab.close());

const call: CredentialLab['core']['client']['call'] = (...args) => lab.core.client.call(...args);
const objects = async () => (await call('hsm.objects', {})).objects.length;
describe.each(KINDS)('a rotation of a %s', (kind) => {
  test('puts another in its place, waits until tools have it, and deletes the old one', async () => {
    const name = `${kind} plain`.replace(' ', '-');
    const patient = await lab.admitWith(kind, name);
    const before = await objects();
    const first = await call('credential.get', { name });
    const halted = await lab.rotate(name);
    expect(halted).toMatchObject({ state: 'waiting', halt: 'unwatched', needs: 'confirm', adapter: kind, user: name });
    expect(halted.message).toContain(`Give the tools that use ${name} the new`);
    const second = await call('credential.get', { name });
    expect(second).toMatchObject({ dying: { credentialId: first.credentialId, userName: first.userName } });
    expect(second.credentialId).not.toBe(first.credentialId);
    // The old one still works, and the vault shows the new one.
    expect(await lab.checkHeld(patient)).toEqual({ present: second.credentialId, surplus: [first.credentialId] });
    expect(patient.aws.credentials.get(first.credentialId ?? '')?.status).toBe('Active');
    await call('rotation.confirm', { key: name });
    expect(await lab.settled(name)).toMatchObject({ state: 'done', oldAccessKeyId: first.credentialId });
    expect(await lab.checkHeld(patient)).toEqual({ present: second.credentialId, surplus: [] });
    expect(await call('credential.get', { name })).not.toHaveProperty('dying');
    expect(await objects()).toBe(before);
  });

  test('is taken back from its quarantine, in which nobody asks any more', async () => {
    const name = `${kind}-back`;
    const patient = await lab.admitWith(kind, name);
    const before = await objects();
    const { present } = await lab.checkHeld(patient);
    await lab.rotate(name, { quarantineSeconds: 86_400 });
    await call('rotation.confirm', { key: name });
    expect(await lab.settled(name)).toMatchObject({ state: 'quarantine' });
    expect(patient.aws.credentials.get(present)?.status).toBe('Inactive');
    await lab.pass(DAY - HOUR);
    expect(await lab.settled(name)).toMatchObject({ state: 'quarantine' });
    await call('rotation.rollback', { key: name });
    expect(await lab.settled(name)).toMatchObject({ state: 'rolledBack' });
    expect(await lab.checkHeld(patient)).toEqual({ present, surplus: [] });
    expect(await objects()).toBe(before);
  });

  test('is done by itself at the end of its quarantine', async () => {
    const name = `${kind}-day`;
    const patient = await lab.admitWith(kind, name);
    await lab.rotate(name, { quarantineSeconds: 86_400 });
    await call('rotation.confirm', { key: name });
    await lab.settled(name);
    await lab.pass(DAY + HOUR);
    expect(await lab.settled(name)).toMatchObject({ state: 'done' });
    expect((await lab.checkHeld(patient)).surplus).toEqual([]);
  });

  test('is refused where IAM has no place for another', async () => {
    const name = `${kind}-full`;
    const patient = await lab.admitWith(kind, name);
    const others = kind === 'service' ? 1 : 4;
    for (let other = 1; other <= others; other++) {
      await call(
        'credential.add',
        kind === 'service'
          ? { type: kind, name: `${name} ${other}`, key: `${name} key`, service: 'codecommit.amazonaws.com' }
          : { type: kind, name: `${name} ${other}`, key: `${name} key` },
      );
    }
    const refused = await lab.rotate(name);
    expect(refused.state).toBe('refused');
    expect(refused.message).toMatch(/has (two passwords|five SSH keys) already: .*then begin again\.$/);
    expect(await call('rotation.plan', { key: name })).toMatchObject({ blockers: [{ halt: 'quota' }] });
    expect(lab.upstream(patient)).toHaveLength(others + 1);
  });

  test('signs in with MFA where IAM wants that', async () => {
    const name = `${kind}-mfa`;
    const patient = await lab.admitWith(kind, name, { mfa: true });
    expect(await lab.rotate(name)).toMatchObject({ halt: 'unwatched' });
    await call('rotation.confirm', { key: name });
    expect(await lab.settled(name)).toMatchObject({ state: 'done' });
    expect((await lab.checkHeld(patient)).surplus).toEqual([]);
    expect(patient.aws.callsOf('GetSessionToken')).toHaveLength(1);
  });

  test('goes on when its answer was lost, with one of them at the end', async () => {
    const name = `${kind}-lost`;
    const patient = await lab.admitWith(kind, name);
    const action = kind === 'service' ? 'CreateServiceSpecificCredential' : 'UploadSSHPublicKey';
    patient.aws.fault({ action, kind: 'lost' });
    let rotation = await lab.rotate(name);
    if (kind === 'service') {
      // Nobody has its password: named, switched off, and deleted once a person has said so.
      expect(rotation).toMatchObject({ halt: 'inDoubt' });
      expect(rotation.message).toContain('AWS does not say whether anybody uses it');
      expect(lab.upstream(patient).map(({ status }) => status)).toEqual(['Active', 'Inactive']);
      await lab.pass(6 * HOUR);
      expect(await lab.settled(name)).toMatchObject({ halt: 'inDoubt' });
      await call('rotation.confirm', { key: name });
      rotation = await lab.settled(name);
    }
    expect(rotation).toMatchObject({ halt: 'unwatched' });
    await call('rotation.confirm', { key: name });
    expect(await lab.settled(name)).toMatchObject({ state: 'done' });
    expect((await lab.checkHeld(patient)).surplus).toEqual([]);
    // What was in the vault before IAM was asked is not made twice.
    if (kind === 'sshKey') expect(patient.aws.callsOf(action)).toHaveLength(2);
  });
});
