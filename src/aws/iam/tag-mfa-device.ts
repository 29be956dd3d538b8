import { TagMFADevice$, type TagMFADeviceCommandInput, type TagMFADeviceCommandOutput } from '@aws-sdk/client-iam';
import { operation } from '../local/operation.ts';
import { authorizeDevice } from './lib/authorize.ts';
import { changeDevice } from './lib/change.ts';
import { mergeTags, requestTags, tagsOf } from './lib/tags.ts';

export const tagMFADevice = operation<TagMFADeviceCommandInput, TagMFADeviceCommandOutput>(TagMFADevice$, {
  authorize: (input, ctx) => authorizeDevice(ctx, 'TagMFADevice', input.SerialNumber, requestTags(tagsOf(input.Tags))),

  async handle(input, ctx) {
    await changeDevice(ctx, input.SerialNumber, (device) => ({
      ...device,
      tags: mergeTags(device.tags, tagsOf(input.Tags)),
    }));
    return {};
  },
});
