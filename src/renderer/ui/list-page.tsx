import type { UseQueryResult } from '@tanstack/react-query';
import { ArrowLeft, ArrowUpDown, Plus, X } from 'lucide-react';
import { type ReactNode, useEffect, useMemo, useRef } from 'react';
import { asWireError } from '../api/error.ts';
import { formatCount } from '../lib/format.ts';
import { arrange, choose, type Filter, type Sort, withoutMissing } from '../lib/list-model.ts';
import { useListState } from '../lib/list-state.ts';
import { useOpenRecord } from '../lib/open-record.ts';
import { navigate, type Screen, useRoute } from '../lib/router.ts';
import { useScreenCommands } from '../lib/screen-commands.ts';
import { useWide } from '../lib/use-wide.ts';
import { Button, IconButton } from './button.tsx';
import { Chips } from './chips.tsx';
import { cx } from './cx.ts';
import { GonePane } from './gone-pane.tsx';
import { Menu } from './menu.tsx';
import { SearchField } from './search-field.tsx';
import { ErrorState, RowsSkeleton } from './states.tsx';
import { VirtualList, type VirtualListHandle } from './virtual-list.tsx';

export interface BulkAction<T> {
  id: string;
  label: string;
  danger?: boolean;
  run: (items: T[]) => void;
}

export interface ListPageProps<T extends { id: string }> {
  screen: Screen;
  title: string;
  /** One record and several, e.g. `access key` and `access keys`. */
  noun: string;
  query: UseQueryResult<T[]>;
  text: (item: T) => string;
  sorts: readonly Sort<T>[];
  filters: readonly Filter<T>[];
  /** Before each row, 16 px. */
  icon: ReactNode;
  row: (item: T) => ReactNode;
  detail: (item: T) => ReactNode;
  detailLabel: (item: T) => string;
  empty: ReactNode;
  /** Absent where rows are made elsewhere. */
  onAdd?: () => void;
  /** Default: Add. */
  addLabel?: string;
  /** Other ways to more rows, before Add. */
  more?: ReactNode;
  /** What the list is of, under its title: another choice shows other rows. */
  scope?: ReactNode;
  /** Names that choice, where there is one: with another, nothing is asked for any more. */
  scopeId?: string;
  /** What took the place of a record that is no longer in the list. */
  heir?: (gone: T, all: readonly T[]) => T | undefined;
  bulk: readonly BulkAction<T>[];
  /** Default 40. */
  rowHeight?: 40 | 56;
}

