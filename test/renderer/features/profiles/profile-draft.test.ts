import { describe, expect, test } from 'vitest';
import { chainLinks } from '../../../../src/renderer/features/profiles/chain-links.ts';
import {
  type Around,
  accountOf,
  checksOf,
  complaintOf,
  howOf,
  kindOf,
  type ProfileValues,
  sessionInput,
  signerInput,
  valuesOf,
} from '../../../../src/renderer/features/profiles/profile-draft.ts';
import { sampleVault } from '../../../support/fake-contract.ts';

const vault = sampleVault(8, Date.parse('2026-11-23T12:00:00.000Z'));
const around: Around = vault;
const profile = (name: string) => {
  const found = vault.profiles.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no profile ${name}`);
  return found;
};
const blank = valuesOf(undefined, { name: 'new', signer: 'deploy-bot' });
const role = (more: Partial<ProfileValues> = {}): ProfileValues => ({
  ...blank,
  how: 'role',
  arn: 'arn:aws:iam::730918264455:role/deploy',
  ...more,
});
const wrong = (field: keyof ReturnType<typeof checksOf>, values: ProfileValues, account?: string) =>
  checksOf(around, account)[field](values[field], values);

describe('what a profile works with', () => {
  test('follows from what signs', () => {
    expect(howOf({ signer: 'source/hub', how: 'key' })).toBe('role');
    expect(howOf({ signer: 'local/sandbox', how: 'role' })).toBe('key');
    expect(kindOf({ signer: 'deploy-bot', how: 'key' }, vault.profiles)).toBeNull();
    expect(kindOf({ signer: 'deploy-bot', how: 'session' }, vault.profiles)).toBe('session-token');
    expect(kindOf({ signer: 'source/hub', how: 'key' }, vault.profiles)).toBe('role');
    expect(kindOf({ signer: 'source/stage-admin', how: 'key' }, vault.profiles)).toBe('chained-role');
  });

  test('goes out as it came in', () => {
    for (const name of ['prod', 'hub', 'stage-admin', 'reports-reader', 'ci-deploy']) {
      const before = profile(name);
      const values = valuesOf(before, { name: '', signer: '' });
      const input = { ...signerInput(values), ...sessionInput(values, vault.profiles, before.role) };
      const { key, source, role: kept, mfaSerial, sessionSeconds } = before;
      expect(JSON.parse(JSON.stringify({ key, source, role: kept, mfaSerial, sessionSeconds }))).toEqual(input);
    }
  });

  test('a session without MFA says how long, for else the key would sign by itself', () => {
    expect(sessionInput({ ...blank, how: 'session' }, vault.profiles)).toEqual({ sessionSeconds: 43_200 });
    expect(sessionInput({ ...blank, how: 'session', mfaSerial: 'arn:aws:iam::1:mfa/a' }, [])).toEqual({
      mfaSerial: 'arn:aws:iam::1:mfa/a',
    });
  });

  test('a role’s account is the profile’s', () => {
    expect(accountOf(role(), around)).toBe('stage');
    expect(accountOf(blank, around)).toBe('prod');
    expect(accountOf({ ...blank, signer: 'local/sandbox' }, around)).toBe('sandbox');
    expect(accountOf(role({ arn: 'arn:aws:iam::999999999999:role/x' }), around)).toBeUndefined();
  });
});

describe('what is wrong is said at its field', () => {
  test('limits, before AWS is asked', () => {
    expect(wrong('lasts', role({ lasts: '12 h' }))).toBeNull();
    expect(wrong('lasts', role({ lasts: '13 h' }))).toMatch(/^12 h at most/);
    expect(wrong('lasts', role({ lasts: '2 h', signer: 'source/stage-admin' }))).toMatch(/^1 h at most/);
    expect(wrong('lasts', { ...blank, how: 'session', lasts: '36 h' })).toBeNull();
    expect(wrong('lasts', role({ lasts: '5 min' }))).toBe('AWS gives no less than 15 min.');
    expect(wrong('lasts', role({ lasts: 'long' }))).toMatch(/^Write it like/);
    expect(wrong('lasts', { ...blank, lasts: 'long' })).toBeNull();
  });

  test('roles of accounts that are not here, or not the profile’s', () => {
    expect(wrong('arn', role({ arn: '' }))).toMatch(/ARN looks like/);
    expect(wrong('arn', role({ arn: 'arn:aws:iam::999999999999:role/x' }))).toMatch(/No account here has the id/);
    expect(wrong('arn', role(), 'prod')).toMatch(/a role of stage, and this profile is of prod/);
    expect(wrong('arn', role(), 'stage')).toBeNull();
    expect(wrong('arn', { ...blank, arn: 'nonsense' })).toBeNull();
  });

  test('a session policy that is none, and nothing chosen', () => {
    expect(wrong('policy', role({ policy: '{"Statement": ' }))).toMatch(/JSON document/);
    expect(wrong('policy', role({ policy: '[]' }))).toMatch(/JSON document/);
    expect(wrong('policy', role({ policy: '{"Statement": []}' }))).toBeNull();
    expect(wrong('signer', { ...blank, signer: '' })).toBe('Choose what signs.');
  });

  test('complaints of the daemon go to their field, others to none', () => {
    const of = (message: string, code = 'InvalidInput') => complaintOf({ code, message });
    expect(of('role.durationSeconds: too long.')).toEqual(['lasts', 'Too long.']);
    expect(of('mfaSerial: an MFA device belongs to a user.')).toEqual([
      'mfaSerial',
      'An MFA device belongs to a user.',
    ]);
    expect(of('role.tags: at most 50.')).toBeNull();
    expect(of('something else')).toBeNull();
    expect(of('role.arn: x', 'Internal')).toBeNull();
  });
});

test('the picture goes from the key to the profile, with what each call is given', () => {
  const devices = [
    {
      id: 'e0',
      name: 'aws root',
      issuer: '',
      label: '',
      type: 'totp' as const,
      algorithm: 'SHA1' as const,
      digits: 6,
      favourite: false,
      mfaSerial: profile('hub').mfaSerial ?? '',
      createdAt: '2026-11-01T00:00:00.000Z',
    },
  ];
  const chain = chainLinks(profile('reports-reader'), { ...vault, devices });
  expect([chain.key?.name, chain.keyAccount?.name]).toEqual(['deploy-bot', 'prod']);
  expect(chain.links.map(({ profile: { name }, call, role: as, details }) => [name, call, as, details])).toEqual([
    ['hub', 'GetSessionToken', undefined, ['MFA with a code of aws root', 'for 12 h']],
    ['stage-admin', 'AssumeRole', 'admin', ['with an external id', 'for 4 h']],
    ['reports-reader', 'AssumeRole', 'reports-read-only', ['cut down by a session policy', 'with tags', 'for 1 h']],
  ]);
  expect(chainLinks(profile('prod'), { ...vault, devices }).links[0]?.call).toBeNull();
  expect(chainLinks(profile('sandbox'), { ...vault, devices }).keyName).toBeUndefined();
});
