/** The console's own name for it, with ours: what somebody else has attached under that name is neither overwritten nor taken away. */
export const DENY_POLICY = 'AWSRevokeOlderSessions-Keyhold';

/**
 * What the console attaches for "Revoke active sessions" (IAM User Guide, "Revoke IAM role temporary security credentials"). Requests that are signed with an access key itself
 * have no `aws:TokenIssueTime`, so it does not meet them.
 */
export function denyOlderThan(cutoff: number): string {
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Deny',
        Action: ['*'],
        Resource: ['*'],
        Condition: { DateLessThan: { 'aws:TokenIssueTime': new Date(cutoff).toISOString() } },
      },
    ],
  });
}
