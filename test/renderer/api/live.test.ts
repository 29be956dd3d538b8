import { QueryClient } from '@tanstack/react-query';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type { Status } from '../../../src/contract/schemas.ts';
import { addNotice, noticesStore } from '../../../src/renderer/api/notices.ts';

type Live = typeof import('../../../src/renderer/api/live.ts');
let live: Live;
let queries: QueryClient;

const LOCKS_AT = '2026-11-29T12:15:00.000Z';
const status = (more: Partial<Status> = {}): Status => ({
  state: 'unlocked',
  version: '0.1.0',
  home: '/home/ada/.local/share/keyhold',
  pid: 1,
  endpoint: null,
  httpsEndpoint: null,
  ui: null,
  startedAt: '2026-11-29T12:00:00.000Z',
  locksAt: LOCKS_AT,
  shell: 'serve',
  ...more,
});

beforeAll(async () => {
  // What a page looks for as soon as it is there: its shell, and a one-time link in its address.
  vi.stubGlobal('window', { location: { hash: '', pathname: '/' } });
  live = await import('../../../src/renderer/api/live.ts');
});
afterAll(() => {
  vi.unstubAllGlobals();
});
beforeEach(() => {
  queries = new QueryClient();
  noticesStore.set([]);
  live.statusStore.set(null);
  live.statusErrorStore.set(null);
});

test('what an unlock says before it answers is still there after the answer', () => {
  live.acceptStatus(status({ state: 'locked' }), queries);
  live.acceptStatus(status(), queries);
  addNotice({ level: 'error', message: 'The audit log was changed while the vault was locked.' });
  addNotice({ level: 'warning', message: 'The disk is full.' });
  live.acceptStatus(status(), queries);
  expect(noticesStore.get().map(({ message }) => message)).toEqual([
    'The audit log was changed while the vault was locked.',
    'The disk is full.',
  ]);
});

test('a lock ends what was said of the open vault', () => {
  live.acceptStatus(status(), queries);
  addNotice({ level: 'warning', message: 'A key is due.' });
  live.acceptStatus(status({ state: 'locked' }), queries);
  expect(noticesStore.get()).toEqual([]);
});

test('once the disk has room again nothing says that it is full', () => {
  addNotice({ level: 'warning', message: 'The disk is full.' });
  live.acceptStatus(status({ warning: 'The disk is full.' }), queries);
  expect(noticesStore.get()).toHaveLength(1);
  live.acceptStatus(status(), queries);
  expect(noticesStore.get()).toEqual([]);
});

test('a page that cannot reach the daemon forgets the vault when it was to lock, and not before', () => {
  const due = Date.parse(LOCKS_AT);
  live.acceptStatus(status(), queries);
  queries.setQueryData(['keys'], ['deploy-bot']);
  expect(live.forgetOverdue(queries, due - 1)).toBe(false);
  expect(queries.getQueryData(['keys'])).toEqual(['deploy-bot']);
  expect(live.forgetOverdue(queries, due)).toBe(true);
  expect(queries.getQueryData(['keys'])).toBeUndefined();
  expect(live.statusStore.get()).toBeNull();
  expect(live.statusErrorStore.get()?.message).toContain('put away what it showed');
});

test('a vault that stays open by its settings stays on the page', () => {
  const { locksAt: _, ...open } = status();
  live.acceptStatus(open, queries);
  expect(live.forgetOverdue(queries, Date.parse(LOCKS_AT) + 86_400_000)).toBe(false);
  expect(live.statusStore.get()?.state).toBe('unlocked');
});
