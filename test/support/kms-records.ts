import type { FoundKey, KmsGrant, KmsKey, KmsMaterial } from '../../src/core/kms/records.ts';

export const ACCOUNT = 'a'.repeat(32);
export const ACCOUNT_ID = '123456789012';
export const REGION = 'eu-central-1';
export const KEY_ID = '1234abcd-12ab-34cd-56ef-1234567890ab';
export const NOW = Date.UTC(2026, 10, 23, 12);

let counter = 0;

/** 32 hex digits, another each time. */
export function recordId(): string {
  counter += 1;
  return counter.toString(16).padStart(32, '0');
}

export function material(more: Partial<KmsMaterial> = {}): KmsMaterial {
  return { id: recordId().padEnd(64, '0'), object: { id: recordId() }, state: 'CURRENT', ...more };
}

/** An enabled symmetric key. */
export function kmsKey(more: Partial<KmsKey> = {}): KmsKey {
  return {
    account: ACCOUNT,
    region: REGION,
    keyId: KEY_ID,
    spec: 'SYMMETRIC_DEFAULT',
    usage: 'ENCRYPT_DECRYPT',
    origin: 'AWS_KMS',
    manager: 'CUSTOMER',
    description: '',
    enabled: true,
    policy: '{}',
    tags: [],
    createdAt: NOW,
    materials: [material()],
    onDemandRotations: 0,
    ...more,
  };
}

export function foundKey(more: Partial<KmsKey> = {}): FoundKey {
  return { id: recordId(), value: kmsKey(more) };
}

export function kmsGrant(key: string, more: Partial<KmsGrant> = {}): KmsGrant {
  return {
    account: ACCOUNT,
    region: REGION,
    key,
    grantId: recordId().padStart(64, 'f'),
    grantee: `arn:aws:iam::${ACCOUNT_ID}:user/alice`,
    operations: ['Encrypt', 'Decrypt'],
    issuer: ACCOUNT_ID,
    createdAt: NOW,
    ...more,
  };
}
