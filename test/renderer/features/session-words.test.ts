import { expect, test } from 'vitest';
import {
  afterwardsWords,
  endAtAwsWords,
  remainingShare,
  remainingWords,
  signInOf,
  stateAt,
  stateSentence,
  whoOf,
} from '../../../src/renderer/features/sessions/session-words.ts';

const NOW = Date.parse('2026-11-23T12:00:00.000Z');

test('a session that has run out is expired, though nobody says so', () => {
  expect(stateAt({ state: 'active', endsAt: NOW + 1 }, NOW)).toBe('active');
  expect(stateAt({ state: 'active', endsAt: NOW }, NOW)).toBe('expired');
  expect(stateAt({ state: 'refused' }, NOW)).toBe('refused');
});

test('tells the time that is left, and its share', () => {
  expect(remainingWords({ endsAt: NOW + 42_000 }, NOW)).toBe('42 s');
  expect(remainingWords({ endsAt: NOW + 5_400_000 }, NOW)).toBe('1 h 30 min');
  expect(remainingWords({ endsAt: NOW }, NOW)).toBeNull();
  expect(remainingWords({}, NOW)).toBeNull();
  expect(remainingShare({ endsAt: NOW + 900_000, seconds: 3600 }, NOW)).toBe(0.25);
  expect(remainingShare({ endsAt: NOW - 5, seconds: 3600 }, NOW)).toBe(0);
});

test('says who AWS takes it for', () => {
  expect(whoOf({ arn: 'arn:aws:sts::123456789012:assumed-role/deploy/keyhold-prod' })).toBe('deploy/keyhold-prod');
  expect(whoOf({ arn: 'arn:aws:iam::123456789012:user/alice' })).toBe('alice');
  expect(whoOf({ roleArn: 'arn:aws:iam::123456789012:role/teams/deploy' })).toBe('teams/deploy');
  expect(whoOf({})).toBeNull();
});

test('advice fits where a session comes from', () => {
  expect(endAtAwsWords('session-token')).toMatch(/access key that they were made with/);
  for (const kind of ['role', 'chained-role', 'saml', 'web-identity', 'roles-anywhere'] as const) {
    expect(endAtAwsWords(kind)).toMatch(/on the role in the IAM console/);
  }
  for (const kind of ['sso', 'process'] as const) expect(endAtAwsWords(kind)).not.toMatch(/access key|on the role/);
  expect(afterwardsWords('saml')).toMatch(/sign in/);
  expect([stateSentence('expired', 'sso'), stateSentence('expired', 'saml')]).toEqual([
    'The next request gets a new one.',
    'A new one wants somebody to sign in.',
  ]);
});

test('a session that wants a person leads to the sign-in at the beginning of its chain', () => {
  const origin = { kind: 'sso' as const, signIn: 'work', roleName: 'Admin' };
  const profiles = [{ name: 'root', origin }, { name: 'mid' }];
  expect(signInOf({ origin, chain: [] }, [])).toBe('work');
  expect(signInOf({ chain: ['mid', 'root'] }, profiles)).toBe('work');
  expect(signInOf({ chain: ['mid'] }, profiles)).toBeUndefined();
});
