import { createStore } from '../lib/store.ts';

/** Something that is being done with many things, one after the other. */
export interface Bulk {
  id: number;
  label: string;
  done: number;
  of: number;
  stop(): void;
}

export const bulkStore = createStore<readonly Bulk[]>([]);
let nextId = 1;

/**
 * Does `work` with each of `items` in turn, with a bar on the page that can stop it. Ends at the first that fails, and answers with which ones it was done, and the
 * failure.
 */
export async function inBulk<T>(
  label: string,
  items: readonly T[],
  work: (item: T) => Promise<unknown>,
): Promise<{ done: T[]; failure: { error: unknown } | null }> {
  const id = nextId++;
  const done: T[] = [];
  let stopped = false;
  const stop = () => {
    stopped = true;
  };
  bulkStore.set((bulks) => [...bulks, { id, label, done: 0, of: items.length, stop }]);
  try {
    for (const item of items) {
      if (stopped) break;
      await work(item);
      done.push(item);
      bulkStore.set((bulks) => bulks.map((bulk) => (bulk.id === id ? { ...bulk, done: done.length } : bulk)));
    }
    return { done, failure: null };
  } catch (error) {
    return { done, failure: { error } };
  } finally {
    bulkStore.set((bulks) => bulks.filter((bulk) => bulk.id !== id));
  }
}
