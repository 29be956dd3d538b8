import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { dismissToast, holdToasts, notify, toastStore } from '../../../src/renderer/ui/toast-store.ts';

const shown = () => toastStore.get().map(({ message }) => message);

const clear = () => {
  for (const { id } of toastStore.get()) dismissToast(id);
};

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('window', globalThis);
  // Other tests share the store.
  clear();
});
afterEach(() => {
  holdToasts(false);
  clear();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test('what was done goes by itself, with a way back later, and none while somebody is at it', () => {
  notify({ message: 'Saved.' });
  notify({ message: 'Removed.', action: { label: 'Undo', run: () => undefined } });
  vi.advanceTimersByTime(6000);
  expect(shown()).toEqual(['Removed.']);
  vi.advanceTimersByTime(3000);
  holdToasts(true);
  notify({ message: 'Another.' });
  vi.advanceTimersByTime(600_000);
  expect(shown()).toEqual(['Removed.', 'Another.']);
  holdToasts(false);
  vi.advanceTimersByTime(9000);
  expect(shown()).toEqual(['Removed.']);
  vi.advanceTimersByTime(1000);
  expect(shown()).toEqual([]);
});

test('errors and paths to note down stay until they are dismissed, however many others come', () => {
  notify({ message: 'It failed.', tone: 'error' });
  notify({ message: 'Saved to /media/stick.', lasting: true });
  for (const place of [1, 2, 3, 4, 5]) notify({ message: `Done ${place}.` });
  expect(shown()).toEqual(['It failed.', 'Saved to /media/stick.', 'Done 3.', 'Done 4.', 'Done 5.']);
  notify({ message: 'It failed.', tone: 'error' });
  expect(shown().filter((message) => message === 'It failed.')).toHaveLength(1);
  vi.advanceTimersByTime(600_000);
  expect(shown()).toEqual(['Saved to /media/stick.', 'It failed.']);
});
