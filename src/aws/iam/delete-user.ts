import { DeleteUser$, type DeleteUserCommandInput, type DeleteUserCommandOutput } from '@aws-sdk/client-iam';
import { operation } from '../local/operation.ts';
import { authorizeUser } from './lib/authorize.ts';
import { change } from './lib/change.ts';
import { devicesHeldBy } from './lib/devices.ts';
import { iamError } from './lib/iam-error.ts';
import { requireUser } from './lib/users.ts';

export const deleteUser = operation<DeleteUserCommandInput, DeleteUserCommandOutput>(DeleteUser$, {
  authorize: (input, ctx) => authorizeUser(ctx, 'DeleteUser', input.UserName),

  async handle({ UserName }, ctx) {
    await change(ctx, (draft, things) => {
      const user = requireUser(ctx, things, UserName);
      if (devicesHeldBy(ctx, things, user).length > 0) {
        throw iamError('DeleteConflict', 'Cannot delete entity, must delete MFA device first.');
      }
      draft.remove('iamUser', user.id);
    });
    return {};
  },
});
