import type { Policy } from '../../../core/iam/index.ts';
import { keyConditions } from '../../../core/kms/condition-keys.ts';
import { requireNoLockout } from '../../../core/kms/key-policy.ts';
import type { KmsKey } from '../../../core/kms/records.ts';
import type { OperationContext } from '../../local/operation-context.ts';
import { requestKeys } from './request-keys.ts';

/** A policy that a request brings for a key of the caller's account, which is as it is or is to be. */
export interface NewPolicy {
  readonly policy: Policy<'resource'>;
  readonly key: KmsKey;
  readonly arn: string;
  readonly aliases?: readonly string[];
  /** BypassPolicyLockoutSafetyCheck */
  readonly bypass: boolean | undefined;
}

/**
 * Holds the caller's next PutKeyPolicy against the policy as that would come: from where this request comes, now, to the key's Region.
 * Throws MalformedPolicyDocumentException in AWS's words.
 */
export function refuseLockout(ctx: OperationContext, { policy, key, arn, aliases = [], bypass }: NewPolicy): void {
  if (bypass === true) return;
  const { accountId } = ctx.account;
  const conditions = { ...requestKeys(ctx, key.region), ...keyConditions(key, accountId, aliases) };
  requireNoLockout(policy, ctx.caller.principal, { arn, accountId, conditions });
}
