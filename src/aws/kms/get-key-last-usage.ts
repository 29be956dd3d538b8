import {
  GetKeyLastUsage$,
  type GetKeyLastUsageCommandInput,
  type GetKeyLastUsageCommandOutput,
} from '@aws-sdk/client-kms';
import type { ResolvedKey } from '../../core/kms/resolve-key.ts';
import { operation } from '../local/operation.ts';
import { authorizeKey } from './lib/authorize-key.ts';

/** Uses are noted from a key's first day on, so tracking starts with its creation. */
export const getKeyLastUsage = operation<GetKeyLastUsageCommandInput, GetKeyLastUsageCommandOutput, ResolvedKey>(
  GetKeyLastUsage$,
  {
    authorize: (input, ctx) => authorizeKey(ctx, input.KeyId, { action: 'GetKeyLastUsage' }),

    handle(_input, ctx, { key: { id, value } }) {
      const use = ctx.session.kmsUsage.lastUse(id, value.lastUse);
      return {
        KeyId: value.keyId,
        ...(use === undefined
          ? {}
          : {
              KeyLastUsage: { Operation: use.operation, Timestamp: new Date(use.at), KmsRequestId: use.requestId },
            }),
        TrackingStartDate: new Date(value.createdAt),
        KeyCreationDate: new Date(value.createdAt),
      };
    },
  },
);
