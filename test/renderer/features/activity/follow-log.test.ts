import { type InfiniteData, InfiniteQueryObserver, QueryClient } from '@tanstack/react-query';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { AuditEvent } from '../../../../src/contract/schemas.ts';
import {
  followLog,
  LIVE_MS,
  liveKey,
  PAGE,
  pagesKey,
  withLive,
} from '../../../../src/renderer/features/activity/follow-log.ts';
import type { AuditPage } from '../../../../src/renderer/features/activity/prepend-page.ts';
import type { AuditFilter, ListAudit } from '../../../../src/renderer/features/activity/search-log.ts';
import { createStore } from '../../../../src/renderer/lib/store.ts';
import { emptyVault, listFakeAudit } from '../../../support/fake-contract.ts';

type Before = number | undefined;
const FILTER: AuditFilter = { client: 'mine' };

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const eventOf = (seq: number): AuditEvent => ({
  id: String(seq),
  time: new Date(Date.UTC(2026, 10, 29) + seq * 1000).toISOString(),
  kind: 'request',
  action: 'Encrypt',
  decision: 'allowed',
  actor: 'door',
  client: 'mine',
});

/** A page that shows a log of `length` entries and follows it. */
async function showLog(length: number, meanwhile: (happen: () => void) => void = () => {}) {
  const vault = emptyVault();
  const feed = createStore<readonly AuditEvent[]>([]);
  const happen = () => {
    const event = eventOf(vault.events.length + 1);
    vault.events.push(event);
    feed.set((events) => [event, ...events]);
  };
  for (let seq = 1; seq <= length; seq++) vault.events.push(eventOf(seq));

  const asked: Parameters<ListAudit>[0][] = [];
  const list: ListAudit = async (params) => {
    asked.push(params);
    return listFakeAudit(vault, { ...params });
  };
  /** What an answer waits for after the log was read for it. */
  const held: { until: Promise<void> } = { until: Promise.resolve() };
  const queries = new QueryClient();
  const observer = new InfiniteQueryObserver<AuditPage, Error, InfiniteData<AuditPage>, unknown[], Before>(queries, {
    queryKey: pagesKey(FILTER),
    initialPageParam: undefined,
    queryFn: async ({ pageParam }) => {
      const page = await list({ ...FILTER, limit: PAGE, ...(pageParam === undefined ? {} : { before: pageParam }) });
      if (pageParam === undefined) meanwhile(happen);
      await held.until;
      return page;
    },
    getNextPageParam: (page) => page.nextBefore ?? undefined,
  });
  const unsubscribe = observer.subscribe(() => {});
  await vi.advanceTimersByTimeAsync(1);
  const stop = followLog(queries, { filter: FILTER, list, feed, catchUp: false });
  const shown = () => {
    const pages = queries.getQueryData<InfiniteData<AuditPage>>(pagesKey(FILTER))?.pages ?? [];
    const all = withLive(pages, queries.getQueryData<AuditPage>(liveKey(FILTER)));
    return { seqs: all?.flatMap(({ entries }) => entries.map(({ seq }) => seq)), total: all?.[0]?.total };
  };
  const end = () => {
    stop();
    unsubscribe();
    queries.clear();
  };
  return { vault, happen, asked, held, queries, observer, shown, end };
}

const downFrom = (seq: number, to = 1) => Array.from({ length: seq - to + 1 }, (_, index) => seq - index);

test('what happens while an older page is being read stays on the page', async () => {
  const log = await showLog(PAGE + 50);
  expect(log.shown().seqs).toEqual(downFrom(PAGE + 50, 51));
  const older = Promise.withResolvers<void>();
  log.held.until = older.promise;
  const reading = log.observer.fetchNextPage();
  log.happen();
  log.happen();
  await vi.advanceTimersByTimeAsync(LIVE_MS);
  expect(log.shown()).toEqual({ seqs: downFrom(PAGE + 52, 51), total: PAGE + 52 });
  older.resolve();
  await reading;
  expect(log.shown()).toEqual({ seqs: downFrom(PAGE + 52), total: PAGE + 52 });
  // And nothing is there twice after the next one.
  log.happen();
  await vi.advanceTimersByTimeAsync(LIVE_MS);
  expect(log.shown()).toEqual({ seqs: downFrom(PAGE + 53), total: PAGE + 53 });
  log.end();
});

test('what happens between the reading of a page and its arrival is read once it has arrived', async () => {
  const log = await showLog(3, (happen) => happen());
  expect(log.shown().seqs).toEqual(downFrom(3));
  await vi.advanceTimersByTimeAsync(LIVE_MS);
  expect(log.shown().seqs).toEqual(downFrom(4));
  expect(log.asked).toHaveLength(2);
  log.end();
});

test('nothing is read again where the pages have all that the feed has', async () => {
  const log = await showLog(3);
  await vi.advanceTimersByTimeAsync(LIVE_MS * 3);
  expect(log.asked).toHaveLength(1);
  log.end();
});

test('more than one call can tell of is read anew', async () => {
  const log = await showLog(3);
  for (let more = 0; more < PAGE + 5; more++) log.vault.events.push(eventOf(log.vault.events.length + 1));
  log.happen();
  await vi.advanceTimersByTimeAsync(LIVE_MS + 1);
  const length = 3 + PAGE + 6;
  expect(log.shown()).toEqual({ seqs: downFrom(length, length - PAGE + 1), total: length });
  log.end();
});
