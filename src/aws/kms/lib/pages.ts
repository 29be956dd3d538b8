import { KmsError } from '../../../core/kms/kms-error.ts';
import type { OperationContext } from '../../local/operation-context.ts';
import { openToken, sealToken } from '../../local/page-token.ts';

interface Paging<T> {
  /** What an item is called, in ascending order over the list and unique in it. */
  readonly name: (item: T) => string;
  /** Items that are there no more. */
  readonly passOver?: (item: T) => boolean;
  /** Items on a page when the request does not say, and the most. */
  readonly usual: number;
  readonly most: number;
}

interface Page<T> {
  items: T[];
  Truncated: boolean;
  NextMarker?: string;
}

/**
 * One page of a sorted list: what follows the item that the marker names, so that what comes and goes meanwhile shifts nothing. Throws
 * InvalidMarkerException.
 */
export async function page<T>(
  ctx: OperationContext,
  input: { readonly Limit?: number | undefined; readonly Marker?: string | undefined },
  list: readonly T[],
  { name, passOver = () => false, usual, most }: Paging<T>,
): Promise<Page<T>> {
  const after = input.Marker === undefined ? undefined : await openToken(ctx, input.Marker);
  if (after === null) throw new KmsError('InvalidMarkerException', 'The marker is not valid.');
  const limit = Math.min(input.Limit ?? usual, most);
  const items: T[] = [];
  for (let at = after === undefined ? 0 : firstAfter(list, name, after); at < list.length; at += 1) {
    const item = list[at];
    if (item === undefined || passOver(item)) continue;
    if (items.length === limit) {
      const last = items.at(-1);
      return { items, Truncated: true, NextMarker: await sealToken(ctx, last === undefined ? '' : name(last)) };
    }
    items.push(item);
  }
  return { items, Truncated: false };
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
