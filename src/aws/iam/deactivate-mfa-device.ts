import {
  DeactivateMFADevice$,
  type DeactivateMFADeviceCommandInput,
  type DeactivateMFADeviceCommandOutput,
} from '@aws-sdk/client-iam';
import { operation } from '../local/operation.ts';
import { authorizeHolder } from './lib/authorize.ts';
import { change } from './lib/change.ts';
import { requireHeldDevice } from './lib/devices.ts';
import { requireUser } from './lib/users.ts';

export const deactivateMFADevice = operation<DeactivateMFADeviceCommandInput, DeactivateMFADeviceCommandOutput>(
  DeactivateMFADevice$,
  {
    authorize: (input, ctx) => authorizeHolder(ctx, 'DeactivateMFADevice', input.UserName),

    async handle({ UserName, SerialNumber }, ctx) {
      await change(ctx, (draft, things) => {
        // The root and the clients, who may leave their name out, have no devices here.
        const user = UserName === undefined ? undefined : requireUser(ctx, things, UserName);
        const { id, value } = requireHeldDevice(ctx, things, user, SerialNumber);
        const { user: _, ...unassigned } = value;
        draft.put('iamMfaDevice', id, unassigned);
      });
      return {};
    },
  },
);
