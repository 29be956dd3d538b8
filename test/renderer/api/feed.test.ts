import { expect, test } from 'vitest';
import type { AuditEvent } from '../../../src/contract/schemas.ts';
import { mergeFeed } from '../../../src/renderer/api/merge-feed.ts';
import { prependPage } from '../../../src/renderer/features/activity/prepend-page.ts';

const event = (id: number): AuditEvent => ({
  id: String(id),
  time: new Date(Date.UTC(2026, 0, 1) + id * 1000).toISOString(),
  kind: 'request',
  action: 's3:GetObject',
  decision: 'allowed',
  actor: 'door',
});
const entry = (seq: number) => ({ seq, event: event(seq), hash: 'h', mac: 'm' });
/** A page of a log that had as many entries as its newest has for a number, or more. */
const page = (seqs: number[], nextBefore: number | null = null, total = seqs[0] ?? 0) => ({
  entries: seqs.map(entry),
  nextBefore,
  total,
});

test('the feed holds each event once, newest first, and no more than 200', () => {
  const feed = mergeFeed([event(2), event(1)], [event(3), event(2)]);
  expect(feed.map((one) => one.id)).toEqual(['3', '2', '1']);
  expect(mergeFeed(feed, [event(1)])).toBe(feed);
  const long = mergeFeed(
    [],
    Array.from({ length: 300 }, (_, index) => event(index)),
  );
  expect(long).toHaveLength(200);
  expect(long[0]?.id).toBe('299');
});

test('new entries are put before the pages that are there', () => {
  const pages = prependPage([page([5, 4], 4), page([3])], page([7, 6, 5], 5));
  expect(pages?.flatMap((one) => one.entries.map((item) => item.seq))).toEqual([7, 6, 5, 4, 3]);
  expect(pages?.[0]?.nextBefore).toBe(4);
});

test('a gap between the new page and the old ones is not papered over', () => {
  expect(prependPage([page([5, 4], 4)], page([900, 899], 899))).toBeNull();
});

test('the first entries of an empty log appear', () => {
  expect(prependPage([page([])], page([1]))?.[0]?.entries.map((item) => item.seq)).toEqual([1]);
});

test('under a filter the pages tell of all that was looked at, not only of what was found', () => {
  // 10,000 entries were there, of which the filter let through the 17th; then one more came that it lets through.
  const pages = prependPage([page([17], null, 10_000)], page([10_001], 4882, 10_001));
  expect(pages?.[0]).toMatchObject({ entries: [{ seq: 10_001 }, { seq: 17 }], nextBefore: null, total: 10_001 });
  expect(prependPage([page([17], null, 10_000)], page([20_000], 14_881, 20_000))).toBeNull();
});

test('an answer that was overtaken by a newer one takes nothing back', () => {
  const newer = prependPage([page([3, 2, 1])], page([5, 4, 3, 2, 1]));
  const pages = prependPage(newer ?? [], page([4, 3, 2, 1]));
  expect(pages?.[0]).toMatchObject({ entries: [5, 4, 3, 2, 1].map((seq) => ({ seq })), total: 5 });
});
