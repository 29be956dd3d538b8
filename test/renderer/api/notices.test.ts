import { beforeEach, expect, test } from 'vitest';
import { addNotice, bannersOf, dismissNotice, noticesStore, putAwayStore } from '../../../src/renderer/api/notices.ts';

const TAMPERED = { level: 'error' as const, message: 'The audit log was changed while the vault was locked.' };
const FULL = { level: 'warning' as const, message: 'The disk is full.' };

beforeEach(() => {
  noticesStore.set([]);
  putAwayStore.set(new Set<string>());
});

const shown = (status: { warning?: string; notice?: string } = {}) =>
  bannersOf(status, noticesStore.get(), putAwayStore.get());

test('a second notice does not take the place of the first, and errors stand before warnings', () => {
  addNotice(TAMPERED);
  addNotice(FULL);
  addNotice({ level: 'warning', message: 'A key is due.' });
  expect(shown().map(({ message }) => message)).toEqual([TAMPERED.message, 'A key is due.', FULL.message]);
  dismissNotice(TAMPERED.message);
  expect(shown().map(({ message }) => message)).toEqual(['A key is due.', FULL.message]);
});

test('what is said again stands there once, as the newest', () => {
  addNotice(FULL);
  addNotice({ level: 'warning', message: 'A key is due.' });
  addNotice(FULL);
  expect(shown().map(({ message }) => message)).toEqual([FULL.message, 'A key is due.']);
});

test('errors are kept where there are too many warnings', () => {
  addNotice(TAMPERED);
  for (let index = 0; index < 40; index++) addNotice({ level: 'warning', message: `Warning ${index}` });
  expect(shown()).toHaveLength(20);
  expect(shown()[0]).toEqual({ ...TAMPERED, dismissable: true });
  expect(shown()[1]?.message).toBe('Warning 39');
});

test('a full disk is shown once and cannot be put away while it holds', () => {
  addNotice(FULL);
  expect(shown({ warning: FULL.message })).toEqual([{ ...FULL, dismissable: false }]);
  dismissNotice(FULL.message);
  expect(shown({ warning: FULL.message })).toEqual([{ ...FULL, dismissable: false }]);
});

test('that the vault was rebuilt is shown until it is put away, and again when it is said anew', () => {
  const notice = 'The vault file is damaged. It was replaced by a copy.';
  expect(shown({ notice })).toEqual([{ level: 'warning', message: notice, dismissable: true }]);
  addNotice({ level: 'warning', message: notice });
  expect(shown({ notice })).toHaveLength(1);
  dismissNotice(notice);
  expect(shown({ notice })).toEqual([]);
  addNotice({ level: 'warning', message: notice });
  expect(shown({ notice })).toHaveLength(1);
});
