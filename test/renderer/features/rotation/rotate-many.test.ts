import { expect, test } from 'vitest';
import type { RotationHalt, RotationPlan } from '../../../../src/contract/rotation.ts';
import {
  isForLater,
  type ManyRow,
  planMany,
  startMany,
  tally,
} from '../../../../src/renderer/features/rotation/rotate-many.ts';

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
/** What was asked, in order, and every row that was shown. */
function askedOf(more: {
  halts?: Record<string, RotationHalt>;
  failing?: readonly string[];
  skipped?: readonly string[];
  stopAfter?: number;
}) {
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
    start: (wanted: { keys: string[]; whenOnline: boolean }) => {
      calls.push(`start ${wanted.keys.join(' ')}${wanted.whenOnline ? ' later' : ''}`);
      if (more.failing?.includes('start') === true) return Promise.reject(new Error('start'));
      const isSkipped = (key: string) => more.skipped?.includes(key) === true;
      const skipped = wanted.keys.filter(isSkipped).map((key) => ({ key, why: 'It is disabled.' }));
      return Promise.resolve({ begun: wanted.keys.filter((key) => !isSkipped(key)), skipped });
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
  expect(tally(rows)).toEqual({ ready: 2, later: 1, blocked: 1, begun: 0, failed: 1 });
});

test('only what is ready is begun, all of it at once, and what was skipped says why', async () => {
  const rows = await planMany(['a', 'b', 'c'], askedOf({ halts: { b: 'quota' } }));
  const asked = askedOf({ skipped: ['a'] });
  await startMany(rows, asked);
  expect(asked.calls).toEqual(['start a c']);
  const told = asked.shown.map(({ key, state, error }) => `${key} ${state}${error === undefined ? '' : error.message}`);
  expect(told).toEqual(['a starting', 'c starting', 'a failedIt is disabled.', 'c begun']);
  const refused = askedOf({ failing: ['start'] });
  await startMany(rows, refused);
  expect(refused.shown.slice(2).map(({ state }) => state)).toEqual(['failed', 'failed']);
});

test('what AWS could not be asked about is kept for later', async () => {
  const rows = await planMany(['a', 'b'], askedOf({ halts: { b: 'network' } }));
  expect(rows.map(isForLater)).toEqual([false, true]);
  const asked = askedOf({});
  await startMany(rows, asked);
  expect(asked.calls).toEqual(['start a b later']);
});

test('nothing further is asked once nobody looks', async () => {
  const planned = askedOf({ stopAfter: 1 });
  expect(await planMany(['a', 'b'], planned)).toHaveLength(1);
});
