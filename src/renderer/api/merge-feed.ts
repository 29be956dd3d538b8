import type { AuditEvent } from '../../contract/schemas.ts';

const FEED_LENGTH = 200;

/** Adds events to the feed once each, newest first, at most 200. Answers the same feed when there is nothing new. */
export function mergeFeed(feed: readonly AuditEvent[], more: readonly AuditEvent[]): readonly AuditEvent[] {
  const known = new Set(feed.map((event) => event.id));
  const fresh = more.filter((event) => !known.has(event.id));
  if (fresh.length === 0) return feed;
  return [...fresh, ...feed].sort((a, b) => b.time.localeCompare(a.time)).slice(0, FEED_LENGTH);
}
