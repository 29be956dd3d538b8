import { asWireError } from '../api/error.ts';
import { bulkStore } from '../ui/bulk-store.ts';
import { doEach, type EachOutcome } from './do-each.ts';

let nextId = 1;

/** `doEach` without a dialog: a bar on the page says how far it is, and can stop it. */
export async function inBulk<T>(
  label: string,
  items: readonly T[],
  work: (item: T) => Promise<unknown>,
): Promise<EachOutcome<T>> {
  const id = nextId++;
  let stopped = false;
  const stop = () => {
    stopped = true;
  };
  bulkStore.set((bulks) => [...bulks, { id, label, done: 0, of: items.length, stop }]);
  try {
    return await doEach(items, {
      work,
      wire: asWireError,
      stopped: () => stopped,
      through: (done) => bulkStore.set((bulks) => bulks.map((bulk) => (bulk.id === id ? { ...bulk, done } : bulk))),
    });
  } finally {
    bulkStore.set((bulks) => bulks.filter((bulk) => bulk.id !== id));
  }
}
