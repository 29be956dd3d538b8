import { expect, test } from 'vitest';
import { claimPrompts, claimStore } from '../../../src/renderer/features/security-keys/claimed-prompts.ts';
import {
  factorWords,
  pinComplaint,
  pinHint,
  pinWords,
  wantsPin,
} from '../../../src/renderer/features/security-keys/key-words.ts';
import { FIDO_INFO } from '../../support/fake-mfa.ts';

const slot = { id: '1', label: 'one', createdAt: '2026-11-28T12:00:00.000Z' };

test('a wrong PIN is said at its field, with the tries that are left; other errors are not about it', () => {
  const wrong = (retries: number) => ({ code: 'PinWrong' as const, message: '', details: { retries } });
  expect(pinComplaint(wrong(7))).toBe('This PIN is wrong. 7 tries left before the key blocks it.');
  expect(pinComplaint(wrong(1))).toContain('One try left');
  expect(pinComplaint({ code: 'PinWrong', message: '' })).toBe('This PIN is wrong.');
  expect(pinComplaint({ code: 'PinPolicy', message: 'Six at least.' })).toBe('Six at least.');
  for (const code of ['PinBlocked', 'PinAuthBlocked', 'DeviceGone', 'WrongSecret'] as const) {
    expect(pinComplaint({ code, message: 'x' })).toBeNull();
  }
});

test('only a key with a PIN and without a fingerprint asks for the PIN', () => {
  expect(wantsPin(undefined)).toBe(false);
  expect(wantsPin(FIDO_INFO)).toBe(true);
  expect(wantsPin({ ...FIDO_INFO, pin: 'unset' })).toBe(false);
  expect(wantsPin({ ...FIDO_INFO, builtInVerification: 'set' })).toBe(false);
  expect(wantsPin({ kind: 'otp', firmware: null, serial: null, slots: [null, true] })).toBe(false);
});

test('the state of a PIN in words', () => {
  expect(pinWords(FIDO_INFO)).toBe('PIN set, 8 tries left');
  expect(pinWords({ ...FIDO_INFO, pinRetries: 1 })).toBe('PIN set, 1 try left');
  expect(pinWords({ ...FIDO_INFO, pin: 'blocked' })).toBe('PIN blocked');
  expect(pinHint({ ...FIDO_INFO, pinRetries: 1 })).toContain('One try left');
  expect(pinHint(undefined)).toContain('not your vault’s password');
});

test('a way in is told by its factors', () => {
  expect(factorWords({ ...slot, factors: ['password'] })).toBe('A password');
  expect(factorWords({ ...slot, factors: ['password', 'fido2'], userVerification: true })).toBe(
    'A password and a security key with its PIN',
  );
  expect(factorWords({ ...slot, factors: ['yubikey-hmac-sha1'], yubikey: { serial: 42, otpSlot: 2 } })).toBe(
    'A key’s challenge-response (slot 2 of 42)',
  );
});

test('a dialog keeps its own prompts out of the corner, and lets go of them once', () => {
  const first = claimPrompts(['test', 'authorize']);
  const second = claimPrompts(['test']);
  first();
  first();
  expect(claimStore.get()).toEqual(['test']);
  second();
  expect(claimStore.get()).toEqual([]);
});
