import type { Result } from '../../../contract/methods.ts';

export type AuditPage = Result<'audit.list'>;

/** Puts entries newer than the first page in front of it; null when there is a gap that they do not fill. */
export function prependPage(pages: readonly AuditPage[], head: AuditPage): AuditPage[] | null {
  const [first, ...rest] = pages;
  if (first === undefined) return [head];
  const newest = first.entries[0]?.seq ?? 0;
  const fresh = head.entries.filter((entry) => entry.seq > newest);
  const oldest = head.entries.at(-1);
  const reaches = oldest === undefined || oldest.seq <= newest || head.nextBefore === null;
  if (!reaches) return null;
  return [{ ...first, entries: [...fresh, ...first.entries], total: head.total }, ...rest];
}
