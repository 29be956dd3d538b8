import { z } from 'zod';
import { CertificateKeySpec } from '../../contract/certificates.ts';
import { Base64, Name, RecordId } from '../../contract/schemas.ts';

/** ms since the Unix epoch */
const Time = z.int().min(0);

const ISSUED = z.object({
  /** DER. */
  certificate: Base64,
  /** DER of those between it and its root, nearest first. */
  chain: z.array(Base64).max(5),
  chainSubjects: z.array(z.string()).max(5),
  subject: z.string(),
  issuer: z.string(),
  /** In decimal. */
  serial: z.string().regex(/^\d{1,64}$/),
  notBefore: Time,
  notAfter: Time,
});

const PAIR = z.object({
  keySpec: CertificateKeySpec,
  /** The private key. */
  key: z.object({ id: RecordId }),
  /** SubjectPublicKeyInfo, DER. */
  publicKey: Base64,
  /** As RFC 4514 writes it. */
  subject: z.string(),
  createdAt: Time,
  issued: ISSUED.optional(),
});

/** A certificate and, while its key pair is rotated, the pair that comes or the one that went: which of them there are is the journal. */
export const CERTIFICATE_RECORD = z.object({
  name: Name,
  imported: z.literal(true).optional(),
  pair: PAIR,
  /** Comes: in use once AWS has taken its certificate. */
  next: z.object({ pair: PAIR, quarantineSeconds: z.int().min(0) }).optional(),
  /** Went: destroyed at `until`. */
  previous: z.object({ pair: PAIR, imported: z.literal(true).optional(), until: Time, switchedAt: Time }).optional(),
});

export type CertificateRecord = z.output<typeof CERTIFICATE_RECORD>;
export type CertificatePair = z.output<typeof PAIR>;
export type Issued = z.output<typeof ISSUED>;
