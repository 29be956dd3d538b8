import { expect, test } from 'vitest';
import {
  remainingShare,
  remainingWords,
  stateAt,
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
