import { KmsError } from '../../../core/kms/kms-error.ts';
import { listPage, type Paging } from '../../local/list-page.ts';
import type { OperationContext } from '../../local/operation-context.ts';

interface Page<T> {
  items: T[];
  Truncated: boolean;
  NextMarker?: string;
}

/** One page of a sorted list, as the KMS answers it. Throws InvalidMarkerException. */
export async function page<T>(
  ctx: OperationContext,
  input: { readonly Limit?: number | undefined; readonly Marker?: string | undefined },
  list: readonly T[],
  paging: Paging<T>,
): Promise<Page<T>> {
  const found = await listPage(ctx, { limit: input.Limit, token: input.Marker }, list, paging);
  if (found === null) throw new KmsError('InvalidMarkerException', 'The marker is not valid.');
  const { items, next } = found;
  return next === undefined ? { items, Truncated: false } : { items, Truncated: true, NextMarker: next };
}
