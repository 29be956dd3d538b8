import type { RequestPrincipal } from '../iam/index.ts';
import {
  evaluate,
  MalformedPolicyError,
  POLICY_SIZES,
  type Policy,
  parsePolicy,
  requestContext,
} from '../iam/index.ts';
import { accountRootArn } from './arn.ts';
import type { ConditionKeys } from './condition-keys.ts';
import { KmsError } from './kms-error.ts';

/** The only name that a key policy has. */
export const POLICY_NAME = 'default';

/** The policy of a key that was made without one: it hands the decision to the account's IAM policies. */
export function defaultKeyPolicy(accountId: string, region: string): string {
  return JSON.stringify(
    {
      Version: '2012-10-17',
      Id: 'key-default-1',
      Statement: [
        {
          Sid: 'Enable IAM User Permissions',
          Effect: 'Allow',
          Principal: { AWS: accountRootArn(accountId, region) },
          Action: 'kms:*',
          Resource: '*',
        },
      ],
    },
    null,
    2,
  );
}

/** The policy of an AWS managed key: of use through its service only, to be looked at by the account, changed by nobody. */
export function managedKeyPolicy(accountId: string, region: string, alias: string, viaService: string): string {
  const service = alias.slice('alias/aws/'.length);
  return JSON.stringify(
    {
      Version: '2012-10-17',
      Id: `auto-${service}-1`,
      Statement: [
        {
          Sid: `Allow access through ${service} for all principals in the account that are authorized to use ${service}`,
          Effect: 'Allow',
          Principal: { AWS: '*' },
          Action: [
            'kms:Encrypt',
            'kms:Decrypt',
            'kms:ReEncrypt*',
            'kms:GenerateDataKey*',
            'kms:CreateGrant',
            'kms:DescribeKey',
          ],
          Resource: '*',
          Condition: {
            StringEquals: { 'kms:ViaService': viaServiceName(viaService, region), 'kms:CallerAccount': accountId },
          },
        },
        {
          Sid: 'Allow direct access to key metadata to the account',
          Effect: 'Allow',
          Principal: { AWS: accountRootArn(accountId, region) },
          Action: ['kms:Describe*', 'kms:Get*', 'kms:List*', 'kms:RevokeGrant'],
          Resource: '*',
        },
      ],
    },
    null,
    2,
  );
}

/** A service of AWS as `kms:ViaService` names it. */
export function viaServiceName(service: string, region: string): string {
  return `${service}.${region}.amazonaws.com`;
}

/** Reads a key policy that a request brings. Throws MalformedPolicyDocumentException or LimitExceededException with line and column. */
export function parseKeyPolicy(text: string): Policy<'resource'> {
  try {
    return parsePolicy(text, { kind: 'resource', size: POLICY_SIZES.kmsKey });
  } catch (error) {
    if (!(error instanceof MalformedPolicyError)) throw error;
    const code = error.fault === 'size' ? 'LimitExceededException' : 'MalformedPolicyDocumentException';
    throw new KmsError(code, error.message);
  }
}

const EVERYTHING = parsePolicy(
  JSON.stringify({ Version: '2012-10-17', Statement: { Effect: 'Allow', Action: '*', Resource: '*' } }),
  { kind: 'identity' },
);

/**
 * The lockout safety check: whoever sets a policy must be able to set the next one, by the policy itself or because it delegates to the
 * caller's account. Throws MalformedPolicyDocumentException in AWS's words.
 */
export function requireNoLockout(
  policy: Policy<'resource'>,
  caller: RequestPrincipal,
  key: { arn: string; accountId: string; conditions: ConditionKeys },
): void {
  const decision = evaluate(
    {
      principal: caller,
      action: 'kms:PutKeyPolicy',
      resource: key.arn,
      resourceAccount: key.accountId,
      context: requestContext(caller, key.conditions),
    },
    {
      identity: [{ name: 'everything', policy: EVERYTHING }],
      resource: { name: key.arn, policy },
      resourceMustAllow: true,
    },
  );
  if (decision.kind === 'allowed') return;
  const message = 'The new key policy will not allow you to update the key policy in the future.';
  throw new KmsError('MalformedPolicyDocumentException', message);
}
