import {
  CancelKeyDeletion$,
  type CancelKeyDeletionCommandInput,
  type CancelKeyDeletionCommandOutput,
} from '@aws-sdk/client-kms';
import { objectsThatGo } from '../../core/kms/remove-records.ts';
import type { ResolvedKey } from '../../core/kms/resolve-key.ts';
import { operation } from '../local/operation.ts';
import { authorizeKey } from './lib/authorize-key.ts';
import { changeKey } from './lib/change-key.ts';
import { requireKeyState } from './lib/require-key-state.ts';

export const cancelKeyDeletion = operation<CancelKeyDeletionCommandInput, CancelKeyDeletionCommandOutput, ResolvedKey>(
  CancelKeyDeletion$,
  {
    authorize: (input, ctx) => authorizeKey(ctx, input.KeyId, { action: 'CancelKeyDeletion' }),

    async handle(_input, ctx, found) {
      await changeKey(ctx, found, (key, things, draft) => {
        requireKeyState(ctx, 'CancelKeyDeletion', key, found.arn);
        draft.keepAfterAll.push(...objectsThatGo(things, { id: found.key.id, value: key }));
        const { deletion: _cancelled, ...kept } = key;
        return { ...kept, enabled: false };
      });
      return { KeyId: found.arn };
    },
  },
);
