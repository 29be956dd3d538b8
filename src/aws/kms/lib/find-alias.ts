import { aliasArn } from '../../../core/kms/arn.ts';
import { KmsError } from '../../../core/kms/kms-error.ts';
import type { FoundAlias } from '../../../core/kms/records.ts';
import type { Things } from '../../../core/things.ts';
import type { OperationContext } from '../../local/operation-context.ts';

/** An alias of the caller's account in the request's Region. Throws NotFoundException in AWS's words. */
export function findAlias(ctx: OperationContext, things: Things, name: string): FoundAlias {
  const alias = things.kms.alias(ctx.account.id, ctx.region, name);
  if (alias !== undefined) return alias;
  const arn = aliasArn(ctx.account.accountId, ctx.region, name);
  throw new KmsError('NotFoundException', `Alias ${arn} is not found.`);
}
