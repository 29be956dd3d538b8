import type { KmsKeySummary } from '../../../contract/kms.ts';

const ON_ANY_KEY = ['DescribeKey', 'CreateGrant', 'RetireGrant'];
const SYMMETRIC = [
  'Encrypt',
  'Decrypt',
  'GenerateDataKey',
  'GenerateDataKeyWithoutPlaintext',
  'GenerateDataKeyPair',
  'GenerateDataKeyPairWithoutPlaintext',
  'ReEncryptFrom',
  'ReEncryptTo',
];
const BY_USAGE: Readonly<Record<string, readonly string[]>> = {
  ENCRYPT_DECRYPT: ['Encrypt', 'Decrypt', 'ReEncryptFrom', 'ReEncryptTo', 'GetPublicKey'],
  SIGN_VERIFY: ['Sign', 'Verify', 'GetPublicKey'],
  GENERATE_VERIFY_MAC: ['GenerateMac', 'VerifyMac'],
  KEY_AGREEMENT: ['DeriveSharedSecret', 'GetPublicKey'],
  ENCAPSULATE_DECAPSULATE: ['Encapsulate', 'Decapsulate', 'GetPublicKey'],
};

/** What a grant of this key can allow (KMS Developer Guide, "Grant operations"), the usual ones first. */
export function grantOperations({ spec, usage }: Pick<KmsKeySummary, 'spec' | 'usage'>): string[] {
  return [...(spec === 'SYMMETRIC_DEFAULT' ? SYMMETRIC : (BY_USAGE[usage] ?? [])), ...ON_ANY_KEY];
}

/** Why these operations make no grant; null when they do. */
export function operationsProblem(chosen: ReadonlySet<string>): string | null {
  if (chosen.size === 0) return 'Tick at least one.';
  const makesGrantsOnly = chosen.size === 1 && chosen.has('CreateGrant');
  return makesGrantsOnly ? 'Tick what may be granted on as well: CreateGrant alone gives nothing to grant.' : null;
}
