import type { IamSigner } from '../rotation/aws-iam.ts';

export interface InlinePolicy {
  /** Of the user or role, without its path. */
  owner: string;
  kind: 'user' | 'role';
  policyName: string;
}

/** Inline policies of a remote account's users and roles. Calls throw as those of `AwsIam` do. */
export interface AwsRevoke {
  putPolicy(signer: IamSigner, policy: InlinePolicy & { document: string }): Promise<void>;
  deletePolicy(signer: IamSigner, policy: InlinePolicy): Promise<void>;
}
