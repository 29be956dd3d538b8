import { expect, test } from 'vitest';
import { createClipboard, HELD_SECONDS, type HeldState } from '../../../src/renderer/lib/clipboard.ts';

/** A clipboard, and a window that has the focus or not. */
function startPage() {
  const page = { clipboard: '', refuses: false, seconds: 0 };
  const timers = new Map<() => void, number>();
  const waiting = new Set<() => void>();
  const clipboard = createClipboard({
    write: async (text) => {
      if (page.refuses) throw new DOMException('The document is not focused.', 'NotAllowedError');
      page.clipboard = text;
    },
    after: (milliseconds, run) => {
      timers.set(run, page.seconds + milliseconds / 1000);
      return () => timers.delete(run);
    },
    onFocus: (run) => {
      waiting.add(run);
      return () => waiting.delete(run);
    },
  });
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  return {
    page,
    waiting,
    copyPlain: (text: string) => clipboard.copy(text),
    async copy(text: string): Promise<HeldState[]> {
      const told: HeldState[] = [];
      await clipboard.hold(text, (state) => told.push(state));
      return told;
    },
    async pass(seconds: number) {
      page.seconds += seconds;
      for (const [run, at] of timers) {
        if (at > page.seconds) continue;
        timers.delete(run);
        run();
      }
      await settle();
    },
    async focus() {
      for (const run of waiting) {
        waiting.delete(run);
        run();
      }
      await settle();
    },
  };
}

test('a copied secret is gone when its time is up, and a new one has a time of its own', async () => {
  const { page, copy, pass } = startPage();
  const first = await copy('A');
  await pass(HELD_SECONDS - 5);
  const second = await copy('B');
  expect(first).toEqual(['replaced']);
  await pass(6);
  expect(page.clipboard).toBe('B');
  await pass(HELD_SECONDS - 6);
  expect(page.clipboard).toBe('');
  expect(second).toEqual(['emptied']);
});

test('what is no secret and was copied over one stays', async () => {
  const { page, copy, copyPlain, pass } = startPage();
  const told = await copy('A');
  await copyPlain('user name');
  await pass(HELD_SECONDS);
  expect([page.clipboard, ...told]).toEqual(['user name', 'replaced']);
});

test('a window without the focus empties it once it has it again', async () => {
  const { page, copy, pass, focus, waiting } = startPage();
  const told = await copy('A');
  page.refuses = true;
  await pass(HELD_SECONDS);
  expect(told).toEqual(['waiting']);
  expect(page.clipboard).toBe('A');
  page.refuses = false;
  await focus();
  expect(page.clipboard).toBe('');
  expect(told).toEqual(['waiting', 'emptied']);
  expect(waiting.size).toBe(0);
});

test('a browser that goes on refusing is not asked for ever, and what it holds is said', async () => {
  const { page, copy, pass, focus, waiting } = startPage();
  const told = await copy('A');
  page.refuses = true;
  await pass(HELD_SECONDS);
  await focus();
  expect(told).toEqual(['waiting', 'still there']);
  expect(waiting.size).toBe(0);
});

test('a copy that is refused leaves the one before its time, and one that waits is replaced', async () => {
  const { page, copy, pass, focus, waiting } = startPage();
  const first = await copy('A');
  page.refuses = true;
  await expect(copy('B')).rejects.toThrow('not focused');
  expect(first).toEqual([]);
  await pass(HELD_SECONDS);
  page.refuses = false;
  const second = await copy('C');
  expect(first).toEqual(['waiting', 'replaced']);
  expect(waiting.size).toBe(0);
  await focus();
  expect(page.clipboard).toBe('C');
  await pass(HELD_SECONDS);
  expect([page.clipboard, ...second]).toEqual(['', 'emptied']);
});
