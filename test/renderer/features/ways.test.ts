import { expect, test } from 'vitest';
import { hasKey, isPasswordAlone } from '../../../src/client/ways.ts';
import type { SlotInfo } from '../../../src/contract/schemas.ts';
import { factorsOfWays, kindOfWay, kindsOfWays } from '../../../src/renderer/features/unlock/ways.ts';

const way = (...factors: SlotInfo['factors']): SlotInfo => ({
  id: factors.join(),
  label: factors.join(),
  factors,
  createdAt: '2026-11-28T12:00:00.000Z',
});

test('a way in with a key is one whatever stands beside it', () => {
  expect(hasKey(way('fido2'))).toBe(true);
  expect(hasKey(way('password', 'yubikey-hmac-sha1'))).toBe(true);
  expect(hasKey(way('password'))).toBe(false);
  expect(hasKey(way('recovery-code'))).toBe(false);
  expect([way('password'), way('password', 'fido2'), way('recovery-code')].map(isPasswordAlone)).toEqual([
    true,
    false,
    false,
  ]);
});

test('each way in is one of four kinds', () => {
  expect(kindOfWay(way('password'))).toBe('password');
  expect(kindOfWay(way('recovery-code'))).toBe('recovery-code');
  expect(kindOfWay(way('fido2', 'password'))).toBe('password-key');
  expect(kindOfWay(way('password', 'fido2', 'yubikey-hmac-sha1'))).toBe('password-key');
  expect(kindOfWay(way('yubikey-hmac-sha1', 'fido2'))).toBe('key');
});

test('what is offered is what there is, the password first; before it is known, what a vault begins with', () => {
  expect(kindsOfWays([])).toEqual(['password', 'recovery-code']);
  expect(kindsOfWays([way('recovery-code'), way('fido2'), way('fido2')])).toEqual(['key', 'recovery-code']);
  expect(kindsOfWays([way('fido2', 'password'), way('recovery-code'), way('password')])).toEqual([
    'password',
    'password-key',
    'recovery-code',
  ]);
});

test('who has to prove again who they are is offered what opens the vault, and nothing else', () => {
  expect(factorsOfWays([])).toEqual(['password', 'recovery-code']);
  expect(factorsOfWays([way('fido2'), way('recovery-code')])).toEqual(['security-key', 'recovery-code']);
  expect(factorsOfWays([way('fido2'), way('password', 'fido2')])).toEqual(['security-key']);
  expect(factorsOfWays([way('password'), way('fido2'), way('recovery-code')])).toEqual([
    'password',
    'security-key',
    'recovery-code',
  ]);
});
