import { describe, expect, test } from 'vitest';
import type { HsmStatus, VaultCopy } from '../../../src/contract/hsm.ts';
import { healthOf } from '../../../src/renderer/features/hsm/health.ts';

const copy = (change: Partial<VaultCopy>): VaultCopy => ({
  path: '/x/vault.keyhold',
  role: 'mirror',
  state: 'in-step',
  reason: null,
  generation: 7,
  lastSeen: null,
  verifiedAt: null,
  retryAt: null,
  apart: true,
  ...change,
});
const PRIMARY = copy({ role: 'primary' });
const backups: HsmStatus['backups'] = {
  folder: '/x',
  everyHours: 24,
  keep: 7,
  keepWeekly: 4,
  list: [],
  nextAt: null,
  failure: null,
};
const health = (copies: VaultCopy[], failure: string | null = null) =>
  healthOf({ copies, backups: { ...backups, failure } });

describe('how safe the vault is', () => {
  test.each([
    ['one copy', [PRIMARY], 'warn', /There is one copy/],
    ['a mirror on the same disk', [PRIMARY, copy({ apart: false })], 'warn', /on one disk/],
    ['a mirror on another', [PRIMARY, copy({})], 'good', /2 copies in step/],
    ['one being written', [PRIMARY, copy({ state: 'catching-up' })], 'good', /2 copies/],
    ['one out of reach', [PRIMARY, copy({}), copy({ state: 'out-of-reach' })], 'warn', /One copy is not in step/],
    ['two behind', [PRIMARY, copy({ state: 'behind' }), copy({ state: 'opening' })], 'warn', /2 copies are not/],
    [
      'one in conflict',
      [PRIMARY, copy({ state: 'out-of-reach' }), copy({ state: 'conflict' })],
      'bad',
      /does not have/,
    ],
    ['the vault’s own file', [copy({ role: 'primary', state: 'behind', reason: 'why' }), copy({})], 'bad', /own file/],
  ] as const)('%s', (_what, copies, tone, title) => {
    const found = health([...copies]);
    expect(found.tone).toBe(tone);
    expect(found.title).toMatch(title);
  });

  test('a backup that failed is said before a mirror that is away, and after a conflict', () => {
    const away = copy({ state: 'out-of-reach' });
    expect(health([PRIMARY, away], 'The folder is gone.')).toMatchObject({ tone: 'warn', text: 'The folder is gone.' });
    expect(health([PRIMARY, copy({ state: 'conflict' })], 'x').tone).toBe('bad');
  });
});
