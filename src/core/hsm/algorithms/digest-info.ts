import type { DigestName } from './signing-rules.ts';

/** DigestInfo (RFC 8017, section 9.2, note 1) up to the digest. */
export const DIGEST_INFO: Record<DigestName, Uint8Array> = {
  sha256: Buffer.from('3031300d060960864801650304020105000420', 'hex'),
  sha384: Buffer.from('3041300d060960864801650304020205000430', 'hex'),
  sha512: Buffer.from('3051300d060960864801650304020305000440', 'hex'),
};
