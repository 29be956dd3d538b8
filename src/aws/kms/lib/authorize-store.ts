import type { FoundKeyStore } from '../../../core/kms/records.ts';
import type { Authorized } from '../../local/operation.ts';
import type { OperationContext } from '../../local/operation-context.ts';
import { decideOnAccount, kmsThings } from './authorize-key.ts';
import { keyStore } from './key-stores.ts';

/**
 * What every operation on one custom key store begins with. Whether there is such a store is told only to who may ask: `find` looks when all has been
 * allowed, and throws CustomKeyStoreNotFoundException.
 */
export async function authorizeStore(
  ctx: OperationContext,
  action: string,
  { CustomKeyStoreId: storeId }: { readonly CustomKeyStoreId: string },
): Promise<Authorized<{ find: () => FoundKeyStore }>> {
  const things = await kmsThings(ctx);
  return {
    decisions: [decideOnAccount(ctx, action)],
    subject: { find: () => keyStore(ctx, things, storeId) },
  };
}
