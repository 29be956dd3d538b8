import { X509Certificate } from 'node:crypto';
import { concat } from '../crypto/bytes.ts';
import { equal } from '../crypto/equal.ts';
import type { AttestedCredential } from './auth-data.ts';
import { type CborMap, decodeCbor } from './cbor.ts';
import { COSE_ALGORITHM, type CoseAlgorithm, type CredentialPublicKey } from './cose-key.ts';
import { verifySignature } from './verify-signature.ts';

/**
 * What a security key says about its maker. Shown to the person and never required: there is no list of makers here to compare it with, so `basic` means no
 * more than that the certificate's key has signed.
 */
export interface Attestation {
  format: string;
  type: 'none' | 'self' | 'basic' | 'unknown';
  certificate: { subject: string; issuer: string } | null;
}

export interface AttestationToRead {
  format: string;
  /** The attestation statement as CBOR. */
  statement: Uint8Array;
  authData: Uint8Array;
  rpIdHash: Uint8Array;
  clientDataHash: Uint8Array;
  credential: AttestedCredential;
  publicKey: CredentialPublicKey;
}

/** id-fido-gen-ce-aaguid (WebAuthn level 3, section 8.2.1) with the octet strings that wrap its 16 bytes. */
const AAGUID_EXTENSION = Buffer.from('060b2b0601040182e51c01010404120410', 'hex');
const AAGUID_BYTES = 16;

/** Null when a statement of a known format does not verify. */
export function readAttestation(given: AttestationToRead): Attestation | null {
  const decoded = decodeCbor(given.statement);
  if (!decoded.ok || !(decoded.value instanceof Map)) return null;
  const statement: CborMap = decoded.value;
  switch (given.format) {
    case 'none':
      return statement.size === 0 ? { format: 'none', type: 'none', certificate: null } : null;
    case 'packed':
      return packed(given, statement);
    case 'fido-u2f':
      return fidoU2f(given, statement);
    default:
      return unknown(given.format);
  }
}

/** WebAuthn level 3, section 8.2. */
function packed(given: AttestationToRead, statement: CborMap): Attestation | null {
  const signature = statement.get('sig');
  const algorithm = algorithmOf(statement.get('alg'));
  const signed = concat(given.authData, given.clientDataHash);
  if (!(signature instanceof Uint8Array)) return null;
  if (statement.has('x5c')) {
    if (algorithm === null) return unknown(given.format);
    const certificate = firstCertificate(statement);
    if (certificate === null) return unknown(given.format);
    if (!namesAaguid(certificate, given.credential.aaguid)) return null;
    return verifySignature(algorithm, certificate.publicKey, signed, signature) ? basic(given, certificate) : null;
  }
  if (statement.has('ecdaaKeyId')) return unknown(given.format);
  if (algorithm !== given.publicKey.algorithm) return null;
  return verifySignature(algorithm, given.publicKey.key, signed, signature)
    ? { format: given.format, type: 'self', certificate: null }
    : null;
}

/** WebAuthn level 3, section 8.6; the message is that of FIDO U2F raw message formats, section 4.3. */
function fidoU2f(given: AttestationToRead, statement: CborMap): Attestation | null {
  const signature = statement.get('sig');
  const { point } = given.publicKey;
  if (!(signature instanceof Uint8Array) || point === null || !statement.has('x5c')) return null;
  const certificate = firstCertificate(statement);
  // The certificates of the first U2F keys are not quite DER.
  if (certificate === null) return unknown(given.format);
  const { credentialId } = given.credential;
  const signed = concat(Uint8Array.of(0), given.rpIdHash, given.clientDataHash, credentialId, point);
  return verifySignature('ES256', certificate.publicKey, signed, signature) ? basic(given, certificate) : null;
}

function unknown(format: string): Attestation {
  return { format, type: 'unknown', certificate: null };
}

function basic({ format }: AttestationToRead, { subject, issuer }: X509Certificate): Attestation {
  return { format, type: 'basic', certificate: { subject, issuer } };
}

function algorithmOf(number: unknown): CoseAlgorithm | null {
  if (number === COSE_ALGORITHM.ES256) return 'ES256';
  if (number === COSE_ALGORITHM.EdDSA) return 'EdDSA';
  return number === COSE_ALGORITHM.RS256 ? 'RS256' : null;
}

function firstCertificate(statement: CborMap): X509Certificate | null {
  const chain = statement.get('x5c');
  const first = Array.isArray(chain) ? chain[0] : undefined;
  if (!(first instanceof Uint8Array)) return null;
  try {
    const certificate = new X509Certificate(first);
    // A key of a kind that the library does not know only fails when it is asked for.
    return certificate.publicKey.type === 'public' ? certificate : null;
  } catch {
    return null;
  }
}

/** Whether the certificate is one of this model's, where it names the model. */
function namesAaguid(certificate: X509Certificate, aaguid: Uint8Array): boolean {
  const at = certificate.raw.indexOf(AAGUID_EXTENSION);
  if (at < 0) return true;
  const start = at + AAGUID_EXTENSION.length;
  return equal(certificate.raw.subarray(start, start + AAGUID_BYTES), aaguid);
}
