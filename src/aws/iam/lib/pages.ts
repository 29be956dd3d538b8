import { listPage } from '../../local/list-page.ts';
import type { OperationContext } from '../../local/operation-context.ts';
import { iamError } from './iam-error.ts';

const USUAL_ITEMS = 100;
const MOST_ITEMS = 1000;

interface Page<T> {
  items: T[];
  IsTruncated: boolean;
  Marker?: string;
}

/** One page of a list that is sorted by `name`, as IAM answers it. Throws ValidationError for a marker that was not made here. */
export async function page<T>(
  ctx: OperationContext,
  input: { readonly MaxItems?: number | undefined; readonly Marker?: string | undefined },
  list: readonly T[],
  name: (item: T) => string,
): Promise<Page<T>> {
  const asked = { limit: input.MaxItems, token: input.Marker };
  const found = await listPage(ctx, asked, list, { name, usual: USUAL_ITEMS, most: MOST_ITEMS });
  if (found === null) throw iamError('ValidationError', 'The marker is not valid.');
  const { items, next } = found;
  return next === undefined ? { items, IsTruncated: false } : { items, IsTruncated: true, Marker: next };
}

/** A page of tags, in the order of their keys. The marker is a tag's place: keys may be longer than markers. */
export async function tagPage<T extends { key: string }>(
  ctx: OperationContext,
  input: Parameters<typeof page>[1],
  tags: readonly T[],
): Promise<Page<T>> {
  const placed = [...tags]
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map((tag, at) => ({ tag, place: String(at).padStart(2, '0') }));
  const { items, ...more } = await page(ctx, input, placed, ({ place }) => place);
  return { items: items.map(({ tag }) => tag), ...more };
}
