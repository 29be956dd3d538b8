import { expect, test } from 'vitest';
import type { PanicReport, PanicStep } from '../../../../src/contract/panic.ts';
import {
  hereSentence,
  panicKeys,
  reportSentence,
  stepTitle,
  tallyOf,
} from '../../../../src/renderer/features/panic/panic-words.ts';
import { sampleVault } from '../../../support/fake-contract.ts';

const NOW = '2026-11-23T12:00:00.000Z';
const step = (state: PanicStep['state'], more: Partial<PanicStep> = {}): PanicStep => ({
  act: 'deactivate',
  account: 'prod',
  target: 'AKIAZQ4MXW3BN7KT7Q2X',
  key: 'deploy-bot',
  state,
  message: '',
  ...more,
});
const report = (steps: PanicStep[], more: Partial<PanicReport> = {}): PanicReport => ({
  state: 'open',
  startedAt: NOW,
  cutoff: NOW,
  keys: ['deploy-bot'],
  clients: 2,
  sessions: [],
  steps,
  next: [],
  complete: false,
  ...more,
});

test('only active keys that do not end by themselves are switched off', () => {
  const { keys } = sampleVault(8);
  expect(panicKeys(keys).map(({ name }) => name)).not.toContain('old-jenkins');
  expect(panicKeys(keys.map((key) => ({ ...key, hasSessionToken: true })))).toEqual([]);
});

test('a report never says more than what was done', () => {
  expect(reportSentence(report([]))).toMatch(/nothing to do at AWS/);
  expect(reportSentence(report([step('done'), step('failed'), step('asked')]))).toBe(
    'Everything here is switched off. At AWS, 1 of 3 done.',
  );
  expect(reportSentence(report([step('done')]))).toMatch(/here and at AWS: 1 step done/);
  expect(reportSentence(report([step('undone')], { state: 'undone' }))).toMatch(/taken back/);
  expect(reportSentence(report([step('done')], { state: 'closed' }))).toMatch(/stays off/);
  expect(tallyOf(report([step('todo'), step('undoing'), step('done')]))).toEqual({ done: 1, left: 1, total: 3 });
});

test('steps and what was switched off here, in words', () => {
  expect(stepTitle(step('done'))).toBe('Deactivate the access key deploy-bot');
  expect(
    stepTitle({
      ...step('done'),
      act: 'denyRole',
      target: 'arn:aws:iam::123456789012:role/teams/admin',
      key: undefined,
    }),
  ).toBe('Refuse older sessions of the role admin');
  expect(hereSentence(report([]))).toBe('Switched off in the vault: 1 access key, 2 clients and 0 sessions.');
});
