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
