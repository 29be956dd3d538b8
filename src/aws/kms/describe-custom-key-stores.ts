import {
  type CustomKeyStoresListEntry,
  DescribeCustomKeyStores$,
  type DescribeCustomKeyStoresCommandInput,
  type DescribeCustomKeyStoresCommandOutput,
} from '@aws-sdk/client-kms';
import { KmsError } from '../../core/kms/kms-error.ts';
import { operation } from '../local/operation.ts';
import { decideOnAccount } from './lib/authorize-key.ts';
import { noSuchKeyStore } from './lib/key-stores.ts';

/** There are none as long as none can be made: see the refused operations of this service. */
export const describeCustomKeyStores = operation<
  DescribeCustomKeyStoresCommandInput,
  DescribeCustomKeyStoresCommandOutput
>(DescribeCustomKeyStores$, {
  authorize: (_input, ctx) => ({ decisions: [decideOnAccount(ctx, 'DescribeCustomKeyStores')], subject: undefined }),

  handle(input) {
    const named = input.CustomKeyStoreId ?? input.CustomKeyStoreName;
    if (input.CustomKeyStoreId !== undefined && input.CustomKeyStoreName !== undefined) {
      throw new KmsError('ValidationException', 'Specify either CustomKeyStoreId or CustomKeyStoreName, but not both.');
    }
    if (named !== undefined) throw noSuchKeyStore(named);
    const stores: CustomKeyStoresListEntry[] = [];
    return { CustomKeyStores: stores, Truncated: false };
  },
});
