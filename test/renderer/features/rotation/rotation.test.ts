import { describe, expect, test } from 'vitest';
import type { Rotation } from '../../../../src/contract/rotation.ts';
import { boardRows, rotationOf } from '../../../../src/renderer/features/rotation/board.ts';
import { ageBands } from '../../../../src/renderer/features/rotation/key-ages.ts';
import { canStart } from '../../../../src/renderer/features/rotation/plan-view.tsx';
import {
  calledOf,
  confirmWords,
  lookOf,
  messageOf,
  quarantineWords,
  stepRows,
} from '../../../../src/renderer/features/rotation/rotation-words.ts';
import { sampleVault } from '../../../support/fake-contract.ts';

const NOW = Date.parse('2026-11-23T12:00:00.000Z');
const vault = sampleVault(8, NOW);
const rotation = (key: string, more: Partial<Rotation> = {}): Rotation => {
  const found = vault.aws.rotations.find((one) => one.key === key);
  if (found === undefined) throw new Error(`no rotation of ${key}`);
  return { ...found, ...more };
};
const states = (one: Rotation) => stepRows(one).map(({ step, state }) => `${step} ${state}`);

describe('the board', () => {
  test('a key that was due has the rotation that was begun of it for its heir', () => {
    const due = boardRows({ keys: vault.keys, credentials: [], rotations: [] }, NOW).find(
      ({ group }) => group === 'due',
    );
    if (due === undefined) throw new Error('no key of the fake vault is due');
    const begun = rotation('ci', { id: 'begun', key: due.name, state: 'running' });
    const rows = (one: Rotation) => boardRows({ keys: vault.keys, credentials: [], rotations: [one] }, NOW);
    expect(rotationOf(due, rows(begun))?.id).toBe('begun');
    expect(rotationOf(due, rows({ ...begun, state: 'done' }))).toBeUndefined();
    expect(rotationOf(due, rows({ ...begun, adapter: 'service' }))).toBeUndefined();
  });

  test('begins with what needs somebody, then what is due, the oldest first', () => {
    const rows = boardRows({ keys: vault.keys, credentials: [], rotations: vault.aws.rotations }, NOW);
    expect(rows.map(({ group, name }) => [group, name])).toEqual([
      ['waiting', 'ci'],
      ['due', 'breakglass'],
      ['due', 'data-export'],
      ['quarantine', 'dns'],
      ['ended', 'terraform'],
    ]);
  });

  test('a key that is being rotated is not due, and one that is tried again by itself needs nobody', () => {
    const { needs: _needs, ...running } = rotation('ci', { key: 'breakglass', state: 'waiting', halt: 'network' });
    const rows = boardRows({ keys: vault.keys, credentials: [], rotations: [running] }, NOW);
    expect(rows.map(({ group, name }) => [group, name])).toEqual([
      ['due', 'data-export'],
      ['running', 'breakglass'],
    ]);
    expect(lookOf(running)).toBe('retrying');
    expect(
      boardRows({ keys: vault.keys, credentials: [], rotations: [rotation('terraform', { key: 'breakglass' })] }, NOW),
    ).toHaveLength(3);
  });

  test('credentials are due among the keys by their age, and stand beside keys that are called the same', () => {
    const { credentials } = vault;
    const due = (rotations: readonly Rotation[], of = credentials) =>
      boardRows({ keys: vault.keys, credentials: of, rotations }, NOW)
        .filter(({ group }) => group === 'due')
        .map(({ name, credential }) => `${name}${credential === undefined ? '' : `: ${credential.type}`}`);
    expect(due([])).toEqual(['breakglass', 'data-export', 'git: service']);
    const ofGit = rotation('ci', { key: 'git', adapter: 'service' });
    expect(due([ofGit])).toEqual(['breakglass', 'data-export']);
    expect(due([rotation('ci', { key: 'git' })])).toContain('git: service');
    const [row] = boardRows({ keys: vault.keys, credentials, rotations: [ofGit] }, NOW);
    expect(row).toMatchObject({ name: 'git', group: 'waiting', credential: { name: 'git' } });
    expect(
      due(
        [],
        credentials.map((one) => ({ ...one, state: 'unfinished' as const })),
      ),
    ).toHaveLength(2);
  });

  test('keys that cannot be rotated are never due', () => {
    const keys = vault.keys.map((key) => ({ ...key, hasSessionToken: true }));
    expect(boardRows({ keys, credentials: [], rotations: [] }, NOW)).toEqual([]);
  });
});

