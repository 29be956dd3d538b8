import {
  ConnectCustomKeyStore$,
  type ConnectCustomKeyStoreCommandInput,
  type ConnectCustomKeyStoreCommandOutput,
} from '@aws-sdk/client-kms';
import type { FoundKeyStore } from '../../core/kms/records.ts';
import { operation } from '../local/operation.ts';
import { authorizeStore } from './lib/authorize-store.ts';
import { connectStore } from './lib/connect-store.ts';
import { connectionState, requireConnection } from './lib/key-stores.ts';

/** Answers at once, as AWS does; what came of it is told by DescribeCustomKeyStores. */
export const connectCustomKeyStore = operation<
  ConnectCustomKeyStoreCommandInput,
  ConnectCustomKeyStoreCommandOutput,
  { find: () => FoundKeyStore }
>(ConnectCustomKeyStore$, {
  authorize: (input, ctx) => authorizeStore(ctx, 'ConnectCustomKeyStore', input),

  handle(_input, ctx, { find }) {
    const store = find();
    requireConnection(ctx, store, ['DISCONNECTED', 'CONNECTED', 'CONNECTING'], 'ConnectCustomKeyStore');
    if (connectionState(ctx, store) === 'DISCONNECTED') connectStore(ctx, store);
    return {};
  },
});
