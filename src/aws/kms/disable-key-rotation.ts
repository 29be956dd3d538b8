import {
  DisableKeyRotation$,
  type DisableKeyRotationCommandInput,
  type DisableKeyRotationCommandOutput,
} from '@aws-sdk/client-kms';
import type { ResolvedKey } from '../../core/kms/resolve-key.ts';
import { requireRotatable } from '../../core/kms/rotation.ts';
import { operation } from '../local/operation.ts';
import { authorizeKey } from './lib/authorize-key.ts';
import { changeKey } from './lib/change-key.ts';
import { requireKeyState } from './lib/require-key-state.ts';
import { requirePrimary } from './lib/require-primary.ts';

export const disableKeyRotation = operation<
  DisableKeyRotationCommandInput,
  DisableKeyRotationCommandOutput,
  ResolvedKey
>(DisableKeyRotation$, {
  authorize: (input, ctx) => authorizeKey(ctx, input.KeyId, { action: 'DisableKeyRotation' }),

  async handle(_input, ctx, found) {
    await changeKey(ctx, found, (key) => {
      requireRotatable(key, found.arn, { imported: false });
      requireKeyState(ctx, 'DisableKeyRotation', key, found.arn);
      requirePrimary(key, found.arn);
      const { rotation: _ended, ...kept } = key;
      return kept;
    });
    return {};
  },
});
