import { type InfiniteData, useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import type { Params } from '../../../contract/methods.ts';
import type { AuditEntry } from '../../../contract/schemas.ts';
import { call } from '../../api/keyhold.ts';
import { feedStore } from '../../api/live.ts';
import { type AuditPage, prependPage } from './prepend-page.ts';

export type AuditFilter = Pick<Params<'audit.list'>, 'decision' | 'kind' | 'client' | 'service' | 'text'>;

const PAGE = 200;
const LIVE_MS = 400;

/** The audit log under a filter: pages as one scrolls, new entries as they come. */
export function useAuditLog(filter: AuditFilter) {
  const queries = useQueryClient();
  const queryKey = ['audit', 'log', filter];
  const query = useInfiniteQuery({
    queryKey,
    initialPageParam: undefined as number | undefined,
    queryFn: ({ pageParam }) =>
      call('audit.list', { ...filter, limit: PAGE, ...(pageParam === undefined ? {} : { before: pageParam }) }),
    getNextPageParam: (page: AuditPage) => page.nextBefore ?? undefined,
    staleTime: 0,
  });
  const ready = query.isSuccess;
  const identity = JSON.stringify(filter);

  useEffect(() => {
    if (!ready) return;
    const current: AuditFilter = JSON.parse(identity);
    const key = ['audit', 'log', current];
    let timer: number | undefined;
    let stopped = false;
    const pull = async () => {
      timer = undefined;
      try {
        const head = await call('audit.list', { ...current, limit: PAGE });
        if (stopped) return;
        const data = queries.getQueryData<InfiniteData<AuditPage, number | undefined>>(key);
        if (data === undefined) return;
        const pages = prependPage(data.pages, head);
        if (pages === null) await queries.resetQueries({ queryKey: key });
        else queries.setQueryData(key, { ...data, pages });
      } catch {
        // The next event tries again, and a lost daemon has its own banner.
      }
    };
    const stop = feedStore.subscribe(() => {
      timer ??= window.setTimeout(() => void pull(), LIVE_MS);
    });
    return () => {
      stopped = true;
      window.clearTimeout(timer);
      stop();
    };
  }, [identity, ready, queries]);

  const entries: AuditEntry[] = query.data?.pages.flatMap((page) => page.entries) ?? [];
  return { query, entries, total: query.data?.pages[0]?.total ?? 0 };
}
