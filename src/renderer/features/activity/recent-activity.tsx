import { useInfiniteQuery } from '@tanstack/react-query';
import type { AuditEvent } from '../../../contract/schemas.ts';
import { asWireError } from '../../api/error.ts';
import { call } from '../../api/keyhold.ts';
import { feedStore } from '../../api/live.ts';
import { mergeFeed } from '../../api/merge-feed.ts';
import { formatExact } from '../../lib/format.ts';
import { useStore } from '../../lib/store.ts';
import { useLate } from '../../lib/use-late.ts';
import { Button } from '../../ui/button.tsx';
import { RecordLink } from '../shell/record-link.tsx';
import { EventRow } from './event-row.tsx';
import { mayMatch } from './may-match.ts';
import { type AuditFilter, type LogSearch, searchLog } from './search-log.ts';

const SHOWN = 8;

/** The newest requests of one client, profile or account, live. */
export function RecentActivity({ filter }: { filter: Pick<AuditFilter, 'client' | 'profile' | 'account'> }) {
  const search = useLogSearch(['audit', 'recent', filter], [filter], SHOWN, everything);
  const live = useStore(feedStore).filter((event) => mayMatch(filter, event));
  return <Events search={search} live={live} none="No requests" />;
}

function everything(): boolean {
  return true;
}

/** What was done with one key and to it: the requests of its profiles, and the changes that name it. */
export function KeyActivity({ keyName, profiles }: { keyName: string; profiles: readonly string[] }) {
  const keep = (event: AuditEvent) => concerns(event, keyName, profiles);
  const filters: AuditFilter[] = [
    { kind: 'change', text: keyName },
    ...profiles.slice(0, 4).map((profile) => ({ kind: 'request' as const, profile })),
  ];
  const search = useLogSearch(['audit', 'key', keyName, profiles], filters, SHOWN * 4, keep);
  const live = useStore(feedStore).filter(keep);
  return <Events search={search} live={live} none="Nothing was done with this key" />;
}

function concerns(event: AuditEvent, keyName: string, profiles: readonly string[]): boolean {
  if (event.kind === 'request') return event.profile !== undefined && profiles.includes(event.profile);
  return event.action.startsWith('key.') && event.target === keyName;
}

/** Searches the log until something is found, at first only so far back. */
function useLogSearch(
  queryKey: readonly unknown[],
  filters: readonly AuditFilter[],
  limit: number,
  keep: (event: AuditEvent) => boolean,
) {
  return useInfiniteQuery({
    queryKey,
    initialPageParam: filters.map((): LogSearch['next'][number] => undefined),
    queryFn: ({ pageParam, signal }) =>
      searchLog((params) => call('audit.list', params), { filters, limit, keep, from: pageParam, signal }),
    getNextPageParam: ({ events, next }: LogSearch) =>
      events.length === 0 && next.some((seq) => seq !== null) ? [...next] : undefined,
    staleTime: 0,
  });
}

function Events({
  search,
  live,
  none,
}: {
  search: ReturnType<typeof useLogSearch>;
  live: readonly AuditEvent[];
  none: string;
}) {
  const late = useLate(search.data === undefined && search.error === null);
  if (search.error !== null) {
    return (
      <p className="flex flex-wrap items-center gap-2">
        {asWireError(search.error).message}
        <Button
          size="compact"
          onPress={() => void (search.isFetchNextPageError ? search.fetchNextPage() : search.refetch())}
        >
          Try again
        </Button>
      </p>
    );
  }
  if (search.data === undefined) return late ? <p className="text-muted">Reading the log…</p> : null;
  const found = search.data.pages.flatMap((page) => page.events);
  const events = mergeFeed(found, live).slice(0, SHOWN);
  if (events.length === 0 && search.hasNextPage) {
    const reached = search.data.pages.at(-1)?.reached ?? null;
    return (
      <p className="flex flex-wrap items-center gap-2 text-muted">
        {reached === null ? `${none} in the newest part of the log.` : `${none} since ${formatExact(reached)}.`}
        <Button size="compact" isDisabled={search.isFetchingNextPage} onPress={() => void search.fetchNextPage()}>
          {search.isFetchingNextPage ? 'Searching…' : 'Search further back'}
        </Button>
      </p>
    );
  }
  if (events.length === 0) return <p className="text-muted">{none} yet.</p>;
  return (
    <>
      <ul className="flex flex-col">
        {events.map((event) => (
          <li key={event.id} className="flex min-h-8 items-center py-1">
            <EventRow event={event} />
          </li>
        ))}
      </ul>
      <p>
        <RecordLink screen="activity" id={null}>
          All activity
        </RecordLink>
      </p>
    </>
  );
}
