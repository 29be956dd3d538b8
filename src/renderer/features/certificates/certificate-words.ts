import type { Certificate, CertificateKeySpec } from '../../../contract/certificates.ts';
import { formatDate } from '../../lib/format.ts';

export type CertificateLook = Certificate['state'] | 'soon';

/** How long before its end a certificate is worth a word. */
const SOON_MS = 21 * 86_400_000;

/** The state at this moment: nobody announces that a certificate has ended. */
export function lookOf({ state, issued }: Pick<Certificate, 'state' | 'issued'>, now: number): CertificateLook {
  if (issued === undefined || state === 'requested') return state;
  const left = Date.parse(issued.notAfter) - now;
  if (left <= 0) return 'expired';
  return state === 'valid' && left <= SOON_MS ? 'soon' : state;
}

const WORDS: Readonly<Record<CertificateLook, string>> = {
  requested: 'to be issued',
  valid: 'valid',
  soon: 'ends soon',
  notYetValid: 'not yet valid',
  expired: 'expired',
};

export function lookWord(look: CertificateLook): string {
  return WORDS[look];
}

const SPECS: Readonly<Record<CertificateKeySpec, string>> = {
  EC_P256: 'ECDSA P-256',
  EC_P384: 'ECDSA P-384',
  RSA_2048: 'RSA 2048',
  RSA_3072: 'RSA 3072',
  RSA_4096: 'RSA 4096',
};

export function specWord(spec: CertificateKeySpec): string {
  return SPECS[spec];
}

/** `ECDSA P-256, until 3 Mar 2027`, or what it waits for. */
export function validWords({ keySpec, issued }: Pick<Certificate, 'keySpec' | 'issued'>): string {
  const until = issued === undefined ? 'its certificate is not here yet' : `until ${formatDate(issued.notAfter)}`;
  return `${specWord(keySpec)}, ${until}`;
}

export const SPEC_CHOICES: readonly { id: CertificateKeySpec; label: string; note?: string }[] = [
  { id: 'EC_P256', label: SPECS.EC_P256, note: 'usual' },
  { id: 'EC_P384', label: SPECS.EC_P384 },
  { id: 'RSA_2048', label: SPECS.RSA_2048 },
  { id: 'RSA_3072', label: SPECS.RSA_3072 },
  { id: 'RSA_4096', label: SPECS.RSA_4096 },
];
