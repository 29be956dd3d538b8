import {
  EnableMFADevice$,
  type EnableMFADeviceCommandInput,
  type EnableMFADeviceCommandOutput,
} from '@aws-sdk/client-iam';
import { operation } from '../local/operation.ts';
import { authorizeUser } from './lib/authorize.ts';
import { change } from './lib/change.ts';
import { devicesHeldBy, requireDevice } from './lib/devices.ts';
import { iamError, requireRoom } from './lib/iam-error.ts';
import { requireUser } from './lib/users.ts';
import { verifyCodes } from './lib/verify-codes.ts';

export const enableMFADevice = operation<EnableMFADeviceCommandInput, EnableMFADeviceCommandOutput>(EnableMFADevice$, {
  authorize: (input, ctx) => authorizeUser(ctx, 'EnableMFADevice', input.UserName),

  async handle(input, ctx) {
    await change(ctx, async (draft, things) => {
      const user = requireUser(ctx, things, input.UserName);
      const { id, value } = requireDevice(ctx, things, input.SerialNumber);
      if (value.user !== undefined) throw iamError('EntityAlreadyExists', 'MFA Device is already in use.');
      requireRoom('MFADevicesPerUser', devicesHeldBy(ctx, things, user).length);
      await verifyCodes(ctx, draft, value, input);
      draft.put('iamMfaDevice', id, { ...value, user: { id: user.id, enabledAt: ctx.now() } });
    });
    return {};
  },
});
