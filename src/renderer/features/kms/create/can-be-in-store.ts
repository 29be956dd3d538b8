import type { KeyStore } from '../kms.ts';

/** Whether a key store of this type keeps keys of this spec and use: a key manager’s are symmetric, a token also has pairs and HMAC keys (docs/adr/0022-key-stores.md). */
export function canBeInStore(type: KeyStore['CustomKeyStoreType'], spec: string, usage: string): boolean {
  if (spec === 'SYMMETRIC_DEFAULT') return true;
  if (type === 'EXTERNAL_KEY_STORE' || usage === 'KEY_AGREEMENT' || usage === 'ENCAPSULATE_DECAPSULATE') return false;
  return /^(RSA_|ECC_NIST_P|HMAC_)/.test(spec);
}
