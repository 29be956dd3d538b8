import { type ConditionKeys, callerConditions } from '../../../core/kms/condition-keys.ts';
import type { OperationContext } from '../../local/operation-context.ts';

/** The global condition keys of a request (IAM User Guide, "AWS global condition context keys") and those that tell the KMS who calls. */
export function requestKeys(ctx: OperationContext): ConditionKeys {
  const now = ctx.now();
  return {
    'aws:CurrentTime': new Date(now).toISOString(),
    // As AWS has it: both are missing, not false, where credentials came without a second factor.
    'aws:MultiFactorAuthAge': ctx.mfaAge === undefined ? undefined : String(ctx.mfaAge),
    'aws:MultiFactorAuthPresent': ctx.mfaAge === undefined ? undefined : 'true',
    'aws:EpochTime': String(Math.floor(now / 1000)),
    'aws:RequestedRegion': ctx.region,
    'aws:SecureTransport': String(ctx.secure),
    'aws:SourceIp': ctx.ip,
    'aws:UserAgent': ctx.userAgent,
    'aws:ViaAWSService': 'false',
    ...callerConditions(ctx.account.accountId, undefined),
  };
}
