import { ArrowLeft, ShieldCheck } from 'lucide-react';
import { useDeferredValue, useEffect, useMemo, useRef, useState } from 'react';
import type { AuditEntry } from '../../../contract/schemas.ts';
import { asWireError } from '../../api/error.ts';
import { useClients } from '../../api/queries.ts';
import { formatCount } from '../../lib/format.ts';
import { useListState } from '../../lib/list-state.ts';
import { useOpenRecord } from '../../lib/open-record.ts';
import { navigate, useRoute } from '../../lib/router.ts';
import { useScreenCommands } from '../../lib/screen-commands.ts';
import { useWide } from '../../lib/use-wide.ts';
import { Button } from '../../ui/button.tsx';
import { Chips } from '../../ui/chips.tsx';
import { cx } from '../../ui/cx.ts';
import { SearchField } from '../../ui/search-field.tsx';
import { EmptyState, ErrorState, RowsSkeleton } from '../../ui/states.tsx';
import { VirtualList, type VirtualListHandle } from '../../ui/virtual-list.tsx';
import { EventDetail } from './event-detail.tsx';
import { EventRow, eventRowHeight } from './event-row.tsx';
import { FilterMenu } from './filter-menu.tsx';
import { NothingFound, SearchFoot } from './search-foot.tsx';
import { type AuditFilter, type SearchState, useAuditLog } from './use-audit-log.ts';
import { VerifyDialog } from './verify-dialog.tsx';

const CHIPS = [
  { id: 'allowed', label: 'Allowed' },
  { id: 'denied', label: 'Denied' },
  { id: 'request', label: 'Requests' },
  { id: 'change', label: 'Changes' },
] as const;

const SERVICES = ['dynamodb', 'ec2', 'iam', 'kms', 'lambda', 's3', 'sqs', 'ssm', 'sts'];

