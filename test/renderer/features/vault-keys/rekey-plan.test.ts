import { expect, test } from 'vitest';
import type { SlotInfo } from '../../../../src/contract/schemas.ts';
import {
  codesToReplace,
  NOTHING_PROVED,
  openWays,
  planSentences,
  wayState,
  withDropped,
  withProof,
} from '../../../../src/renderer/features/vault-keys/rekey-plan.ts';

const slot = (id: string, label: string, ...factors: SlotInfo['factors']): SlotInfo => ({
  id,
  label,
  factors,
  createdAt: '2026-11-23T12:00:00.000Z',
});
const slots = [
  slot('p', 'Password', 'password'),
  slot('r', 'Recovery code', 'recovery-code'),
  slot('k', 'blue', 'password', 'fido2'),
];

test('a way in that was proved stays, whatever was said of it before', () => {
  const given = withDropped(NOTHING_PROVED, 'p', true);
  expect(slots.map((one) => wayState(one, given))).toEqual(['ends', 'open', 'open']);
  const proved = withProof(given, { ticket: 't', slots: ['p'] });
  expect(slots.map((one) => wayState(one, proved))).toEqual(['stays', 'open', 'open']);
  expect(withDropped(proved, 'p', true).dropped.size).toBe(0);
  expect(proved.tickets).toEqual(['t']);
  expect(openWays(slots, proved).map(({ id }) => id)).toEqual(['r', 'k']);
});

test('what is given up can be kept after all', () => {
  const both = withDropped(withDropped(NOTHING_PROVED, 'k', true), 'k', false);
  expect(openWays(slots, both)).toHaveLength(3);
});

test('a new recovery code takes the place of those that were not typed', () => {
  expect(codesToReplace(slots, NOTHING_PROVED)).toEqual(['r']);
  expect(codesToReplace(slots, withProof(NOTHING_PROVED, { ticket: 't', slots: ['r'] }))).toEqual([]);
});

test('the plan names what stays and what ends', () => {
  const proved = withProof(NOTHING_PROVED, { ticket: 't', slots: ['p', 'k'] });
  expect(planSentences(slots, withDropped(proved, 'r', true), 1200)).toEqual([
    'The vault gets a new root key, and 1,200 records are sealed anew.',
    '“Password” and “blue” still open the vault.',
    '“Recovery code” opens nothing any more.',
    'Backups made until now stay readable, with the passwords and codes of their time.',
  ]);
});
