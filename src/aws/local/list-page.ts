import type { OperationContext } from './operation-context.ts';
import { openToken, sealToken } from './page-token.ts';

export interface Paging<T> {
  /** What an item is called, in ascending order over the list and unique in it. */
  readonly name: (item: T) => string;
  /** Items that are there no more. */
  readonly passOver?: (item: T) => boolean;
  /** Items on a page when the request does not say, and the most. */
  readonly usual: number;
  readonly most: number;
}

/** `next` is the token of the page that follows, where there is one. */
export interface ListPage<T> {
  items: T[];
  next?: string;
}

/**
 * One page of a sorted list: what follows the item that the token names, so that what comes and goes meanwhile shifts nothing. Null for a token that was not made here.
 */
export async function listPage<T>(
  ctx: OperationContext,
  asked: { readonly limit: number | undefined; readonly token: string | undefined },
  list: readonly T[],
  { name, passOver = () => false, usual, most }: Paging<T>,
): Promise<ListPage<T> | null> {
  const after = asked.token === undefined ? undefined : await openToken(ctx, asked.token);
  if (after === null) return null;
  const limit = Math.min(asked.limit ?? usual, most);
  const items: T[] = [];
  for (let at = after === undefined ? 0 : firstAfter(list, name, after); at < list.length; at += 1) {
    const item = list[at];
    if (item === undefined || passOver(item)) continue;
    if (items.length === limit) {
      const last = items.at(-1);
      return { items, next: await sealToken(ctx, last === undefined ? '' : name(last)) };
    }
    items.push(item);
  }
  return { items };
}

function firstAfter<T>(list: readonly T[], name: (item: T) => string, after: string): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const item = list[middle];
    if (item !== undefined && name(item) <= after) low = middle + 1;
    else high = middle;
  }
  return low;
}
