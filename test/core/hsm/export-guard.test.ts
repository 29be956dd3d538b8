import { expect, test } from 'vitest';
import type { ObjectAttributes } from '../../../src/core/hsm/protocol.ts';
import { newTokenState } from '../../../src/core/hsm/token.ts';
import { requireExportAllowed } from '../../../src/core/hsm/users/export-guard.ts';
import type { Roster } from '../../../src/core/hsm/users/roster.ts';
import { testTokenPorts } from '../../support/hsm.ts';

const MINUTE = 60_000;

const kms: ObjectAttributes = {
  id: 'ab'.repeat(16),
  class: 'secret-key',
  spec: 'AES_256',
  usage: ['encrypt', 'decrypt'],
  extractable: false,
  label: 'kms x',
  createdAt: 1,
  policy: {},
};
const other: ObjectAttributes = { ...kms, id: 'cd'.repeat(16), spec: 'AWS_SECRET_ACCESS_KEY', usage: ['sigv4'] };

function stateWith(key: number | null) {
  let tick = 0;
  const state = newTokenState(testTokenPorts({ clock: { now: () => 1000, monotonic: () => tick } }));
  const roster: Roster | null =
    key === null
      ? null
      : { users: [], touch: {}, quorum: { key, user: 0 }, keyUseNeedsLogin: false, tokens: [], releases: [] };
  state.users.base = { mark: null, roster, version: 1, tag: '' };
  return {
    state,
    pass(milliseconds: number) {
      tick += milliseconds;
    },
  };
}

test('nothing is guarded without users or without a key quorum', () => {
  for (const key of [null, 0]) expect(() => requireExportAllowed(stateWith(key).state, [kms, other])).not.toThrow();
});

test('with one, key material leaves for five minutes after its approval was committed, and nothing else is held back', () => {
  const { state, pass } = stateWith(2);
  const refused = expect.objectContaining({
    code: 'QuorumRequired',
    details: expect.objectContaining({ required: 2 }),
  });
  expect(() => requireExportAllowed(state, [other])).not.toThrow();
  expect(() => requireExportAllowed(state, [other, kms])).toThrow(refused);
  state.users.exports.set(kms.id, state.ports.clock.monotonic() + 5 * MINUTE);
  expect(() => requireExportAllowed(state, [kms])).not.toThrow();
  expect(() => requireExportAllowed(state, [kms, { ...kms, id: 'ef'.repeat(16) }])).toThrow(refused);
  pass(5 * MINUTE);
  expect(() => requireExportAllowed(state, [kms])).toThrow(refused);
});
