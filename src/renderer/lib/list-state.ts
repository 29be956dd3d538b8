import { createStore, type Store, useStore } from './store.ts';

/** What a list remembers while other screens are shown. */
export interface ListState {
  search: string;
  sort: string;
  filters: readonly string[];
  /** Ids ticked for a bulk action. */
  ticked: ReadonlySet<string>;
  /** Row that the arrow keys stand on. */
  cursor: string | null;
  scrollTop: number;
}

const stores = new Map<string, Store<ListState>>();
const forgetting = new Set<() => void>();

function storeFor(name: string): Store<ListState> {
  const existing = stores.get(name);
  if (existing !== undefined) return existing;
  const made = createStore<ListState>({
    search: '',
    sort: '',
    filters: [],
    ticked: new Set(),
    cursor: null,
    scrollTop: 0,
  });
  stores.set(name, made);
  return made;
}

/** The state of the list called `name`, kept for the life of the page. */
export function useListState(name: string): [ListState, (patch: Partial<ListState>) => void] {
  const store = storeFor(name);
  const state = useStore(store);
  return [state, (patch) => store.set((current) => ({ ...current, ...patch }))];
}

/** Runs `forget` whenever the page has to forget what it showed: for what is remembered outside of lists. */
export function onForget(forget: () => void): void {
  forgetting.add(forget);
}

/** Forgets every list: what is in a locked vault must not be left on the page. */
export function forgetLists(): void {
  stores.clear();
  for (const forget of forgetting) forget();
}
