import { bits, oid, sequence, set, tlv, unsigned } from './der.ts';
import { endEntity, signsData } from './extensions.ts';
import { pemBlock } from './pem-block.ts';

const EXTENSION_REQUEST = '1.2.840.113549.1.9.14';
const NULL = tlv(0x05);

/** What signs over SHA-256, whatever the length of the key: RFC 5758 section 3.2, RFC 4055 section 5. */
const ALGORITHMS = {
  ec: sequence(oid('1.2.840.10045.4.3.2')),
  rsa: sequence(oid('1.2.840.113549.1.1.11'), NULL),
} as const;

/**
 * CertificationRequestInfo (PKCS #10, RFC 2986 section 4.1). It asks for what IAM Roles Anywhere wants of a certificate: not a CA, and for digital signatures.
 * @param subject Name, DER
 * @param spki SubjectPublicKeyInfo, DER
 */
export function requestInfo(subject: Uint8Array, spki: Uint8Array): Uint8Array {
  const wanted = sequence(oid(EXTENSION_REQUEST), set(sequence(endEntity(), signsData())));
  return sequence(unsigned(Uint8Array.of(0)), subject, spki, tlv(0xa0, wanted));
}

/** The request in PEM, from what was signed and its signature (RSA: PKCS #1 v1.5, EC: DER; over SHA-256). */
export function requestPem(info: Uint8Array, signature: Uint8Array, kind: 'ec' | 'rsa'): string {
  const base64 = Buffer.from(sequence(info, ALGORITHMS[kind], bits(signature))).toString('base64');
  return pemBlock('CERTIFICATE REQUEST', base64);
}
