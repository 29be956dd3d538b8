import { GetUser$, type GetUserCommandInput, type GetUserCommandOutput } from '@aws-sdk/client-iam';
import { operation } from '../local/operation.ts';
import { authorizeHolder, iamThings } from './lib/authorize.ts';
import { tagList } from './lib/tags.ts';
import { callerInfo, requireUser, userInfo } from './lib/users.ts';

export const getUser = operation<GetUserCommandInput, GetUserCommandOutput>(GetUser$, {
  authorize: (input, ctx) => authorizeHolder(ctx, 'GetUser', input.UserName),

  async handle({ UserName }, ctx) {
    const things = await iamThings(ctx);
    if (UserName === undefined) return { User: callerInfo(ctx, things) };
    const user = requireUser(ctx, things, UserName);
    const { tags } = user.value;
    return { User: { ...userInfo(ctx, user), ...(tags.length === 0 ? {} : { Tags: tagList(tags) }) } };
  },
});
