import type { Result } from '../../../contract/methods.ts';

export type AuditPage = Result<'audit.list'> & {
  /** When the oldest entry was written that was looked at for this page; only where a filter left most of them out. */
  reached?: string | null;
};

/**
 * Puts entries that were written since the pages were read in front of them; null when `head` does not reach back that far. A page tells of the whole log up to its
 * `total`, whatever a filter left out of it. A `head` that was overtaken by a newer one adds nothing.
 */
export function prependPage(pages: readonly AuditPage[], head: AuditPage): AuditPage[] | null {
  const [first, ...rest] = pages;
  if (first === undefined) return [head];
  const reaches = head.nextBefore === null || head.nextBefore <= first.total + 1;
  if (!reaches) return null;
  const fresh = head.entries.filter((entry) => entry.seq > first.total);
  return [{ ...first, entries: [...fresh, ...first.entries], total: Math.max(first.total, head.total) }, ...rest];
}
