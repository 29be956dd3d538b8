interface Statement {
  Sid: string;
  Effect: 'Allow';
  Principal: { AWS: string | readonly string[] };
  Action: string | readonly string[];
  Resource: '*';
}

/** The actions that using a key comes to, by its KeyUsage. */
const USE: Readonly<Record<string, readonly string[]>> = {
  ENCRYPT_DECRYPT: ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:DescribeKey'],
  SIGN_VERIFY: ['kms:Sign', 'kms:Verify', 'kms:GetPublicKey', 'kms:DescribeKey'],
  GENERATE_VERIFY_MAC: ['kms:GenerateMac', 'kms:VerifyMac', 'kms:DescribeKey'],
  KEY_AGREEMENT: ['kms:DeriveSharedSecret', 'kms:GetPublicKey', 'kms:DescribeKey'],
  ENCAPSULATE_DECAPSULATE: ['kms:Encapsulate', 'kms:Decapsulate', 'kms:GetPublicKey', 'kms:DescribeKey'],
};

/** The policy of a new key: it hands the decision to the account, and lets `users` (ARNs) use the key whatever their own policies say. */
export function newKeyPolicy(rootArn: string, users: readonly string[], usage: string): string {
  const statements: Statement[] = [
    {
      Sid: 'Enable IAM User Permissions',
      Effect: 'Allow',
      Principal: { AWS: rootArn },
      Action: 'kms:*',
      Resource: '*',
    },
  ];
  if (users.length > 0) {
    statements.push({
      Sid: 'Allow use of the key',
      Effect: 'Allow',
      Principal: { AWS: [...users] },
      Action: USE[usage] ?? ['kms:DescribeKey'],
      Resource: '*',
    });
  }
  return JSON.stringify({ Version: '2012-10-17', Id: 'key-default-1', Statement: statements }, null, 2);
}
