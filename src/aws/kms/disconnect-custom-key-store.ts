import {
  DisconnectCustomKeyStore$,
  type DisconnectCustomKeyStoreCommandInput,
  type DisconnectCustomKeyStoreCommandOutput,
} from '@aws-sdk/client-kms';
import type { FoundKeyStore } from '../../core/kms/records.ts';
import { operation } from '../local/operation.ts';
import { authorizeStore } from './lib/authorize-store.ts';
import { change } from './lib/change-key.ts';
import { keyStoreNow, requireConnection, tokenBackendOf } from './lib/key-stores.ts';

export const disconnectCustomKeyStore = operation<
  DisconnectCustomKeyStoreCommandInput,
  DisconnectCustomKeyStoreCommandOutput,
  { find: () => FoundKeyStore }
>(DisconnectCustomKeyStore$, {
  authorize: (input, ctx) => authorizeStore(ctx, 'DisconnectCustomKeyStore', input),

  async handle(_input, ctx, { find }) {
    const store = find();
    await change(ctx, (draft, things) => {
      const found = keyStoreNow(things, store);
      requireConnection(ctx, found, ['CONNECTED', 'CONNECTING', 'FAILED'], 'DisconnectCustomKeyStore');
      ctx.session.keyStoreWork.giveUp(found.id);
      const { connectionError: _past, ...value } = found.value;
      draft.put('kmsKeyStore', found.id, { ...value, connected: false });
    });
    if (store.value.backing.type === 'AWS_CLOUDHSM') await (await tokenBackendOf(ctx, store.value)).disconnect();
    return {};
  },
});
