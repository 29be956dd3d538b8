import {
  ListMFADevices$,
  type ListMFADevicesCommandInput,
  type ListMFADevicesCommandOutput,
} from '@aws-sdk/client-iam';
import { operation } from '../local/operation.ts';
import { mfaArn } from './lib/arns.ts';
import { authorizeHolder, iamThings } from './lib/authorize.ts';
import { deviceOrder, devicesHeldBy, oldestFirst } from './lib/devices.ts';
import { page } from './lib/pages.ts';
import { requireUser } from './lib/users.ts';

export const listMFADevices = operation<ListMFADevicesCommandInput, ListMFADevicesCommandOutput>(ListMFADevices$, {
  authorize: (input, ctx) => authorizeHolder(ctx, 'ListMFADevices', input.UserName),

  async handle(input, ctx) {
    const things = await iamThings(ctx);
    // The root and the clients, who may leave their name out, have no devices here.
    if (input.UserName === undefined) return { MFADevices: [], IsTruncated: false };
    const user = requireUser(ctx, things, input.UserName);
    const held = devicesHeldBy(ctx, things, user).sort(oldestFirst);
    const { items, ...more } = await page(ctx, input, held, deviceOrder);
    const devices = items.flatMap(({ value }) =>
      value.user === undefined
        ? []
        : [
            {
              UserName: user.value.name,
              SerialNumber: mfaArn(ctx, value),
              EnableDate: new Date(value.user.enabledAt),
            },
          ],
    );
    return { MFADevices: devices, ...more };
  },
});
