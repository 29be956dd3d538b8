/**
 * What AWS answers to a session from before "Revoke active sessions", and to what such a policy denies anyhow (IAM User Guide, "Troubleshoot access denied error messages"). The policy that the
 * console attaches is an inline one; a managed one is named behind these words.
 */
export const REVOCATION_WORDS = /with an explicit deny in an identity-based policy(?!: arn)/;
