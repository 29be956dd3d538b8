import {
  UntagMFADevice$,
  type UntagMFADeviceCommandInput,
  type UntagMFADeviceCommandOutput,
} from '@aws-sdk/client-iam';
import { operation } from '../local/operation.ts';
import { authorizeDevice } from './lib/authorize.ts';
import { changeDevice } from './lib/change.ts';
import { requestTags, withoutTags } from './lib/tags.ts';

export const untagMFADevice = operation<UntagMFADeviceCommandInput, UntagMFADeviceCommandOutput>(UntagMFADevice$, {
  authorize: (input, ctx) => authorizeDevice(ctx, 'UntagMFADevice', input.SerialNumber, requestTags([], input.TagKeys)),

  async handle(input, ctx) {
    await changeDevice(ctx, input.SerialNumber, (device) => ({
      ...device,
      tags: withoutTags(device.tags, input.TagKeys),
    }));
    return {};
  },
});
