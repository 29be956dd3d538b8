import { describe, expect, test } from 'vitest';
import { LockReason, type Profile } from '../../../src/contract/schemas.ts';
import { findDependents, hasDependents } from '../../../src/renderer/features/dialogs/dependents.ts';
import { firstSteps } from '../../../src/renderer/features/home/first-steps.ts';
import { isDue, isOld, keyBirth } from '../../../src/renderer/features/keys/key-facts.ts';
import { describeLock } from '../../../src/renderer/features/unlock/lock-reason.ts';
import { sampleVault } from '../../support/fake-contract.ts';

const NOW = Date.parse('2026-11-23T12:00:00.000Z');
const sample = sampleVault(8, NOW);
const vault = { ...sample, credentials: [{ name: 'ci git', key: 'ci' }], rotations: [] };

describe('what depends on what', () => {
  test('an account takes its keys, profiles and their clients', () => {
    expect(findDependents('account', ['prod'], vault)).toEqual({
      keys: ['deploy-bot', 'breakglass'],
      profiles: ['prod', 'prod-breakglass', 'hub', 'stage-admin', 'reports-reader'],
      clients: ['deploy.yml', 'exec aws s3 sync'],
      kmsKeys: [],
      credentials: [],
      rotations: [],
    });
    const local = findDependents('account', ['sandbox'], vault);
    expect(local).toMatchObject({ keys: [], profiles: ['sandbox'], clients: ['backup-runner'] });
    expect(local.kmsKeys).toContain('billing/exports');
    expect(local.kmsKeys).toHaveLength(vault.kmsKeys.length);
  });

  test('a key takes its profiles and their clients; a profile its clients; a client nothing', () => {
    expect(findDependents('key', ['ci'], vault)).toEqual({
      keys: [],
      profiles: ['stage-read', 'ci-deploy'],
      clients: ['coding-agent'],
      kmsKeys: [],
      credentials: ['ci git'],
      rotations: [],
    });
    expect(findDependents('profile', ['stage'], vault).clients).toEqual(['terraform', 'old-ci']);
    const [some] = sample.aws.rotations;
    if (some === undefined) throw new Error('the sample has rotations');
    const rotations = [
      { ...some, key: 'ci', state: 'running' as const },
      { ...some, key: 'ci', state: 'done' as const },
      { ...some, key: 'ci git', state: 'waiting' as const, adapter: 'sshKey' as const },
      // Called like the key, and of another one.
      { ...some, key: 'ci', state: 'waiting' as const, adapter: 'service' as const },
    ];
    expect(findDependents('key', ['ci'], { ...vault, rotations }).rotations).toEqual(['ci', 'ci git']);
    expect(hasDependents(findDependents('key', ['ci'], { ...vault, profiles: [] }))).toBe(true);
    expect(hasDependents(findDependents('client', ['terraform'], vault))).toBe(false);
  });
});

test('a sign-in and a certificate take the profiles of which they are the origin, what works with those, and no others', () => {
  const [some] = vault.profiles;
  const [client] = vault.clients;
  if (some === undefined || client === undefined) throw new Error('the sample has profiles and clients');
  const { key: _key, chain: _chain, ...keyless } = some;
  const arn = 'arn:aws:rolesanywhere:eu-central-1:123456789012:';
  const roles = { trustAnchorArn: `${arn}trust-anchor/a`, profileArn: `${arn}profile/b` };
  const profiles: Profile[] = [
    { ...keyless, name: 'admin', origin: { kind: 'sso', signIn: 'work', roleName: 'Admin' } },
    { ...keyless, name: 'web', origin: { kind: 'webIdentity', signIn: 'idp' } },
    { ...keyless, name: 'edge', origin: { kind: 'rolesAnywhere', certificate: 'work', ...roles } },
    { ...keyless, name: 'tool', origin: { kind: 'process', command: ['work'] } },
    { ...keyless, name: 'below', chain: ['admin'] },
  ];
  const clients = [
    { ...client, name: 'cli', profile: 'below' },
    { ...client, name: 'other', profile: 'web' },
  ];
  const around = { ...vault, profiles, clients };
  expect(findDependents('signIn', ['work'], around)).toMatchObject({
    keys: [],
    profiles: ['admin', 'below'],
    clients: ['cli'],
  });
  expect(findDependents('signIn', ['idp'], around)).toMatchObject({ profiles: ['web'], clients: ['other'] });
  expect(findDependents('certificate', ['work'], around)).toMatchObject({ profiles: ['edge'], clients: [] });
});

describe('a key', () => {
  const key = (name: string) => {
    const found = vault.keys.find((one) => one.name === name);
    if (found === undefined) throw new Error(name);
    return found;
  };

  test('is due by its maximum age alone, and old after 90 days without one; never when it is disabled', () => {
    expect(isDue(key('breakglass'), NOW)).toBe(true);
    expect(isDue(key('old-jenkins'), NOW)).toBe(false);
    const day = 86_400_000;
    const aged = (days: number) => ({ ...key('ci'), createdAt: new Date(NOW - days * day).toISOString() });
    expect([90, 91].map((days) => [isDue(aged(days), NOW), isOld(aged(days), NOW)])).toEqual([
      [false, false],
      [false, true],
    ]);
    expect(isOld({ ...aged(91), status: 'disabled' }, NOW)).toBe(false);
    expect(isOld({ ...aged(91), dueAt: '2026-11-23T12:00:01.000Z' }, NOW)).toBe(false);
    expect(isDue({ ...aged(91), dueAt: '2026-11-23T12:00:01.000Z' }, NOW)).toBe(false);
    expect(isDue({ ...aged(1), dueAt: '2026-11-23T12:00:00.000Z' }, NOW)).toBe(true);
  });

  test('ages from its making at AWS where that is known', () => {
    const issuedAt = '2026-01-01T00:00:00.000Z';
    expect(keyBirth({ ...key('ci'), issuedAt })).toBe(issuedAt);
    expect(keyBirth(key('ci'))).toBe(key('ci').createdAt);
  });
});

test('the first steps follow from what is in the vault', () => {
  const none = { accounts: [], keys: [], profiles: [], clients: [], origins: 0, requests: 0 };
  expect(firstSteps(none).map((step) => step.done)).toEqual([false, false, false, false]);
  expect(
    firstSteps({ ...none, accounts: vault.accounts.filter((account) => account.kind === 'remote'), requests: 1 }).map(
      (step) => step.done,
    ),
  ).toEqual([true, false, false, true]);
  expect(firstSteps({ ...none, origins: 1 }).map((step) => step.done)).toEqual([false, true, false, false]);
});

test('every reason for a locked vault has its own sentence', () => {
  const sentences = LockReason.options.map((reason) => describeLock(reason));
  expect(new Set(sentences).size).toBe(LockReason.options.length);
  expect(describeLock(undefined)).toBe(describeLock('start'));
});
