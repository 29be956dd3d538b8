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

/** Every word of the search must occur somewhere in the row's text, in any order, whatever the case. */
export function matchesSearch(text: string, search: string): boolean {
  const haystack = text.toLowerCase();
  return searchWords(search).every((word) => haystack.includes(word));
}

function searchWords(search: string): string[] {
  return search.toLowerCase().split(/\s+/).filter(Boolean);
}

/** A row with the text that is searched for it. */
export interface Indexed<T> {
  item: T;
  text: string;
}

/** All rows in order, ready to be searched: what a keystroke in the search need not do again. */
export function arrange<T>(
  items: readonly T[],
  order: string,
  rules: { text: (item: T) => string; sorts: readonly Sort<T>[] },
): Indexed<T>[] {
  const sort = rules.sorts.find((one) => one.id === order) ?? rules.sorts[0];
  const sorted = sort === undefined ? items : [...items].sort(sort.compare);
  return sorted.map((item) => ({ item, text: rules.text(item).toLowerCase() }));
}

/** The rows to show of those that were arranged. */
export function choose<T>(
  rows: readonly Indexed<T>[],
  view: { search: string; filters: readonly string[] },
  filters: readonly Filter<T>[],
): T[] {
  const on = filters.filter((filter) => view.filters.includes(filter.id));
  const groups = [...Map.groupBy(on, (filter) => filter.group).values()];
  const words = searchWords(view.search);
  return rows.flatMap(({ item, text }) =>
    words.every((word) => text.includes(word)) && groups.every((group) => group.some((filter) => filter.keep(item)))
      ? [item]
      : [],
  );
}

/** The ticks of records that are there; the same set where all are. */
export function withoutMissing(
  ticked: ReadonlySet<string>,
  records: readonly { id: string }[] | undefined,
): ReadonlySet<string> {
  if (ticked.size === 0 || records === undefined) return ticked;
  const there = records.flatMap(({ id }) => (ticked.has(id) ? [id] : []));
  return there.length === ticked.size ? ticked : new Set(there);
}

const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

export function byText<T>(text: (item: T) => string): (a: T, b: T) => number {
  return (a, b) => collator.compare(text(a), text(b));
}

/** Newest first; rows without the instant last. */
export function byInstant<T>(instant: (item: T) => string | undefined): (a: T, b: T) => number {
  return (a, b) => (instant(b) ?? '').localeCompare(instant(a) ?? '');
}
