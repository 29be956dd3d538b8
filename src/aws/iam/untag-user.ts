import { UntagUser$, type UntagUserCommandInput, type UntagUserCommandOutput } from '@aws-sdk/client-iam';
import { operation } from '../local/operation.ts';
import { authorizeUser } from './lib/authorize.ts';
import { changeUser } from './lib/change.ts';
import { requestTags, withoutTags } from './lib/tags.ts';

export const untagUser = operation<UntagUserCommandInput, UntagUserCommandOutput>(UntagUser$, {
  authorize: (input, ctx) => authorizeUser(ctx, 'UntagUser', input.UserName, requestTags([], input.TagKeys)),

  async handle(input, ctx) {
    await changeUser(ctx, input.UserName, (user) => ({ ...user, tags: withoutTags(user.tags, input.TagKeys) }));
    return {};
  },
});
