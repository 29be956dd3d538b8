import type { ErrorCode, WireError } from '../../contract/errors.ts';

export interface Failure<T> {
  item: T;
  error: WireError;
}

export interface EachOutcome<T> {
  done: T[];
  failed: Failure<T>[];
  /** Those that it never came to: what stood in the way of one stands in the way of all, or nobody wants it any more. */
  left: T[];
}

export interface EachWork<T> {
  work: (item: T) => Promise<unknown>;
  /** What was thrown, in its wire form. */
  wire: (error: unknown) => WireError;
  /** True once nothing further is to be begun. */
  stopped: () => boolean;
  /** Told after each. */
  through?: (count: number) => void;
}

/** What the next one would meet too. */
const ENDS_ALL: readonly ErrorCode[] = [
  'Locked',
  'Unauthorized',
  'Unreachable',
  'HsmCrashed',
  'DiskFull',
  'VaultReadOnly',
];

/** One after the other. What is refused of one does not keep the next from it. */
export async function doEach<T>(
  items: readonly T[],
  { work, wire, stopped, through }: EachWork<T>,
): Promise<EachOutcome<T>> {
  const done: T[] = [];
  const failed: Failure<T>[] = [];
  for (const [index, item] of items.entries()) {
    if (stopped()) return { done, failed, left: items.slice(index) };
    try {
      await work(item);
      done.push(item);
    } catch (caught) {
      const error = wire(caught);
      failed.push({ item, error });
      if (ENDS_ALL.includes(error.code)) return { done, failed, left: items.slice(index + 1) };
    }
    through?.(index + 1);
  }
  return { done, failed, left: [] };
}

/** What went wrong with several, as one error; of one among several it says which. */
export function failuresAsError<T>(
  failed: readonly Failure<T>[],
  nameOf: (item: T) => string,
  of: number,
): WireError | null {
  const [first] = failed;
  if (first === undefined) return null;
  if (of === 1) return first.error;
  const groups = Map.groupBy(failed, ({ error }) => error.message);
  const lines = [...groups].map(([message, group]) => {
    const names = group.slice(0, NAMED).map(({ item }) => `“${nameOf(item)}”`);
    const more = group.length - names.length;
    return `${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}: ${message}`;
  });
  return { ...first.error, message: lines.join(' ') };
}

const NAMED = 6;
