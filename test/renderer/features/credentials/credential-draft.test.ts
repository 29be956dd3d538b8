import { expect, test } from 'vitest';
import {
  addParams,
  askingKeys,
  type CredentialDraft,
  idError,
  noteError,
  wantsPassword,
} from '../../../../src/renderer/features/credentials/credential-draft.ts';
import { sampleVault } from '../../../support/fake-contract.ts';

const draft: CredentialDraft = {
  type: 'smtp',
  name: 'mail',
  key: 'deploy-bot',
  region: 'eu-central-1',
  service: 'codecommit.amazonaws.com',
  source: 'new',
  credentialId: 'ACCAEXAMPLE123EXAMPLE',
  userName: 'alice-at-123456789012',
  note: '',
  reset: null,
};
const sealed = { sealKeyId: 'k', enc: 'AA==', ciphertext: 'AA==' };

test('the contract is told what the type wants, and nothing of the others', () => {
  expect(addParams(draft)).toEqual({ type: 'smtp', name: 'mail', key: 'deploy-bot', region: 'eu-central-1' });
  expect(addParams({ ...draft, type: 'sshKey', note: 'mine' })).toEqual({
    ...{ type: 'sshKey', name: 'mail', key: 'deploy-bot', note: 'mine' },
  });
  const service = { type: 'service', name: 'mail', key: 'deploy-bot', service: 'codecommit.amazonaws.com' };
  expect(addParams({ ...draft, type: 'service' })).toEqual(service);
  expect(addParams({ ...draft, type: 'service', reset: 'ACCAX' })).toEqual({ ...service, reset: 'ACCAX' });
  expect(addParams({ ...draft, type: 'service', source: 'existing' }, sealed)).toEqual({
    ...service,
    existing: { credentialId: 'ACCAEXAMPLE123EXAMPLE', userName: 'alice-at-123456789012', password: sealed },
  });
});

test('a password is asked for where one is there already', () => {
  expect(wantsPassword({ type: 'service', source: 'existing' })).toBe(true);
  expect(wantsPassword({ type: 'service', source: 'new' })).toBe(false);
  expect(wantsPassword({ type: 'sshKey', source: 'existing' })).toBe(false);
});

test('what is wrong with an id or a note is said in a sentence', () => {
  expect(idError('')).toBe('Type its id, as IAM lists it.');
  expect(idError('no id!')).toBe('An id is letters and digits, like ACCAEXAMPLE123EXAMPLE.');
  expect(idError('ACCAEXAMPLE123EXAMPLE')).toBeNull();
  expect(noteError('x'.repeat(4000))).toBeNull();
  expect(noteError('x'.repeat(4001))).toBe('A note has at most 4,000 characters.');
});

test('IAM is asked with a key that is in use and lasts', () => {
  const { keys } = sampleVault(8, Date.parse('2026-11-23T12:00:00.000Z'));
  const asking = askingKeys(keys.map((key) => (key.name === 'dns' ? { ...key, hasSessionToken: true } : key)));
  expect(asking.map(({ name }) => name)).not.toContain('old-jenkins');
  expect(asking.map(({ name }) => name)).not.toContain('dns');
  expect(asking.map(({ name }) => name)).toContain('deploy-bot');
});
