import {
  ResyncMFADevice$,
  type ResyncMFADeviceCommandInput,
  type ResyncMFADeviceCommandOutput,
} from '@aws-sdk/client-iam';
import { operation } from '../local/operation.ts';
import { authorizeUser } from './lib/authorize.ts';
import { change } from './lib/change.ts';
import { requireHeldDevice } from './lib/devices.ts';
import { requireUser } from './lib/users.ts';
import { verifyCodes } from './lib/verify-codes.ts';

/** Shows that the device is still the user's. How far its clock is from ours is not kept: what verifies single codes does so by our clock. */
export const resyncMFADevice = operation<ResyncMFADeviceCommandInput, ResyncMFADeviceCommandOutput>(ResyncMFADevice$, {
  authorize: (input, ctx) => authorizeUser(ctx, 'ResyncMFADevice', input.UserName),

  async handle(input, ctx) {
    await change(ctx, async (draft, things) => {
      const user = requireUser(ctx, things, input.UserName);
      const { value } = requireHeldDevice(ctx, things, user, input.SerialNumber);
      await verifyCodes(ctx, draft, value, input);
    });
    return {};
  },
});
