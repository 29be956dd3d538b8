import { type ConditionKeys, callerConditions } from '../../../core/kms/condition-keys.ts';
import { globalKeys } from '../../local/global-keys.ts';
import type { OperationContext } from '../../local/operation-context.ts';

/** The global condition keys of a request, or of one like it to another Region, and those that tell the KMS who calls. */
export function requestKeys(ctx: OperationContext, region = ctx.region): ConditionKeys {
  return { ...globalKeys(ctx, region), ...callerConditions(ctx.account.accountId, undefined) };
}
