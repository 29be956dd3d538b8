// biome-ignore lint/style/noRestrictedImports: node:tls needs the listener's key in this process; it is made here, lives for one run and protects loopback only.
import { createHash, createPublicKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { KeyholdError } from '../contract/errors.ts';
import type { Random } from '../core/ports.ts';
import { certificatePem, extensions, toBeSigned } from './authority/certificate.ts';

/** The per-vault CA's key as seen from here: its private half stays in the HSM. */
export interface AuthorityKey {
  /** P-256, uncompressed point (65 bytes) or SubjectPublicKeyInfo (DER). */
  publicKey: Uint8Array;
  /** ECDSA over the SHA-256 of `tbs`: DER signature. */
  sign(tbs: Uint8Array): Promise<Uint8Array>;
}

export interface IssuedCertificate {
  pem: string;
  /** ms since epoch */
  notAfter: number;
}

export interface IssuedLeaf extends IssuedCertificate {
  /** PKCS #8, PEM. Lives in the daemon's memory only. */
  key: string;
}

const DAY = 86_400_000;
const AUTHORITY_DAYS = 5 * 365;
const LEAF_DAYS = 30;
/** Clocks of containers and virtual machines may be behind. */
const BACKDATE = 5 * 60_000;

/** Makes the vault's local CA: self-signed, five years, good for names of this machine only. */
export async function createAuthority(key: AuthorityKey, random: Random, now: number): Promise<IssuedCertificate> {
  const point = pointOf(key.publicKey);
  const subject = `Keyhold local CA ${createHash('sha256').update(point).digest('hex').slice(0, 8)}`;
  const notAfter = now + AUTHORITY_DAYS * DAY;
  const tbs = toBeSigned({
    serial: serial(random),
    issuer: subject,
    subject,
    notBefore: now - BACKDATE,
    notAfter,
    publicKey: point,
    extensions: [
      extensions.authority(),
      extensions.signsCertificates(),
      extensions.loopbackOnly(),
      extensions.subjectKey(point),
    ],
  });
  const pem = certificatePem(tbs, await key.sign(tbs));
  checkIssued(pem, pem);
  return { pem, notAfter: wholeSeconds(notAfter) };
}

/**
 * Makes the server certificate of the HTTPS listener, with a new key: localhost, *.localhost, 127.0.0.1 and ::1, thirty days. Made anew
 * at each start.
 */
export async function createLeaf(
  authority: { pem: string; key: AuthorityKey },
  random: Random,
  now: number,
): Promise<IssuedLeaf> {
  const { pem: authorityPem, key } = authority;
  const certificate = new X509Certificate(authorityPem);
  const leaf = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const point = pointOf(leaf.publicKey.export({ type: 'spki', format: 'der' }));
  const notAfter = Math.min(now + LEAF_DAYS * DAY, certificate.validToDate.getTime());
  const tbs = toBeSigned({
    serial: serial(random),
    issuer: certificate.subject.replace(/^CN=/, ''),
    subject: 'Keyhold on this machine',
    notBefore: now - BACKDATE,
    notAfter,
    publicKey: point,
    extensions: [
      extensions.endEntity(),
      extensions.signsData(),
      extensions.serverAuth(),
      extensions.loopbackNames(),
      extensions.subjectKey(point),
      extensions.authorityKey(pointOf(key.publicKey)),
    ],
  });
  const pem = certificatePem(tbs, await key.sign(tbs));
  checkIssued(pem, authorityPem);
  return {
    pem,
    notAfter: wholeSeconds(notAfter),
    key: String(leaf.privateKey.export({ type: 'pkcs8', format: 'pem' })),
  };
}

function serial(random: Random): Uint8Array {
  const bytes = Uint8Array.from(random.bytes(16));
  // Positive, not zero, and of one length.
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return bytes;
}

function pointOf(publicKey: Uint8Array): Uint8Array {
  if (publicKey.length === 65 && publicKey[0] === 4) return publicKey;
  const { crv, x, y } = createPublicKey({ key: Buffer.from(publicKey), format: 'der', type: 'spki' }).export({
    format: 'jwk',
  });
  if (crv !== 'P-256' || x === undefined || y === undefined) {
    throw new KeyholdError('Internal', 'The key of the local CA must be a P-256 key.');
  }
  return Buffer.concat([Uint8Array.of(4), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]);
}

/** A signature that came back wrong must not end up in anyone's trust store. */
function checkIssued(pem: string, authorityPem: string): void {
  const issued = new X509Certificate(pem);
  const authority = new X509Certificate(authorityPem);
  if (!issued.verify(authority.publicKey) || !issued.checkIssued(authority)) {
    throw new KeyholdError('Internal', 'The local CA’s signature did not come out right; nothing was issued.');
  }
}

const wholeSeconds = (milliseconds: number): number => Math.floor(milliseconds / 1000) * 1000;
