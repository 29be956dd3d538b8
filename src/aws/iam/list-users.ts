import { ListUsers$, type ListUsersCommandInput, type ListUsersCommandOutput } from '@aws-sdk/client-iam';
import { operation } from '../local/operation.ts';
import { userArn } from './lib/arns.ts';
import { decide, iamThings } from './lib/authorize.ts';
import { page } from './lib/pages.ts';
import { byName, userInfo, usersOf } from './lib/users.ts';

export const listUsers = operation<ListUsersCommandInput, ListUsersCommandOutput>(ListUsers$, {
  authorize: ({ PathPrefix: path = '/' }, ctx) => ({
    decisions: [decide(ctx, 'ListUsers', userArn(ctx, { path, name: '' }))],
    subject: undefined,
  }),

  async handle(input, ctx) {
    const { PathPrefix: prefix = '/' } = input;
    const things = await iamThings(ctx);
    const users = usersOf(ctx, things)
      .filter(({ value }) => value.path.startsWith(prefix))
      .sort(byName);
    const { items, ...more } = await page(ctx, input, users, ({ value }) => value.name);
    return { Users: items.map((user) => userInfo(ctx, user)), ...more };
  },
});
