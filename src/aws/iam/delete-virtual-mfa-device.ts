import {
  DeleteVirtualMFADevice$,
  type DeleteVirtualMFADeviceCommandInput,
  type DeleteVirtualMFADeviceCommandOutput,
} from '@aws-sdk/client-iam';
import { operation } from '../local/operation.ts';
import { authorizeDevice } from './lib/authorize.ts';
import { change } from './lib/change.ts';
import { requireDevice } from './lib/devices.ts';
import { iamError } from './lib/iam-error.ts';

export const deleteVirtualMFADevice = operation<
  DeleteVirtualMFADeviceCommandInput,
  DeleteVirtualMFADeviceCommandOutput
>(DeleteVirtualMFADevice$, {
  authorize: (input, ctx) => authorizeDevice(ctx, 'DeleteVirtualMFADevice', input.SerialNumber),

  async handle({ SerialNumber }, ctx) {
    await change(ctx, (draft, things) => {
      const { id, value } = requireDevice(ctx, things, SerialNumber);
      if (value.user !== undefined) {
        throw iamError('DeleteConflict', 'MFA VirtualDevice in use. Must deactivate first.');
      }
      draft.remove('iamMfaDevice', id);
      draft.removeObject(value.seed.id);
    });
    return {};
  },
});
