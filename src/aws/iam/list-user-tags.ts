import { ListUserTags$, type ListUserTagsCommandInput, type ListUserTagsCommandOutput } from '@aws-sdk/client-iam';
import { operation } from '../local/operation.ts';
import { authorizeUser, iamThings } from './lib/authorize.ts';
import { tagPage } from './lib/pages.ts';
import { tagList } from './lib/tags.ts';
import { requireUser } from './lib/users.ts';

export const listUserTags = operation<ListUserTagsCommandInput, ListUserTagsCommandOutput>(ListUserTags$, {
  authorize: (input, ctx) => authorizeUser(ctx, 'ListUserTags', input.UserName),

  async handle(input, ctx) {
    const { tags } = requireUser(ctx, await iamThings(ctx), input.UserName).value;
    const { items, ...more } = await tagPage(ctx, input, tags);
    return { Tags: tagList(items), ...more };
  },
});