/** The audit log: every request at the door and every change of the vault. */
export function ActivityScreen() {
  const route = useRoute();
  const wide = useWide();
  const [state, patch] = useListState('activity');
  const [client, setClient] = useState<string | null>(null);
  const [service, setService] = useState<string | null>(null);
  const [verifying, setVerifying] = useState(false);
  const text = useDeferredValue(state.search);
  const search = useRef<HTMLInputElement>(null);
  const list = useRef<VirtualListHandle>(null);
  const detail = useRef<HTMLElement>(null);
  const clients = useClients().data ?? [];

  const on = state.filters;
  const filter = useMemo((): AuditFilter => {
    const decision = pick(on, 'allowed', 'denied');
    const kind = pick(on, 'request', 'change');
    return {
      ...(decision === undefined ? {} : { decision }),
      ...(kind === undefined ? {} : { kind }),
      ...(client === null ? {} : { client }),
      ...(service === null ? {} : { service }),
      ...(text.trim() === '' ? {} : { text: text.trim() }),
    };
  }, [on, client, service, text]);
  const { query, entries, total, search: searching } = useAuditLog(filter);
  const narrowed = Object.keys(filter).length > 0;

  const { record, gone } = useOpenRecord({
    idOf: ({ event }: AuditEntry) => event.id,
    scope: '',
    asked: route.id,
    all: query.isSuccess ? entries : undefined,
    rows: entries,
    cursor: state.cursor,
    beside: wide,
    settled: !query.isFetching,
  });
  // Nothing leaves the log: what a search or a filter leaves out stays open.
  const open = record ?? gone?.was;
  useScreenCommands({ search: () => search.current?.focus() });

  // Where list and detail take turns, the focus goes along, so that Escape leads back.
  const shown = wide ? undefined : open?.event.id;
  useEffect(() => {
    if (shown !== undefined) detail.current?.focus();
  }, [shown]);

  const showList = () => {
    if (!wide) navigate('activity', null);
    window.requestAnimationFrame(() => list.current?.focus());
  };
  const clear = () => {
    patch({ search: '', filters: [] });
    setClient(null);
    setService(null);
  };
  // Chips of one pair exclude each other: both on would mean neither.
  const choose = (next: readonly string[]) => {
    const added = next.find((id) => !on.includes(id));
    const rival = { allowed: 'denied', denied: 'allowed', request: 'change', change: 'request' }[added ?? ''];
    patch({ filters: next.filter((id) => id !== rival) });
  };

  const services = [...new Set([...SERVICES, ...entries.flatMap((entry) => entry.event.service ?? [])])].sort();
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Escape steps back from wherever the focus is on this page
    <div
      className="flex min-h-0 min-w-0 flex-1"
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || event.defaultPrevented) return;
        if (detail.current?.contains(document.activeElement) || shown !== undefined) showList();
        else if (state.search !== '') patch({ search: '' });
        else return;
        event.preventDefault();
      }}
    >
      <div
        className={cx(
          'min-h-0 min-w-0 flex-col border-line wide:flex wide:min-w-85 wide:flex-[3] wide:border-r',
          !wide && open !== undefined ? 'hidden' : 'flex flex-1',
        )}
      >
        <header className="flex h-13 shrink-0 items-center gap-2 pr-3 pl-4">
          <h1 className="text-title font-semibold">Activity</h1>
          <span className="flex-1 truncate text-muted tabular-nums">
            {query.isSuccess && countWords(narrowed, total, entries, searching.state)}
          </span>
          <Button size="compact" icon={<ShieldCheck size={16} aria-hidden="true" />} onPress={() => setVerifying(true)}>
            Verify
          </Button>
        </header>
        <div className="flex shrink-0 flex-col gap-2 border-b border-line px-4 pb-3">
          <SearchField
            label="Search the log"
            value={state.search}
            onChange={(value) => patch({ search: value.slice(0, 200) })}
            inputRef={search}
            onLeave={() => list.current?.focus()}
          />
          <div className="flex flex-wrap items-center gap-1.5">
            <Chips label="Filters" chips={CHIPS} on={on} onChange={choose} />
            <FilterMenu
              label="Client"
              all="Any client"
              value={client}
              values={clients.map((one) => one.name)}
              onChange={setClient}
            />
            <FilterMenu label="Service" all="Any service" value={service} values={services} onChange={setService} />
          </div>
        </div>
        {query.isError && !query.isFetchNextPageError && entries.length === 0 ? (
          <ErrorState within what="The log" error={asWireError(query.error)} onRetry={() => void query.refetch()} />
        ) : query.isPending ? (
          <RowsSkeleton rows={12} />
        ) : entries.length === 0 ? (
          narrowed ? (
            <NothingFound search={searching} onClear={clear} />
          ) : (
            <EmptyState title="Nothing has happened yet">
              Requests and changes appear here the moment they happen.
            </EmptyState>
          )
        ) : (
          <VirtualList<AuditEntry>
            label="Activity"
            items={entries}
            id={(entry) => entry.event.id}
            row={(entry) => <EventRow event={entry.event} />}
            rowHeight={(entry) => eventRowHeight(entry.event)}
            cursor={wide ? (open?.event.id ?? null) : (state.cursor ?? entries[0]?.event.id ?? null)}
            onCursor={(id) => {
              patch({ cursor: id });
              if (wide) navigate('activity', id, { replace: true });
            }}
            onOpen={(id, by) => {
              patch({ cursor: id });
              if (!wide) navigate('activity', id);
              else if (by === 'key') detail.current?.focus();
            }}
            onEnd={() => {
              if (searching.state === 'waiting') searching.goOn();
            }}
            handle={list}
            scrollTop={state.scrollTop}
            onScrollTop={(scrollTop) => patch({ scrollTop })}
          />
        )}
        {entries.length > 0 && (narrowed || searching.state === 'failed') && (
          <div className="shrink-0 border-t border-line px-4 py-2 empty:hidden">
            <SearchFoot search={searching} />
          </div>
        )}
      </div>
      {open !== undefined ? (
        <article
          ref={detail}
          aria-label="Entry"
          // biome-ignore lint/a11y/noNoninteractiveTabindex: the detail scrolls by keyboard too
          tabIndex={0}
          className="min-h-0 min-w-0 flex-1 overflow-y-auto outline-none focus-visible:shadow-[inset_0_0_0_2px_var(--focus)] wide:min-w-80 wide:flex-[2]"
        >
          {!wide && (
            <div className="px-4 pt-3">
              <Button
                variant="ghost"
                size="compact"
                icon={<ArrowLeft size={16} aria-hidden="true" />}
                onPress={showList}
              >
                Activity
              </Button>
            </div>
          )}
          <EventDetail entry={open} />
        </article>
      ) : (
        wide && (
          <div className="flex flex-[2] items-center justify-center bg-panel px-6 text-center">
            {gone !== undefined && (
              <p className="max-w-88 text-muted">
                This entry is further back in the log, or the search and the filters leave it out.
              </p>
            )}
          </div>
        )
      )}
      {verifying && <VerifyDialog onClose={() => setVerifying(false)} />}
    </div>
  );
}

/** How many were found is known once the whole log was looked at; how long it is, at once. */
function countWords(
  narrowed: boolean,
  total: number,
  entries: readonly AuditEntry[],
  state: SearchState['state'],
): string {
  if (!narrowed) return `${formatCount(total)} entries`;
  return state === 'done' ? `${formatCount(entries.filter((entry) => entry.broken === undefined).length)} found` : '';
}

function pick<A extends string, B extends string>(on: readonly string[], a: A, b: B): A | B | undefined {
  if (on.includes(a)) return a;
  return on.includes(b) ? b : undefined;
}