/** A list with search, sort, filters and bulk actions, and the detail of one record beside it. */
export function ListPage<T extends { id: string }>(props: ListPageProps<T>) {
  const { screen, query, onAdd, text, sorts, filters } = props;
  const route = useRoute();
  const wide = useWide();
  const [state, patch] = useListState(screen);
  const search = useRef<HTMLInputElement>(null);
  const list = useRef<VirtualListHandle>(null);
  const detail = useRef<HTMLElement>(null);

  const rows = useMemo(
    () => arrange(query.data ?? [], state.sort, { text, sorts }),
    [query.data, state.sort, text, sorts],
  );
  const items = useMemo(
    () => choose(rows, { search: state.search, filters: state.filters }, filters),
    [rows, state.search, state.filters, filters],
  );
  const { record: open, gone } = useOpenRecord({
    idOf: (item) => item.id,
    scope: props.scopeId ?? '',
    asked: route.id,
    all: query.data,
    rows: items,
    cursor: state.cursor,
    beside: wide,
    settled: !query.isFetching,
    heir: props.heir,
  });
  const cursor = wide ? (open?.id ?? null) : (state.cursor ?? items[0]?.id ?? null);
  const ticked = items.filter((item) => state.ticked.has(item.id));

  // What was removed, or is in another place, is no longer chosen for anything.
  const { data } = query;
  const kept = useMemo(() => withoutMissing(state.ticked, data), [state.ticked, data]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `patch` is another with every look
  useEffect(() => {
    if (kept !== state.ticked) patch({ ticked: kept });
  }, [kept, state.ticked]);

  useScreenCommands({ search: () => search.current?.focus(), ...(onAdd === undefined ? {} : { add: onAdd }) });

  // Where list and detail take turns, the focus goes along, so that Escape leads back.
  const shown = wide ? undefined : open?.id;
  useEffect(() => {
    if (shown !== undefined) detail.current?.focus();
  }, [shown]);

  // With the record its buttons went, and with the ticks theirs, which may be later: and the focus that was on one of them.
  const lost = wide && gone !== undefined;
  // biome-ignore lint/correctness/useExhaustiveDependencies: as above
  useEffect(() => {
    if (lost && document.activeElement === document.body) detail.current?.focus();
  }, [lost, ticked.length, data]);

  /** To the rows, of which one is marked and, beside them, open. */
  const enterList = () => {
    const first = items[0];
    // Nothing to choose from but with another search.
    if (first === undefined) search.current?.focus();
    else list.current?.focus();
    if (first === undefined || items.some((item) => item.id === cursor)) return;
    patch({ cursor: first.id });
    if (wide) navigate(screen, first.id, { replace: true });
  };

  const showList = () => {
    if (lost) return enterList();
    if (!wide) navigate(screen, null);
    window.requestAnimationFrame(() => list.current?.focus());
  };

  const stepBack = (): boolean => {
    if (ticked.length > 0) patch({ ticked: new Set() });
    else if (detail.current?.contains(document.activeElement) || (!wide && open !== undefined)) showList();
    else if (state.search !== '') patch({ search: '' });
    else return false;
    return true;
  };

  const total = query.data?.length ?? 0;

  if (query.isError && query.data === undefined) {
    return <ErrorState what={props.title} error={asWireError(query.error)} onRetry={() => void query.refetch()} />;
  }

  const narrowed = items.length !== total;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Escape steps back from wherever the focus is on this page
    <div
      className="flex min-h-0 min-w-0 flex-1"
      onKeyDown={(event) => {
        if (event.key === 'Escape' && !event.defaultPrevented && stepBack()) event.preventDefault();
      }}
    >
      <div
        className={cx(
          'min-h-0 min-w-0 flex-col border-line',
          !wide && open !== undefined ? 'hidden' : 'flex',
          // Nothing to show beside an empty list: it takes the whole width.
          wide && total > 0 ? 'w-[clamp(320px,30vw,420px)] shrink-0 border-r' : 'flex-1',
        )}
      >
        <header className="flex h-13 shrink-0 items-center gap-2 pr-3 pl-4">
          <h1 className="min-w-0 truncate text-title font-semibold">{props.title}</h1>
          <span className="flex-1 text-muted tabular-nums">
            {query.data !== undefined &&
              (narrowed ? `${formatCount(items.length)} of ${formatCount(total)}` : formatCount(total))}
          </span>
          {props.more}
          {onAdd !== undefined && (
            <Button size="compact" onPress={onAdd} icon={<Plus size={16} aria-hidden="true" />}>
              {props.addLabel ?? 'Add'}
            </Button>
          )}
        </header>
        {props.scope !== undefined && <div className="shrink-0 px-4 pb-2">{props.scope}</div>}
        {total > 0 && (
          <div className="flex shrink-0 flex-col gap-2 border-b border-line px-4 pb-3">
            <div className="flex gap-1">
              <SearchField
                label={`Search ${lowerFirst(props.title)}`}
                value={state.search}
                onChange={(value) => patch({ search: value })}
                inputRef={search}
                onLeave={enterList}
                className="flex-1"
              />
              <Menu
                label="Sort by"
                trigger={
                  <IconButton
                    label={`Sort: ${(sorts.find((sort) => sort.id === state.sort) ?? sorts[0])?.label ?? ''}`}
                    icon={<ArrowUpDown size={16} aria-hidden="true" />}
                    className="size-8"
                  />
                }
                actions={sorts.map((sort) => ({ id: sort.id, label: sort.label, run: () => patch({ sort: sort.id }) }))}
              />
            </div>
            {filters.length > 0 && (
              <Chips label="Filters" chips={filters} on={state.filters} onChange={(on) => patch({ filters: on })} />
            )}
          </div>
        )}
        {query.data === undefined ? (
          <RowsSkeleton />
        ) : total === 0 ? (
          props.empty
        ) : items.length === 0 ? (
          <div className="flex flex-1 flex-col items-center justify-center gap-3 px-6 text-center">
            <p className="text-muted">No {props.noun} matches.</p>
            <Button onPress={() => patch({ search: '', filters: [] })}>Clear search and filters</Button>
          </div>
        ) : (
          <VirtualList
            label={props.title}
            items={items}
            id={(item) => item.id}
            row={props.row}
            rowHeight={() => props.rowHeight ?? 40}
            icon={props.icon}
            cursor={cursor}
            onCursor={(id) => {
              patch({ cursor: id });
              if (wide) navigate(screen, id, { replace: true });
            }}
            onOpen={(id, by) => {
              patch({ cursor: id });
              if (!wide) navigate(screen, id);
              else if (by === 'key') detail.current?.focus();
            }}
            ticked={state.ticked}
            onTick={(next) => patch({ ticked: next })}
            scrollTop={state.scrollTop}
            onScrollTop={(scrollTop) => patch({ scrollTop })}
            handle={list}
          />
        )}
        {ticked.length > 0 && (
          <div
            role="toolbar"
            aria-label="Actions for the selected rows"
            className="flex min-h-12 shrink-0 animate-fade-in flex-wrap items-center gap-1 border-t border-line bg-panel px-3 py-2"
          >
            <span className="flex flex-1 items-center gap-1">
              <IconButton
                label="Clear the selection"
                hint="Esc"
                icon={<X size={16} aria-hidden="true" />}
                onPress={() => patch({ ticked: new Set() })}
              />
              <span role="status" className="font-medium whitespace-nowrap">
                {formatCount(ticked.length)} selected
              </span>
            </span>
            <span className="ml-auto flex items-center gap-1">
              {props.bulk.map((action) => (
                <Button
                  key={action.id}
                  size="compact"
                  variant={action.danger === true ? 'danger-ghost' : 'ghost'}
                  onPress={() => action.run(ticked)}
                >
                  {action.label}
                </Button>
              ))}
            </span>
          </div>
        )}
      </div>
      {open !== undefined ? (
        <article
          ref={detail}
          aria-label={props.detailLabel(open)}
          // The detail scrolls by keyboard too.
          // biome-ignore lint/a11y/noNoninteractiveTabindex: as above
          tabIndex={0}
          className="min-h-0 min-w-0 flex-1 overflow-y-auto outline-none focus-visible:shadow-[inset_0_0_0_2px_var(--focus)]"
        >
          {!wide && (
            <div className="px-4 pt-3">
              <Button
                variant="ghost"
                size="compact"
                icon={<ArrowLeft size={16} aria-hidden="true" />}
                onPress={showList}
              >
                {props.title}
              </Button>
            </div>
          )}
          <div key={open.id}>{props.detail(open)}</div>
        </article>
      ) : wide && total > 0 && gone !== undefined ? (
        <GonePane
          pane={detail}
          what={gone.was === undefined ? null : props.detailLabel(gone.was)}
          noun={props.noun}
          onLeave={enterList}
        />
      ) : (
        wide && total > 0 && <div className="flex-1 bg-panel" />
      )}
    </div>
  );
}

/** `KMS keys` as it is, `Access keys` as `access keys`: for the middle of a sentence. */
function lowerFirst(title: string): string {
  return /^[A-Z]{2}/.test(title) ? title : `${title.charAt(0).toLowerCase()}${title.slice(1)}`;
}
