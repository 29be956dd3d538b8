import { CreateUser$, type CreateUserCommandInput, type CreateUserCommandOutput } from '@aws-sdk/client-iam';
import type { IamTag } from '../../core/directory/records.ts';
import { operation } from '../local/operation.ts';
import { userArn } from './lib/arns.ts';
import { decide, iamThings } from './lib/authorize.ts';
import { change } from './lib/change.ts';
import { iamError, requireRoom } from './lib/iam-error.ts';
import { requestTags, tagList, tagsOf } from './lib/tags.ts';
import { userInfo, usersOf } from './lib/users.ts';

/** Where the account's clients are, which are users to policies: nobody else is to have their ARNs. */
const CLIENTS_PATH = '/keyhold/';

export const createUser = operation<CreateUserCommandInput, CreateUserCommandOutput, IamTag[]>(CreateUser$, {
  async authorize({ UserName: name, Path: path = '/', PermissionsBoundary, Tags }, ctx) {
    await iamThings(ctx);
    const tags = tagsOf(Tags);
    const arn = userArn(ctx, { path, name });
    const conditions = { ...requestTags(tags), 'iam:PermissionsBoundary': PermissionsBoundary };
    const create = decide(ctx, 'CreateUser', arn, conditions);
    if (tags.length === 0) return { decisions: [create], subject: tags };
    return { decisions: [create, decide(ctx, 'TagUser', arn, conditions)], subject: tags };
  },

  async handle({ UserName: name, Path: path = '/', PermissionsBoundary }, ctx, tags) {
    if (path.startsWith(CLIENTS_PATH)) {
      throw iamError('ValidationError', `The path ${CLIENTS_PATH} is that of Keyhold's clients. Choose another path.`);
    }
    if (PermissionsBoundary !== undefined) {
      throw iamError('NoSuchEntity', `Scope ARN: ${PermissionsBoundary} does not exist or is not attachable.`);
    }
    const user = await change(ctx, (draft, things) => {
      const users = usersOf(ctx, things);
      // "Names are not distinguished by case", though they are kept and asked for as they were given.
      if (users.some(({ value }) => value.name.toLowerCase() === name.toLowerCase())) {
        throw iamError('EntityAlreadyExists', `User with name ${name} already exists.`);
      }
      requireRoom('UsersPerAccount', users.length);
      const id = ctx.session.newId();
      const value = { account: ctx.account.id, name, path, tags, createdAt: ctx.now() };
      draft.put('iamUser', id, value);
      return { id, value };
    });
    return { User: { ...userInfo(ctx, user), ...(tags.length === 0 ? {} : { Tags: tagList(tags) }) } };
  },
});
