import {
  GetKeyRotationStatus$,
  type GetKeyRotationStatusCommandInput,
  type GetKeyRotationStatusCommandOutput,
} from '@aws-sdk/client-kms';
import type { ResolvedKey } from '../../core/kms/resolve-key.ts';
import { requireRotatable } from '../../core/kms/rotation.ts';
import { operation } from '../local/operation.ts';
import { authorizeKey } from './lib/authorize-key.ts';

export const getKeyRotationStatus = operation<
  GetKeyRotationStatusCommandInput,
  GetKeyRotationStatusCommandOutput,
  ResolvedKey
>(GetKeyRotationStatus$, {
  authorize: (input, ctx) => authorizeKey(ctx, input.KeyId, { action: 'GetKeyRotationStatus', shared: true }),

  handle(_input, ctx, { key, arn }) {
    const { value } = key;
    const { keyId } = value;
    // A key that can never rotate is one that does not; one whose origin forbids it says so.
    if (value.spec !== 'SYMMETRIC_DEFAULT' && value.origin === 'AWS_KMS') {
      return { KeyId: keyId, KeyRotationEnabled: false };
    }
    requireRotatable(value, arn, { imported: false });
    const all = ctx.session.things.kms.related(value.account, keyId);
    const { rotation } = all.find((one) => one.value.multiRegion === 'PRIMARY')?.value ?? value;
    if (rotation === undefined || value.deletion !== undefined) return { KeyId: keyId, KeyRotationEnabled: false };
    return {
      KeyId: keyId,
      KeyRotationEnabled: true,
      RotationPeriodInDays: rotation.periodInDays,
      NextRotationDate: new Date(rotation.nextAt),
    };
  },
});
