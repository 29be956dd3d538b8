import type { Draft } from '../../../core/draft.ts';
import { isGone } from '../../../core/kms/key-state.ts';
import { KmsError } from '../../../core/kms/kms-error.ts';
import type { FoundKey, KmsKey } from '../../../core/kms/records.ts';
import { KMS_KINDS } from '../../../core/kms/remove-records.ts';
import type { ResolvedKey } from '../../../core/kms/resolve-key.ts';
import type { Things } from '../../../core/things.ts';
import { changeRecords } from '../../local/change-records.ts';
import type { OperationContext } from '../../local/operation-context.ts';

/** One change of the KMS's records, alone: what `fill` finds still holds when it is written. */
export function change<T>(ctx: OperationContext, fill: (draft: Draft, things: Things) => T | Promise<T>): Promise<T> {
  return changeRecords(ctx, KMS_KINDS, fill);
}

/** The key as it is now. Throws NotFoundException when it has been deleted since. */
export function freshKey(ctx: OperationContext, things: Things, { key, arn }: ResolvedKey): FoundKey {
  const now = things.kms.keyById(key.id);
  if (now !== undefined && !isGone(now.value, ctx.now())) return now;
  throw new KmsError('NotFoundException', `Key '${arn}' does not exist`);
}

/** Replaces one key's record with what `next` makes of it; checks belong into `next`. */
export async function changeKey(
  ctx: OperationContext,
  found: ResolvedKey,
  next: (key: KmsKey, things: Things, draft: Draft) => KmsKey,
): Promise<KmsKey> {
  return change(ctx, (draft, things) => {
    const { id, value } = freshKey(ctx, things, found);
    const changed = next(value, things, draft);
    if (changed !== value) draft.put('kmsKey', id, changed);
    return changed;
  });
}
