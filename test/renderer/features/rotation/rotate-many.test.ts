import { expect, test } from 'vitest';
import type { Rotation, RotationHalt, RotationPlan } from '../../../../src/contract/rotation.ts';
import { type ManyRow, planMany, startMany, tally } from '../../../../src/renderer/features/rotation/rotate-many.ts';
import { sampleVault } from '../../../support/fake-contract.ts';

const plan = (key: string, ...halts: RotationHalt[]): RotationPlan => ({
  key,
  account: 'prod',
  accessKeyId: 'AKIAZQ4MXW3BN7KT7Q2X',
  keys: [],
  quarantineSeconds: 86_400,
  steps: [],
  notes: [],
  blockers: halts.map((halt) => ({ halt, message: halt })),
});
const [rotation] = sampleVault(8).aws.rotations;

/** What was asked, in order, and every row that was shown. */
function askedOf(more: { halts?: Record<string, RotationHalt>; failing?: readonly string[]; stopAfter?: number }) {
  const calls: string[] = [];
  const shown: ManyRow[] = [];
  const answer = <T>(call: string, key: string, value: T): Promise<T> => {
    calls.push(`${call} ${key}`);
    return more.failing?.includes(`${call} ${key}`) === true ? Promise.reject(new Error(key)) : Promise.resolve(value);
  };
  return {
    calls,
    shown,
    plan: (key: string) => {
      const halt = more.halts?.[key];
      return answer('plan', key, halt === undefined ? plan(key) : plan(key, halt));
    },
    start: (key: string): Promise<Rotation> => {
      if (rotation === undefined) throw new Error('no rotation in the sample');
      return answer('start', key, { ...rotation, key });
    },
    wire: (error: unknown) => ({ code: 'Internal' as const, message: String(error) }),
    show: (row: ManyRow) => {
      shown.push(row);
    },
    stopped: () => calls.length >= (more.stopAfter ?? 100),
  };
}

test('each key is planned after the one before, and what fails keeps nothing else from it', async () => {
  const asked = askedOf({ halts: { b: 'quota', d: 'network' }, failing: ['plan c'] });
  const rows = await planMany(['a', 'b', 'c', 'd'], asked);
  expect(rows.map(({ key, state }) => `${key} ${state}`)).toEqual(['a ready', 'b blocked', 'c failed', 'd ready']);
  expect(asked.calls).toEqual(['plan a', 'plan b', 'plan c', 'plan d']);
  expect(asked.shown.slice(0, 2).map(({ state }) => state)).toEqual(['planning', 'ready']);
  expect(tally(rows)).toEqual({ ready: 2, blocked: 1, begun: 0, failed: 1 });
});

test('only what is ready is begun, and a refused start is told at its row', async () => {
  const rows = await planMany(['a', 'b', 'c'], askedOf({ halts: { b: 'quota' } }));
  const asked = askedOf({ failing: ['start a'] });
  await startMany(rows, asked);
  expect(asked.calls).toEqual(['start a', 'start c']);
  expect(asked.shown.map(({ key, state }) => `${key} ${state}`)).toEqual([
    'a starting',
    'a failed',
    'c starting',
    'c begun',
  ]);
});

test('nothing further is asked or begun once nobody looks', async () => {
  const planned = askedOf({ stopAfter: 1 });
  expect(await planMany(['a', 'b'], planned)).toHaveLength(1);
  const rows = await planMany(['a', 'b'], askedOf({}));
  const begun = askedOf({ stopAfter: 1 });
  await startMany(rows, begun);
  expect(begun.calls).toEqual(['start a']);
});
