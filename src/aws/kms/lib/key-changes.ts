import type { StateBoundOperation } from '../../../core/kms/key-state.ts';
import type { KmsKey } from '../../../core/kms/records.ts';
import type { ResolvedKey } from '../../../core/kms/resolve-key.ts';
import type { Authorized } from '../../local/operation.ts';
import type { OperationContext } from '../../local/operation-context.ts';
import { authorizeKey, type KeyAccess } from './authorize-key.ts';
import { changeKey } from './change-key.ts';
import { requireKeyState } from './require-key-state.ts';

/** The steps of an operation that changes the record of one key of the caller's account and answers nothing of it. */
export function keyChange<I extends { readonly KeyId: string }>(
  operation: StateBoundOperation,
  next: (key: KmsKey, input: I, ctx: OperationContext) => KmsKey,
  access: (input: I) => Partial<KeyAccess> = () => ({}),
) {
  return {
    authorize: (input: I, ctx: OperationContext): Promise<Authorized<ResolvedKey>> =>
      authorizeKey(ctx, input.KeyId, { action: operation, ...access(input) }),

    async handle(input: I, ctx: OperationContext, found: ResolvedKey): Promise<Record<string, never>> {
      await changeKey(ctx, found, (key) => {
        requireKeyState(ctx, operation, key, found.arn);
        return next(key, input, ctx);
      });
      return {};
    },
  };
}
