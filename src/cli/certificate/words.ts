import type { Certificate, CertificateKeySpec } from '../../contract/certificates.ts';
import type { Cli } from '../cli.ts';
import { usageError } from '../errors.ts';
import { facts } from '../table.ts';
import { relativeTime } from '../words.ts';

export const KEY_SPECS: readonly CertificateKeySpec[] = ['EC_P256', 'EC_P384', 'RSA_2048', 'RSA_3072', 'RSA_4096'];

export function keySpecOption(text: string): CertificateKeySpec {
  const found = KEY_SPECS.find((spec) => spec === text.toUpperCase().replace('-', '_'));
  if (found === undefined) throw usageError(`"${text}" is no kind of key. Choose one of ${KEY_SPECS.join(', ')}.`);
  return found;
}

/** `ends in 30 d`: how long it is good for, as a table has it. */
export function validityWords({ state, issued }: Certificate, now: number): string {
  if (issued === undefined) return 'waits for its certificate';
  if (state === 'expired') return `EXPIRED ${relativeTime(issued.notAfter, now)}`;
  if (state === 'notYetValid') return `valid from ${issued.notBefore}`;
  return `ends ${relativeTime(issued.notAfter, now)}`;
}

/** What is known of one certificate, a line each. */
export function certificateText(certificate: Certificate, cli: Cli): string {
  const { issued, rotation } = certificate;
  const lines: [string, string | undefined][] = [
    ['Certificate', certificate.name],
    ['Subject', certificate.subject],
    ['Key', `${certificate.keySpec}, ${certificate.imported === true ? 'from a file' : 'made in the HSM'}`],
    ['Valid', validityWords(certificate, cli.now())],
    ['Until', issued?.notAfter],
    ['Issuer', issued?.issuer],
    ['Serial number', issued?.serial],
    ['Chain', issued === undefined || issued.chain.length === 0 ? undefined : issued.chain.join(' ← ')],
    ['Profiles', certificate.profiles.join(', ') || 'none'],
    ['Rotation', rotation?.message],
  ];
  return facts(lines.flatMap(([label, value]) => (value === undefined ? [] : [[label, value] as const])));
}
