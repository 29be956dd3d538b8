import type { ReactNode } from 'react';
import { matchesSearch } from '../../lib/list-model.ts';

/** At most this many objects of one kind are offered: typing on narrows them. */
const SHOWN_PER_KIND = 16;

export interface Entry {
  id: string;
  group: string;
  label: string;
  note?: string;
  keys?: readonly string[];
  icon: ReactNode;
  run: () => void;
}

export interface EntryGroup {
  group: string;
  entries: Entry[];
  /** How many there are, of which these are the first. */
  of: number;
}

/** What is found, by its group. Every action is offered, and with nothing typed they alone. */
export function shownEntries(
  { actions, objects }: { actions: readonly Entry[]; objects: readonly Entry[] },
  search: string,
): EntryGroup[] {
  const found = (entries: readonly Entry[], most: number) =>
    [
      ...Map.groupBy(
        entries.filter((entry) => matchesSearch(`${entry.label} ${entry.note ?? ''} ${entry.group}`, search)),
        (entry) => entry.group,
      ),
    ].map(([group, all]) => ({ group, entries: all.slice(0, most), of: all.length }));
  return [...found(actions, Number.POSITIVE_INFINITY), ...(search.trim() === '' ? [] : found(objects, SHOWN_PER_KIND))];
}
