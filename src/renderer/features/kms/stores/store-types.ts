import type { KeyStore } from '../kms.ts';

export const STORE_TYPES: Readonly<Record<KeyStore['CustomKeyStoreType'], string>> = {
  AWS_CLOUDHSM: 'PKCS#11 token',
  EXTERNAL_KEY_STORE: 'external key manager',
};
