import {
  type CustomKeyStoresListEntry,
  DescribeCustomKeyStores$,
  type DescribeCustomKeyStoresCommandInput,
  type DescribeCustomKeyStoresCommandOutput,
} from '@aws-sdk/client-kms';
import { KmsError } from '../../core/kms/kms-error.ts';
import type { FoundKeyStore } from '../../core/kms/records.ts';
import { operation } from '../local/operation.ts';
import type { OperationContext } from '../local/operation-context.ts';
import { decideOnAccount, kmsThings } from './lib/authorize-key.ts';
import { connectionState, keyStore, keyStoreNamed, keyStoresIn } from './lib/key-stores.ts';
import { page } from './lib/pages.ts';

function entry(ctx: OperationContext, store: FoundKeyStore): CustomKeyStoresListEntry {
  const { storeId, name, createdAt, connectionError, backing } = store.value;
  const state = connectionState(ctx, store);
  const common: CustomKeyStoresListEntry = {
    CustomKeyStoreId: storeId,
    CustomKeyStoreName: name,
    CustomKeyStoreType: backing.type,
    ConnectionState: state,
    ...(state !== 'FAILED' || connectionError === undefined ? {} : { ConnectionErrorCode: connectionError }),
    CreationDate: new Date(createdAt),
  };
  if (backing.type === 'AWS_CLOUDHSM') {
    const { clusterId, trustAnchor } = backing;
    return {
      ...common,
      CloudHsmClusterId: clusterId,
      ...(trustAnchor === undefined ? {} : { TrustAnchorCertificate: trustAnchor }),
    };
  }
  const { connectivity, accessKeyId, uriEndpoint, uriPath } = backing;
  return {
    ...common,
    XksProxyConfiguration: {
      Connectivity: connectivity,
      AccessKeyId: accessKeyId,
      UriEndpoint: uriEndpoint,
      UriPath: uriPath,
    },
  };
}

export const describeCustomKeyStores = operation<
  DescribeCustomKeyStoresCommandInput,
  DescribeCustomKeyStoresCommandOutput
>(DescribeCustomKeyStores$, {
  authorize: (_input, ctx) => ({ decisions: [decideOnAccount(ctx, 'DescribeCustomKeyStores')], subject: undefined }),

  async handle(input, ctx) {
    const { CustomKeyStoreId: id, CustomKeyStoreName: name } = input;
    if (id !== undefined && name !== undefined) {
      throw new KmsError('ValidationException', 'Specify either CustomKeyStoreId or CustomKeyStoreName, but not both.');
    }
    const things = await kmsThings(ctx);
    if (id !== undefined || name !== undefined) {
      const store = id === undefined ? keyStoreNamed(ctx, things, name ?? '') : keyStore(ctx, things, id);
      return { CustomKeyStores: [entry(ctx, store)], Truncated: false };
    }
    const { items, ...more } = await page(ctx, input, keyStoresIn(ctx, things), {
      name: ({ value }) => value.storeId,
      usual: 100,
      most: 1000,
    });
    return { CustomKeyStores: items.map((store) => entry(ctx, store)), ...more };
  },
});
