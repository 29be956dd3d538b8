import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { KeyholdError } from '../../../src/contract/errors.ts';
import { setMany } from '../../../src/renderer/features/shell/set-many.ts';
import { bulkStore } from '../../../src/renderer/ui/bulk-store.ts';
import { toastStore } from '../../../src/renderer/ui/toast-store.ts';

const WORDS = {
  ...{ doing: 'Disabling', done: 'Disabled', what: '400 keys', none: 'No key here is enabled.' },
  nameOf: (key: string) => key,
};
const KEYS = Array.from({ length: 400 }, (_, index) => `key-${index}`);

beforeAll(() => {
  vi.stubGlobal('window', { setTimeout: () => 0 });
});
afterAll(() => {
  vi.unstubAllGlobals();
});
beforeEach(() => {
  toastStore.set([]);
});

test('says how far it is while it works, and what was done at the end', async () => {
  const seen: string[] = [];
  await setMany(KEYS, WORDS, async () => {
    const [bulk] = bulkStore.get();
    seen.push(`${bulk?.label}: ${bulk?.done} of ${bulk?.of}`);
  });
  expect(seen[0]).toBe('Disabling 400 keys: 0 of 400');
  expect(seen.at(-1)).toBe('Disabling 400 keys: 399 of 400');
  expect(bulkStore.get()).toEqual([]);
  expect(toastStore.get().map(({ message }) => message)).toEqual(['Disabled 400 keys.']);
});

test('can be stopped, and takes back what was changed by then', async () => {
  const undone: string[][] = [];
  const changed: string[] = [];
  await setMany(
    KEYS,
    WORDS,
    async (key) => {
      changed.push(key);
      if (changed.length === 37) bulkStore.get()[0]?.stop();
    },
    (done) => undone.push(done),
  );
  expect(changed).toHaveLength(37);
  const [toast] = toastStore.get();
  expect(toast?.message).toBe('Disabled 37 of 400 keys.');
  toast?.action?.run();
  expect(undone).toEqual([changed]);
});

test('what is refused is named, keeps none of the others, and leaves the way back', async () => {
  const undone: string[][] = [];
  await setMany(
    ['a', 'b', 'c'],
    { ...WORDS, what: '3 keys' },
    async (key) => {
      if (key === 'b') throw new KeyholdError('ServiceRefused', 'The policy does not allow it.');
    },
    (done) => undone.push(done),
  );
  const [toast] = toastStore.get();
  expect(toast).toMatchObject({ message: 'Disabled 2 of 3 keys. “b”: The policy does not allow it.', tone: 'error' });
  toast?.action?.run();
  expect(undone).toEqual([['a', 'c']]);
  expect(bulkStore.get()).toEqual([]);
});

test('what stands in the way of all ends it at the first', async () => {
  const tried: string[] = [];
  await setMany(['a', 'b', 'c'], { ...WORDS, what: '3 keys' }, async (key) => {
    tried.push(key);
    if (key === 'b') throw new KeyholdError('Locked', 'The vault is locked. Unlock it and try again.');
  });
  expect(tried).toEqual(['a', 'b']);
  expect(toastStore.get()[0]?.message).toBe('Disabled 1 of 3 keys. “b”: The vault is locked. Unlock it and try again.');
});

test('where there is none to change, it says so', async () => {
  await setMany([], WORDS, async () => {});
  expect(toastStore.get().map(({ message }) => message)).toEqual(['No key here is enabled.']);
});
