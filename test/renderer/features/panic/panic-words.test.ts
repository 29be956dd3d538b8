import { expect, test } from 'vitest';
import type { PanicReport, PanicStep } from '../../../../src/contract/panic.ts';
import {
  hereSentence,
  keysHereAndThere,
  panicKeys,
  reportSentence,
  stepTitle,
  tallyOf,
  wantedKeys,
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
  back: { keys: 0, clients: 0 },
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

test('the plan is asked for what the panic is begun with', () => {
  const all = sampleVault(8).keys;
  const keys = panicKeys(all);
  expect(wantedKeys(keys, new Set())).toBe('all');
  expect(wantedKeys([], new Set())).toBe('all');
  expect(wantedKeys(keys, new Set(keys.map(({ name }) => name)))).toEqual([]);
  expect(wantedKeys(keys, new Set(['deploy-bot']))).not.toContain('deploy-bot');
  const names = all.map(({ name }) => name);
  expect(keysHereAndThere(all, names).disabled).toContain('old-jenkins');
  expect(keysHereAndThere(all, ['old-jenkins'])).toEqual({ active: 0, disabled: ['old-jenkins'] });
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

test('a panic that is half taken back is not said to have switched everything off', () => {
  const half = report([step('done'), step('undone')], { back: { keys: 0, clients: 2 } });
  expect(reportSentence(half)).toBe(
    'Partly taken back: not everything here is switched off any more. At AWS, 1 step of 2 not taken back.',
  );
  expect(hereSentence(half)).toMatch(/Of use again: 2 clients\.$/);
  expect(reportSentence(report([step('undoing')]))).toMatch(/^Partly taken back/);
  // The only key cannot make itself active, so that no step was taken back; the clients are on all the same.
  expect(reportSentence(report([step('done')], { back: { keys: 0, clients: 1 } }))).toMatch(/^Partly taken back/);
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
  const password = { act: 'deactivatePassword', target: 'ACCAEXAMPLEEXAMPLE01', credential: 'git' } as const;
  expect(stepTitle(step('done', password))).toBe('Deactivate the password git');
  expect(hereSentence(report([]))).toBe('Switched off in the vault: 1 access key, 2 clients and 0 sessions.');
});
