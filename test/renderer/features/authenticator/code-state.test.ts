import { expect, test } from 'vitest';
import type { OtpCodes, OtpDevice } from '../../../../src/contract/totp.ts';
import { codeStateOf, spaced } from '../../../../src/renderer/features/authenticator/code-state.ts';

const START = Date.UTC(2026, 10, 28, 12);
const at = (ms: number) => new Date(START + ms).toISOString();
const device: OtpDevice = {
  ...{
    id: 'a'.repeat(32),
    name: 'github',
    issuer: '',
    label: '',
    type: 'totp',
    algorithm: 'SHA1',
    digits: 6,
    period: 30,
  },
  ...{ favourite: false, createdAt: at(0) },
};
const current = { code: '111111', validFrom: at(0), validUntil: at(30_000) };
const next = { code: '222222', validFrom: at(30_000), validUntil: at(60_000) };
const fresh: OtpCodes = { name: 'github', current, next, usableFrom: at(0) };

test('a code is shown with what is left of it, and the next one only when it is near', () => {
  expect(codeStateOf(device, fresh, START + 10_000)).toEqual({
    ...{ kind: 'shown', code: '111111', next: '222222', left: 20_000, period: 30_000, soon: false },
  });
  expect(codeStateOf(device, fresh, START + 23_000)).toMatchObject({ soon: true, left: 7000 });
});

test('the next code takes its place at its time, before the answer to the next question has come', () => {
  expect(codeStateOf(device, fresh, START + 30_000)).toMatchObject({ kind: 'shown', code: '222222', next: null });
  expect(codeStateOf(device, fresh, START + 60_000)).toEqual({ kind: 'loading' });
});

test('a used code is not shown; the wait is counted to the first that is free', () => {
  const used: OtpCodes = { name: 'github', current: null, next, usableFrom: at(30_000) };
  expect(codeStateOf(device, used, START + 12_000)).toEqual({ kind: 'used', left: 18_000, period: 30_000 });
  expect(codeStateOf(device, used, START + 31_000)).toMatchObject({ kind: 'shown', code: '222222' });
  const both: OtpCodes = { name: 'github', current: null, next: null, usableFrom: at(60_000) };
  expect(codeStateOf(device, both, START + 12_000)).toMatchObject({ kind: 'used', left: 48_000 });
});

test('codes by counter have none to show, and unknown ones are loading', () => {
  expect(codeStateOf({ ...device, type: 'hotp' }, undefined, START)).toEqual({ kind: 'counter' });
  expect(codeStateOf(device, undefined, START)).toEqual({ kind: 'loading' });
});

test('digits are read in halves', () => {
  expect([spaced('123456'), spaced('1234567'), spaced('12345678')]).toEqual([
    '123\u2009456',
    '1234\u2009567',
    '1234\u20095678',
  ]);
});
