import type { InfiniteData, QueryClient } from '@tanstack/react-query';
import type { AuditEvent } from '../../../contract/schemas.ts';
import type { Store } from '../../lib/store.ts';
import { mayMatch } from './may-match.ts';
import { type AuditPage, prependPage } from './prepend-page.ts';
import type { AuditFilter, ListAudit } from './search-log.ts';

export const PAGE = 200;
/** For so long what happens is gathered, so that a busy tool does not make the page read the log all the time. */
export const LIVE_MS = 400;

/** Where the pages are kept that were read back from the newest entry there was. */
export const pagesKey = (filter: AuditFilter) => ['audit', 'log', filter];

/**
 * Where the page is kept that was written since. Not in front of those: a page that is on its way when an entry comes is put behind the pages there were when it was
 * asked for, and they take the place of all that is in front by then.
 */
export const liveKey = (filter: AuditFilter) => ['audit', 'live', filter];

/** The pages that were read with what was written since; null where something between the two is missing. */
export function withLive(pages: readonly AuditPage[], live: AuditPage | undefined): readonly AuditPage[] | null {
  return live === undefined ? pages : prependPage(pages, live);
}

/** Reads what is written to the log from now on, until the answered function is called. */
export function followLog(
  queries: QueryClient,
  {
    filter,
    list,
    feed,
    catchUp,
  }: { filter: AuditFilter; list: ListAudit; feed: Store<readonly AuditEvent[]>; catchUp: boolean },
): () => void {
  const key = pagesKey(filter);
  const readPages = () => queries.getQueryData<InfiniteData<AuditPage>>(key)?.pages;
  const readLive = () => queries.getQueryData<AuditPage>(liveKey(filter));
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stopped = false;

  const pull = async () => {
    timer = undefined;
    try {
      const head = await list({ ...filter, limit: PAGE });
      const pages = readPages();
      if (stopped || pages === undefined) return;
      const live = readLive();
      const [next] = live === undefined ? [head] : (prependPage([live], head) ?? []);
      if (next !== undefined && withLive(pages, next) !== null) {
        queries.setQueryData<AuditPage>(liveKey(filter), next);
        return;
      }
      await queries.resetQueries({ queryKey: liveKey(filter) });
      await queries.resetQueries({ queryKey: key });
    } catch {
      // The next event tries again, and a lost daemon has its own banner.
    }
  };
  const plan = () => {
    timer ??= setTimeout(() => void pull(), LIVE_MS);
  };

  // An event may have come between the moment that the pages are of and their arrival.
  const shown = new Set([...(readPages() ?? []), readLive()].flatMap((page) => page?.entries.map(idOf) ?? []));
  let seen = feed.get();
  if (catchUp || seen.some((event) => !shown.has(event.id) && mayMatch(filter, event))) plan();
  const unsubscribe = feed.subscribe(() => {
    const known = new Set(seen.map((event) => event.id));
    seen = feed.get();
    if (seen.some((event) => !known.has(event.id) && mayMatch(filter, event))) plan();
  });
  return () => {
    stopped = true;
    clearTimeout(timer);
    unsubscribe();
  };
}

const idOf = ({ event }: AuditPage['entries'][number]) => event.id;
