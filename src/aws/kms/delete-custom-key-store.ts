import {
  DeleteCustomKeyStore$,
  type DeleteCustomKeyStoreCommandInput,
  type DeleteCustomKeyStoreCommandOutput,
} from '@aws-sdk/client-kms';
import { KmsError } from '../../core/kms/kms-error.ts';
import type { FoundKeyStore } from '../../core/kms/records.ts';
import { operation } from '../local/operation.ts';
import { authorizeStore } from './lib/authorize-store.ts';
import { change } from './lib/change-key.ts';
import { keyStoreNow, requireConnection } from './lib/key-stores.ts';

export const deleteCustomKeyStore = operation<
  DeleteCustomKeyStoreCommandInput,
  DeleteCustomKeyStoreCommandOutput,
  { find: () => FoundKeyStore }
>(DeleteCustomKeyStore$, {
  authorize: (input, ctx) => authorizeStore(ctx, 'DeleteCustomKeyStore', input),

  async handle(_input, ctx, { find }) {
    const store = find();
    await change(ctx, (draft, things) => {
      const { id, value } = keyStoreNow(things, store);
      requireConnection(ctx, { id, value }, ['DISCONNECTED'], 'DeleteCustomKeyStore');
      if (things.kms.keysIn(value.account, value.region).some((key) => key.value.keyStore === id)) {
        const message = `Custom key store ${value.storeId} contains KMS keys. Schedule their deletion, and delete it when they are deleted.`;
        throw new KmsError('CustomKeyStoreHasCMKsException', message);
      }
      draft.remove('kmsKeyStore', id);
      if (value.backing.type === 'EXTERNAL_KEY_STORE') draft.removeObject(value.backing.secret.id);
    });
    return {};
  },
});
