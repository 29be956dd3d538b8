import {
  EnableKeyRotation$,
  type EnableKeyRotationCommandInput,
  type EnableKeyRotationCommandOutput,
} from '@aws-sdk/client-kms';
import type { ResolvedKey } from '../../core/kms/resolve-key.ts';
import { DAY_MS, DEFAULT_ROTATION_DAYS, requireRotatable } from '../../core/kms/rotation.ts';
import { operation } from '../local/operation.ts';
import { authorizeKey } from './lib/authorize-key.ts';
import { changeKey } from './lib/change-key.ts';
import { requireKeyState } from './lib/require-key-state.ts';
import { requirePrimary } from './lib/require-primary.ts';

export const enableKeyRotation = operation<EnableKeyRotationCommandInput, EnableKeyRotationCommandOutput, ResolvedKey>(
  EnableKeyRotation$,
  {
    authorize: (input, ctx) =>
      authorizeKey(ctx, input.KeyId, {
        action: 'EnableKeyRotation',
        conditions: { 'kms:RotationPeriodInDays': String(input.RotationPeriodInDays ?? DEFAULT_ROTATION_DAYS) },
      }),

    async handle(input, ctx, found) {
      await changeKey(ctx, found, (key) => {
        requireRotatable(key, found.arn, { imported: false });
        requireKeyState(ctx, 'EnableKeyRotation', key, found.arn);
        requirePrimary(key, found.arn);
        const periodInDays = input.RotationPeriodInDays ?? DEFAULT_ROTATION_DAYS;
        if (key.rotation?.periodInDays === periodInDays) return key;
        return { ...key, rotation: { periodInDays, nextAt: ctx.now() + periodInDays * DAY_MS } };
      });
      return {};
    },
  },
);
