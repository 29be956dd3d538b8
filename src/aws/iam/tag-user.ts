import { TagUser$, type TagUserCommandInput, type TagUserCommandOutput } from '@aws-sdk/client-iam';
import { operation } from '../local/operation.ts';
import { authorizeUser } from './lib/authorize.ts';
import { changeUser } from './lib/change.ts';
import { mergeTags, requestTags, tagsOf } from './lib/tags.ts';

export const tagUser = operation<TagUserCommandInput, TagUserCommandOutput>(TagUser$, {
  authorize: (input, ctx) => authorizeUser(ctx, 'TagUser', input.UserName, requestTags(tagsOf(input.Tags))),

  async handle(input, ctx) {
    await changeUser(ctx, input.UserName, (user) => ({ ...user, tags: mergeTags(user.tags, tagsOf(input.Tags)) }));
    return {};
  },
});
