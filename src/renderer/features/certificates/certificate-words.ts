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

/** `confirm`: the key before is destroyed. `rollback`: the new one is. */
export type RotationEnd = 'confirm' | 'rollback';

/** What is asked before a rotation ends, and said after it. */
export function endingWords(
  end: RotationEnd,
  { name, rotation }: Pick<Certificate, 'name' | 'rotation'>,
): { title: string; text: string; done: string } {
  if (end === 'confirm') {
    return {
      title: `Destroy the key that ${name} had before?`,
      text: 'It cannot be brought back, and the rotation can no longer be rolled back. The new key stays in use.',
      done: `The key that ${name} had before is destroyed.`,
    };
  }
  return {
    title: `Roll the rotation of ${name} back?`,
    text:
      rotation?.state === 'quarantine'
        ? 'The key before is in use again. The new one is destroyed and cannot be brought back; its certificate is of no use without it.'
        : 'The present key stays in use. The new one is destroyed and cannot be brought back; a certificate for its request is of no use without it.',
    done: `The rotation of ${name} is rolled back.`,
  };
}

/** What the row of a certificate offers: a certificate is awaited, or is here and AWS has not been seen to take it. */
export function awaitedOf({ state, rotation }: Pick<Certificate, 'state' | 'rotation'>): 'file' | 'aws' | null {
  if (rotation?.state === 'issued') return 'aws';
  return state === 'requested' || rotation?.state === 'requested' ? 'file' : null;
}
