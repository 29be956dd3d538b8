import type { Params, Result } from '../../../contract/methods.ts';
import type { AuditEvent } from '../../../contract/schemas.ts';

export type AuditFilter = Pick<
  Params<'audit.list'>,
  'decision' | 'kind' | 'client' | 'profile' | 'account' | 'service' | 'text' | 'since'
>;
export type ListAudit = (params: Params<'audit.list'>) => Promise<Result<'audit.list'>>;

/** Calls that one search makes without being asked to go on: each looks at a bounded part of the log. */
const MOST_CALLS = 6;

export interface LogSearch {
  events: AuditEvent[];
  /** Where each filter's search goes on; null at the beginning of the log, undefined at its end. */
  next: readonly Place[];
  /** When the oldest entry was written that every filter has looked at; null where all was looked at. */
  reached: string | null;
}
type Place = number | null | undefined;

/** When the entry with this number was written; null where it is broken or gone. */
export async function timeOf(list: ListAudit, seq: number): Promise<string | null> {
  const { entries } = await list({ limit: 1, before: seq + 1 });
  const [entry] = entries;
  return entry === undefined || entry.broken !== undefined ? null : entry.event.time;
}

/**
 * The newest entries under each of `filters`, going back in the log until there are some: an answer without any may only mean that the part that was looked
 * at had none. Rejects once `signal` says that nobody waits any more.
 */
export async function searchLog(
  list: ListAudit,
  search: {
    filters: readonly AuditFilter[];
    limit: number;
    keep: (event: AuditEvent) => boolean;
    from: readonly Place[];
    signal?: AbortSignal;
  },
): Promise<LogSearch> {
  const found = await Promise.all(
    search.filters.map(async (filter, index) => searchOne(list, { ...search, filter, from: search.from[index] })),
  );
  const next = found.map((one) => one.next);
  const events = found.flatMap((one) => one.events);
  // What one filter has not looked at, nobody can speak of.
  const newest = Math.max(...next.map((seq) => seq ?? 0));
  const reached = events.length > 0 || newest === 0 ? null : await timeOf(list, newest);
  return { events: events.sort((a, b) => b.time.localeCompare(a.time)), next, reached };
}

async function searchOne(
  list: ListAudit,
  search: {
    filter: AuditFilter;
    limit: number;
    keep: (event: AuditEvent) => boolean;
    from: Place;
    signal?: AbortSignal;
  },
): Promise<{ events: AuditEvent[]; next: number | null }> {
  if (search.from === null) return { events: [], next: null };
  let before = search.from;
  for (let calls = 1; ; calls++) {
    search.signal?.throwIfAborted();
    const { entries, nextBefore } = await list({
      ...search.filter,
      limit: search.limit,
      ...(before === undefined ? {} : { before }),
    });
    const events = entries
      .filter((entry) => entry.broken === undefined)
      .map((entry) => entry.event)
      .filter(search.keep);
    if (events.length > 0 || nextBefore === null || calls === MOST_CALLS) return { events, next: nextBefore };
    before = nextBefore;
  }
}
