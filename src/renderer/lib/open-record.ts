import { useState } from 'react';

/** What was shown beside a list, and what it was shown for. */
export interface Shown<T> {
  /** Another choice of what the list is of begins anew. */
  scope: string;
  /** The id that the address named, if it did. */
  asked: string | null;
  record: T;
}

export interface OpenQuestion<T> {
  idOf: (record: T) => string;
  scope: string;
  /** The id that the address names. */
  asked: string | null;
  /** Every record, the searched for and the others; undefined until they are read. */
  all: readonly T[] | undefined;
  /** The rows in their order. */
  rows: readonly T[];
  cursor: string | null;
  /** What was shown last. */
  shown: Shown<T> | null;
  /** Whether something is shown where nothing is asked for: list and detail are side by side. */
  beside: boolean;
  /** False while the records are being read again: what is asked for may be on its way. */
  settled: boolean;
  /** What took the place of a record that is gone. */
  heir?: ((gone: T, all: readonly T[]) => T | undefined) | undefined;
}

export interface Opened<T> {
  record?: T;
  /** What was asked for is not there; `was` is what it last was, if it ever was shown. */
  gone?: { was: T | undefined };
}

/**
 * The record to show beside a list. What is shown stays while the rows around it change, and is never swapped for another one under the pointer: who is about
 * to press Remove must not find the next record there.
 */
export function openRecord<T>(question: OpenQuestion<T>): Opened<T> {
  const { idOf, asked, all, rows, cursor, beside, settled, heir } = question;
  if (all === undefined) return {};
  const shown = question.shown?.scope === question.scope && question.shown.asked === asked ? question.shown : null;
  // Of what was shown for this address, which is not what it names where that has an heir.
  const id = shown !== null && (beside || asked !== null) ? idOf(shown.record) : asked;
  if (id === null) {
    const first = beside ? (rows.find((row) => idOf(row) === cursor) ?? rows[0]) : undefined;
    return first === undefined ? {} : { record: first };
  }
  const record = all.find((one) => idOf(one) === id);
  if (record !== undefined) return { record };
  const was = shown?.record;
  const next = was === undefined ? undefined : heir?.(was, all);
  if (next !== undefined) return { record: next };
  return was !== undefined || settled ? { gone: { was } } : {};
}

/** As `openRecord`, remembering what it showed. */
export function useOpenRecord<T>(question: Omit<OpenQuestion<T>, 'shown'>): Opened<T> {
  const [shown, setShown] = useState<Shown<T> | null>(null);
  const { scope, asked } = question;
  const opened = openRecord({ ...question, shown });
  const { record } = opened;
  if (record !== undefined && (shown?.record !== record || shown.asked !== asked || shown.scope !== scope)) {
    setShown({ scope, asked, record });
  }
  return opened;
}
