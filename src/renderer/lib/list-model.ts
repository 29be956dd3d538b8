/** One way to order a list. */
export interface Sort<T> {
  id: string;
  label: string;
  compare: (a: T, b: T) => number;
}

/** One chip: rows for which any chip of its group that is on holds, stay. */
export interface Filter<T> {
  id: string;
  label: string;
  /** Chips of one group widen each other; chips of different groups narrow. */
  group: string;
  keep: (item: T) => boolean;
}

export interface ListView {
  search: string;
  sort: string;
  filters: readonly string[];
}

/** Every word of the search must occur somewhere in the row's text, in any order, whatever the case. */
export function matchesSearch(text: string, search: string): boolean {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return true;
  const haystack = text.toLowerCase();
  return words.every((word) => haystack.includes(word));
}

/** The rows to show, in order. */
export function applyView<T>(
  items: readonly T[],
  view: ListView,
  rules: { text: (item: T) => string; sorts: readonly Sort<T>[]; filters: readonly Filter<T>[] },
): T[] {
  const on = rules.filters.filter((filter) => view.filters.includes(filter.id));
  const groups = Map.groupBy(on, (filter) => filter.group);
  const kept = items.filter(
    (item) =>
      matchesSearch(rules.text(item), view.search) &&
      [...groups.values()].every((filters) => filters.some((filter) => filter.keep(item))),
  );
  const sort = rules.sorts.find((one) => one.id === view.sort) ?? rules.sorts[0];
  return sort === undefined ? kept : kept.sort(sort.compare);
}

const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

export function byText<T>(text: (item: T) => string): (a: T, b: T) => number {
  return (a, b) => collator.compare(text(a), text(b));
}

/** Newest first; rows without the instant last. */
export function byInstant<T>(instant: (item: T) => string | undefined): (a: T, b: T) => number {
  return (a, b) => (instant(b) ?? '').localeCompare(instant(a) ?? '');
}
