import { GetMFADevice$, type GetMFADeviceCommandInput, type GetMFADeviceCommandOutput } from '@aws-sdk/client-iam';
import { operation } from '../local/operation.ts';
import { authorizeHolder, iamThings } from './lib/authorize.ts';
import { requireHeldDevice } from './lib/devices.ts';
import { requireUser } from './lib/users.ts';

export const getMFADevice = operation<GetMFADeviceCommandInput, GetMFADeviceCommandOutput>(GetMFADevice$, {
  authorize: (input, ctx) => authorizeHolder(ctx, 'GetMFADevice', input.UserName),

  async handle({ UserName, SerialNumber }, ctx) {
    const things = await iamThings(ctx);
    const user = UserName === undefined ? undefined : requireUser(ctx, things, UserName);
    const { value } = requireHeldDevice(ctx, things, user, SerialNumber);
    return {
      SerialNumber,
      ...(user === undefined ? {} : { UserName: user.value.name }),
      ...(value.user === undefined ? {} : { EnableDate: new Date(value.user.enabledAt) }),
    };
  },
});
