import {
  type InfiniteData,
  skipToken,
  type UseInfiniteQueryResult,
  useInfiniteQuery,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';
import type { WireError } from '../../../contract/errors.ts';
import { asWireError } from '../../api/error.ts';
import { call } from '../../api/keyhold.ts';
import { feedStore } from '../../api/live.ts';
import { followLog, LIVE_MS, liveKey, PAGE, pagesKey, withLive } from './follow-log.ts';
import type { AuditPage } from './prepend-page.ts';
import { type AuditFilter, type ListAudit, timeOf } from './search-log.ts';
import { type SearchProgress, searchProgress } from './search-progress.ts';

export type { AuditFilter } from './search-log.ts';

const list: ListAudit = (params) => call('audit.list', params);

/** A search through a log of which one call looks at a part. */
export interface SearchState {
  state: SearchProgress;
  /** When the oldest entry was written that was looked at; null where that is not known. */
  reached: string | null;
  /** Of the whole log, from 0 to 1. */
  share: number;
  error: WireError | null;
  stop(): void;
  /** Until more was found than there is by now. */
  goOn(): void;
}

/** The audit log under a filter: pages as one scrolls, new entries as they come. */
export function useAuditLog(filter: AuditFilter) {
  const queries = useQueryClient();
  const query = useInfiniteQuery({
    queryKey: pagesKey(filter),
    initialPageParam: undefined as number | undefined,
    queryFn: ({ pageParam }) => readPage(filter, pageParam),
    getNextPageParam: (page: AuditPage) => page.nextBefore ?? undefined,
  });
  const live = useQuery<AuditPage>({ queryKey: liveKey(filter), queryFn: skipToken });
  const ready = query.isSuccess;
  const identity = JSON.stringify(filter);
  const narrowed = Object.keys(filter).length > 0;
  // Pages of an earlier visit are shown at once, and get what has happened since.
  const catchUp = Date.now() - Math.max(query.dataUpdatedAt, live.dataUpdatedAt) > LIVE_MS;

  // biome-ignore lint/correctness/useExhaustiveDependencies: how old the pages are matters when they come into view, not later
  useEffect(() => {
    if (!ready) return;
    return followLog(queries, { filter: JSON.parse(identity), list, feed: feedStore, catchUp });
  }, [identity, ready, queries]);

  const read = query.data?.pages;
  const pages = useMemo(() => (read === undefined ? [] : (withLive(read, live.data) ?? read)), [read, live.data]);
  const entries = useMemo(() => pages.flatMap((page) => page.entries), [pages]);
  const total = pages[0]?.total ?? 0;
  const search = useSearch(query, { identity, narrowed, total });
  return { query, entries, total, search };
}

/** One page, and with it how far a filter had to look for so few entries. */
async function readPage(filter: AuditFilter, before: number | undefined): Promise<AuditPage> {
  const page = await list({ ...filter, limit: PAGE, ...(before === undefined ? {} : { before }) });
  if (page.nextBefore === null || page.entries.length >= PAGE) return page;
  return { ...page, reached: await timeOf(list, page.nextBefore) };
}

/** Reads on by itself while too little was found, until that is stopped or the filter is another. */
function useSearch(
  query: UseInfiniteQueryResult<InfiniteData<AuditPage>>,
  { identity, narrowed, total }: { identity: string; narrowed: boolean; total: number },
): SearchState {
  const [stoppedAt, setStoppedAt] = useState<string | null>(null);
  const [wanted, setWanted] = useState<{ identity: string; after: number } | null>(null);
  const { hasNextPage, isFetching, isFetchingNextPage, isFetchNextPageError, isSuccess, fetchNextPage } = query;
  const pages = query.data?.pages ?? [];
  const found = pages.reduce((sum, page) => sum + page.entries.length, 0);
  const state = searchProgress({
    narrowed,
    found,
    wantedAfter: wanted?.identity === identity ? wanted.after : null,
    hasNextPage,
    isFetching: isFetchingNextPage,
    isStopped: stoppedAt === identity,
    hasFailed: isFetchNextPageError,
  });
  // Pages that are being read again may leave no room for the next one: it is asked for once they are there.
  const isDue = state === 'searching' && isSuccess && !isFetching;
  useEffect(() => {
    if (isDue) void fetchNextPage({ cancelRefetch: false });
  }, [isDue, fetchNextPage]);
  const last = pages.at(-1);
  return {
    state,
    reached: last?.reached ?? null,
    share: last === undefined || total === 0 ? 0 : 1 - ((last.nextBefore ?? 1) - 1) / total,
    error: isFetchNextPageError ? asWireError(query.error) : null,
    stop: () => setStoppedAt(identity),
    goOn: () => {
      setStoppedAt(null);
      setWanted({ identity, after: found });
      void fetchNextPage({ cancelRefetch: false });
    },
  };
}
