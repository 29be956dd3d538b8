import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { KeyholdError } from '../../../src/contract/errors.ts';
import { openPanicLab, type PanicLab } from '../../support/panic-lab.ts';

let lab: PanicLab;
beforeEach(async () => {
  lab = await openPanicLab();
});
afterEach(() => lab.close());

const call: PanicLab['core']['client']['call'] = (...args) => lab.core.client.call(...args);

describe('passwords that the panic was not allowed to switch off are not its to switch on', () => {
  const UPDATE = 'iam:UpdateServiceSpecificCredential';
  const LIST = 'iam:ListServiceSpecificCredentials';
  const allow = (): void => {
    for (const user of lab.aws.users.values()) user.deny = [];
  };
  const begin = async (deny: string[], status: 'Active' | 'Inactive' = 'Active') => {
    const key = await lab.admit('alice');
    await lab.admit('admin');
    const password = await lab.addPassword('alice');
    password.status = status;
    for (const user of lab.aws.users.values()) user.deny = deny;
    const report = await lab.start({ keys: ['alice'], keepUnlocked: true });
    expect(report.steps.find(({ target }) => target === password.id)).toMatchObject({ state: 'failed' });
    return { key, password };
  };

  test('where it was inactive before, and nobody might look', async () => {
    const { key, password } = await begin([LIST, UPDATE], 'Inactive');
    allow();
    expect(await call('panic.undo', {})).toMatchObject({ state: 'undone' });
    expect([password.status, key.status]).toEqual(['Inactive', 'Active']);
    const updates = lab.aws.callsOf('UpdateServiceSpecificCredential');
    expect(updates.filter(({ outcome }) => outcome === 'ok')).toEqual([]);
  });

  test('where a person has done it in the console since, as the report says', async () => {
    const { password } = await begin([UPDATE]);
    password.status = 'Inactive';
    allow();
    expect(await call('panic.undo', {})).toMatchObject({ state: 'undone' });
    expect(password.status).toBe('Inactive');
  });

  test('nor is it the panic that did it, where it is asked to go on after that person', async () => {
    const { password } = await begin([UPDATE]);
    password.status = 'Inactive';
    allow();
    expect(await call('panic.resume', {})).toMatchObject({ complete: true });
    expect(await call('panic.undo', {})).toMatchObject({ state: 'undone' });
    expect(password.status).toBe('Inactive');
  });

  test('and keep nothing from being taken back, where it goes on being denied', async () => {
    const { key, password } = await begin([LIST, UPDATE]);
    const report = await call('panic.undo', {});
    expect(report).toMatchObject({ state: 'undone', complete: true });
    expect(report.next.join('\n')).not.toContain(password.id);
    expect([password.status, key.status]).toEqual(['Active', 'Active']);
  });

  test('but what was done without an answer is, though the next call was denied', async () => {
    await lab.admit('alice');
    await lab.admit('admin');
    const password = await lab.addPassword('alice');
    const action = 'UpdateServiceSpecificCredential';
    lab.aws.fault({ action, kind: 'lost' });
    lab.aws.fault({ action, kind: 'denied', times: Number.POSITIVE_INFINITY, from: 2 });
    await lab.start({ keys: ['alice'], keepUnlocked: true });
    expect(password.status).toBe('Inactive');
    lab.aws.clearFaults();
    expect(await call('panic.undo', {})).toMatchObject({ state: 'undone' });
    expect(password.status).toBe('Active');
  });
});

test.each([
  ['is cut', 'refuse', 3],
  ['is silent', new KeyholdError('Timeout', 'AWS did not answer in time. Try again.'), 1],
] as const)(
  'passwords do not keep the keys waiting where their listing %s: no other is asked for',
  async (_what, how, tries) => {
    const key = await lab.admit('alice');
    const one = await lab.addPassword('alice');
    await call('credential.add', {
      ...{ type: 'service', name: 'alice tables', key: 'alice', service: 'cassandra.amazonaws.com' },
    });
    const other = [...lab.aws.credentials.values()].find(({ id }) => id !== one.id);
    if (other === undefined) throw new Error('there is no second password');
    lab.aws.calls.splice(0);
    const { awsIam } = lab.core.running.core.shell;
    const spy = vi.spyOn(awsIam, 'listCredentials');
    if (how === 'refuse')
      lab.aws.fault({ action: 'ListServiceSpecificCredentials', kind: how, times: Number.POSITIVE_INFINITY });
    else spy.mockRejectedValue(how);
    const report = await lab.start({ keepUnlocked: true });
    expect(spy).toHaveBeenCalledTimes(tries);
    expect(lab.aws.callsOf('UpdateServiceSpecificCredential')).toEqual([]);
    expect([key.status, one.status, other.status]).toEqual(['Inactive', 'Active', 'Active']);
    expect(report.complete).toBe(false);
    for (const { id } of [one, other])
      expect(report.next.join('\n')).toMatch(new RegExp(`Make the .* ${id} .*AWS did not answer`));
    spy.mockRestore();
    lab.aws.clearFaults();
    key.status = 'Active';
    expect(await call('panic.resume', {})).toMatchObject({ complete: true });
    expect([one.status, other.status]).toEqual(['Inactive', 'Inactive']);
  },
);
