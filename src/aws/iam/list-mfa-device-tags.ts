import {
  ListMFADeviceTags$,
  type ListMFADeviceTagsCommandInput,
  type ListMFADeviceTagsCommandOutput,
} from '@aws-sdk/client-iam';
import { operation } from '../local/operation.ts';
import { authorizeDevice, iamThings } from './lib/authorize.ts';
import { requireDevice } from './lib/devices.ts';
import { tagPage } from './lib/pages.ts';
import { tagList } from './lib/tags.ts';

export const listMFADeviceTags = operation<ListMFADeviceTagsCommandInput, ListMFADeviceTagsCommandOutput>(
  ListMFADeviceTags$,
  {
    authorize: (input, ctx) => authorizeDevice(ctx, 'ListMFADeviceTags', input.SerialNumber),

    async handle(input, ctx) {
      const { tags } = requireDevice(ctx, await iamThings(ctx), input.SerialNumber).value;
      const { items, ...more } = await tagPage(ctx, input, tags);
      return { Tags: tagList(items), ...more };
    },
  },
);
