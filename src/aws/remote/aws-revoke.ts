import type { AwsRevoke, InlinePolicy } from '../../core/panic/aws-revoke.ts';
import { createIamCall, IAM } from './iam-call.ts';
import type { RemoteParts } from './query-remote.ts';

/** The operations of IAM that refuse older sessions, and take that back. */
export function createAwsRevoke(parts: RemoteParts): AwsRevoke {
  const call = createIamCall(parts);
  return {
    async putPolicy(signer, { document, ...policy }) {
      const action = policy.kind === 'user' ? 'PutUserPolicy' : 'PutRolePolicy';
      await call(signer, IAM, action, { ...named(policy), PolicyDocument: document });
    },
    async deletePolicy(signer, policy) {
      await call(signer, IAM, policy.kind === 'user' ? 'DeleteUserPolicy' : 'DeleteRolePolicy', named(policy));
    },
  };
}

function named({ kind, owner, policyName }: InlinePolicy): Record<string, string> {
  return { [kind === 'user' ? 'UserName' : 'RoleName']: owner, PolicyName: policyName };
}
