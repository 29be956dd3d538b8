import type { User } from '@aws-sdk/client-iam';
import type { FoundUser } from '../../../core/directory/records.ts';
import type { Things } from '../../../core/things.ts';
import type { OperationContext } from '../../local/operation-context.ts';
import { rootArn, userArn } from './arns.ts';
import { iamError } from './iam-error.ts';
import { userIdOf } from './iam-id.ts';

export function usersOf(ctx: OperationContext, things: Things): FoundUser[] {
  return things.all('iamUser').filter(({ value }) => value.account === ctx.account.id);
}

/** In the order of code units. */
export function byName(a: FoundUser, b: FoundUser): number {
  return a.value.name < b.value.name ? -1 : 1;
}

export function userNamed(ctx: OperationContext, things: Things, name: string): FoundUser | undefined {
  return usersOf(ctx, things).find(({ value }) => value.name === name);
}

/** Throws NoSuchEntity in AWS's words. */
export function requireUser(ctx: OperationContext, things: Things, name: string): FoundUser {
  const found = userNamed(ctx, things, name);
  if (found !== undefined) return found;
  throw iamError('NoSuchEntity', `The user with name ${name} cannot be found.`);
}

/** A user as answers describe it; lists leave the tags out. */
export function userInfo(ctx: OperationContext, { id, value }: FoundUser): User {
  return {
    Path: value.path,
    UserName: value.name,
    UserId: userIdOf(id),
    Arn: userArn(ctx, value),
    CreateDate: new Date(value.createdAt),
  };
}

/** The caller: the account's root has neither name nor path, and a client is a user under /keyhold/. */
export function callerInfo(ctx: OperationContext, things: Things): User {
  const { arn, accessKeyId } = ctx.caller;
  const client = ctx.caller.type === 'root' ? undefined : things.clientByKeyId(accessKeyId);
  if (client === undefined) {
    const { createdAt } = things.must('account', ctx.account.id);
    return {
      Path: undefined,
      UserName: undefined,
      UserId: ctx.account.accountId,
      Arn: rootArn(ctx),
      CreateDate: new Date(createdAt),
    };
  }
  return {
    Path: '/keyhold/',
    UserName: arn.slice(arn.lastIndexOf('/') + 1),
    UserId: userIdOf(client.id),
    Arn: arn,
    CreateDate: new Date(client.value.createdAt),
  };
}
