/** With this many found a search waits until somebody scrolls to the last of them. */
const ENOUGH = 50;

export interface SearchFacts {
  /** Whether a filter leaves entries out: without one every page has some. */
  narrowed: boolean;
  /** In the pages that were read back, without what was written since. */
  found: number;
  /** How many were found when somebody asked for more of them; null where nobody did. */
  wantedAfter: number | null;
  hasNextPage: boolean;
  isFetching: boolean;
  isStopped: boolean;
  hasFailed: boolean;
}

export type SearchProgress = 'searching' | 'stopped' | 'failed' | 'waiting' | 'done';

/**
 * What becomes of a search, part after part. Who asked for more waits until there is more: a part in which nothing was found is followed by the next one, and
 * what shows how far it has come stays on the page.
 */
export function searchProgress(facts: SearchFacts): SearchProgress {
  const { narrowed, found, wantedAfter, hasNextPage, isFetching, isStopped, hasFailed } = facts;
  if (hasFailed) return 'failed';
  if (!hasNextPage) return 'done';
  if (isStopped) return 'stopped';
  const tooFew = found < ENOUGH || found === wantedAfter;
  return isFetching || (narrowed && tooFew) ? 'searching' : 'waiting';
}