describe('a rotation’s steps', () => {
  test('show what is done, where it stopped, and what is to come', () => {
    expect(states(rotation('ci'))).toEqual([
      'preflight done',
      'create done',
      'verify done',
      'switch done',
      'retire halted',
      'watch todo',
      'delete todo',
    ]);
    expect(states(rotation('dns')).slice(4)).toEqual(['retire done', 'watch now', 'delete todo']);
    expect(states(rotation('terraform')).every((one) => one.endsWith(' done'))).toBe(true);
    expect(stepRows(rotation('ci'))[1]?.evidence[0]?.text).toMatch(/was made/);
  });

  test('one that is taken back shows how far it came, and its way back', () => {
    expect(states(rotation('dns', { state: 'running', step: 'return' }))).toEqual([
      'preflight done',
      'create done',
      'verify done',
      'switch done',
      'retire done',
      'reactivate done',
      'return now',
      'discard todo',
    ]);
    expect(states(rotation('ci', { state: 'rolledBack', step: 'discard' })).at(-1)).toBe('discard done');
  });

  test('one that was not begun shows what it saw', () => {
    const [first] = rotation('ci').evidence;
    const refused = rotation('ci', {
      state: 'refused',
      step: 'preflight',
      evidence: first === undefined ? [] : [first],
    });
    expect(states(refused)).toEqual(['preflight halted']);
  });
});

test('words', () => {
  expect(messageOf(rotation('dns'), NOW)).toBe('The old key is deactivated at AWS, and is deleted in 17 h.');
  expect(messageOf(rotation('dns'), NOW + 86_400_000)).toMatch(/looked at once more/);
  expect(messageOf(rotation('ci'), NOW)).toMatch(/something else than this vault/);
  expect([0, 3600, 86_400, 604_800].map(quarantineWords)).toEqual(['none', '1 h', '24 h', '7 days']);
  expect(confirmWords({ halt: 'usedElsewhere' }).risk).toMatch(/loses access/);
  expect(confirmWords({ halt: 'begunOffline' }).action).toBe('Begin now');
});

test('a credential is told from a key of the same name, and is called what it is', () => {
  const ofCredential = rotation('ci', { adapter: 'sshKey', key: 'git' });
  expect([calledOf(ofCredential), calledOf(rotation('ci'))]).toEqual(['credential:git', 'key:ci']);
  expect(stepRows(ofCredential).map(({ label }) => label)).toEqual([
    'Look at the user and its SSH keys',
    'Make a new SSH key',
    'See that IAM lists the new SSH key',
    'Put the new SSH key into its place in the vault',
    'Deactivate the old SSH key at AWS',
    'Watch whether anybody misses it',
    'Delete the old SSH key',
  ]);
  expect(messageOf(rotation('dns', { adapter: 'service' }), NOW)).toMatch(/^The old password is deactivated/);
  expect(confirmWords({ adapter: 'service', halt: 'unwatched' }).title).toMatch(/who uses the old password\?$/);
});

test('ages of keys in use, and how many of each are due', () => {
  const bands = ageBands(vault.keys, NOW);
  expect(bands.map(({ label, count, due }) => [label, count, due])).toEqual([
    ['up to 30 days', 3, 0],
    ['31–60 days', 1, 0],
    ['61–90 days', 1, 0],
    ['91–180 days', 1, 1],
    ['over 180 days', 1, 1],
  ]);
});

test('a plan is started without a network, and not where something stands in the way', () => {
  const plan = { key: 'k', account: 'a', accessKeyId: 'AKIA', keys: [], quarantineSeconds: 0, steps: [], notes: [] };
  const blocked = (...halts: ('network' | 'quota')[]) => ({
    ...plan,
    blockers: halts.map((halt) => ({ halt, message: 'why' })),
  });
  expect([blocked(), blocked('network'), blocked('network', 'quota')].map(canStart)).toEqual([true, true, false]);
});
