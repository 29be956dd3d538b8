import { z } from 'zod';
import { method } from './method.ts';
import { Instant, Name, RecordId, Sealed } from './schemas.ts';

/** What the key of a certificate for IAM Roles Anywhere may be. */
export const CertificateKeySpec = z.enum(['EC_P256', 'EC_P384', 'RSA_2048', 'RSA_3072', 'RSA_4096']);
export type CertificateKeySpec = z.infer<typeof CertificateKeySpec>;

/** As RFC 4514 writes it, the most specific first: `CN=build,O=Example,C=DE`. */
const Subject = z.string().min(1, 'a subject looks like CN=build,O=Example').max(1024);
/** One certificate or several, and whatever stands between them. */
const Pem = z
  .string()
  .min(1, 'give a certificate in PEM')
  .max(256 * 1024, 'a certificate’s file has at most 256 KiB');

/** What a CA has issued. */
const IssuedCertificate = z.object({
  subject: z.string(),
  issuer: z.string(),
  /** In decimal, as AWS writes it. */
  serial: z.string(),
  notBefore: Instant,
  notAfter: Instant,
  /** Subjects of the certificates between this one and its root, nearest first. */
  chain: z.array(z.string()),
  /** The certificate and those. */
  pem: z.string(),
});

export const Certificate = z.object({
  id: RecordId,
  name: Name,
  keySpec: CertificateKeySpec,
  /** Of the key. */
  createdAt: Instant,
  /** The key came from a file, of which there may be other copies. */
  imported: z.literal(true).optional(),
  /** `requested`: the CA’s answer has not been installed yet. */
  state: z.enum(['requested', 'valid', 'notYetValid', 'expired']),
  /** Of the request, until there is a certificate. */
  subject: z.string(),
  issued: IssuedCertificate.optional(),
  /** Names of the profiles that sign in with it. */
  profiles: z.array(z.string()),
  /** A key pair that takes the place of the present one, or has taken it. */
  rotation: z
    .object({
      /** `requested`: its certificate is not here yet. `issued`: it is, and AWS has not been seen to take it. `quarantine`: it is in use, and the key before it is kept. */
      state: z.enum(['requested', 'issued', 'quarantine']),
      keySpec: CertificateKeySpec,
      startedAt: Instant,
      /** Of `requested` and `issued`: the new one’s; of `quarantine`: the one before. */
      issued: IssuedCertificate.optional(),
      /** When the key before is destroyed. */
      until: Instant.optional(),
      /** Where it stands and what to do, in a sentence. */
      message: z.string(),
    })
    .optional(),
});
export type Certificate = z.infer<typeof Certificate>;

const none = z.strictObject({});
const done = z.strictObject({});
const Named = z.strictObject({ name: Name });
const WithRequest = z.object({ certificate: Certificate, /** PKCS #10, PEM. */ csr: z.string() });

export const certificateMethods = {
  'certificate.list': method(
    none,
    z.object({ certificates: z.array(Certificate) }),
    'X.509 certificates for IAM Roles Anywhere, whose keys are in the HSM',
  ),
  'certificate.create': method(
    z.strictObject({
      name: Name,
      keySpec: CertificateKeySpec.default('EC_P256'),
      /** Default: `CN=` and the name. */
      subject: Subject.optional(),
    }),
    WithRequest,
    'Make a key pair in the HSM, and the request that a CA issues a certificate for',
  ),
  'certificate.csr': method(
    Named,
    WithRequest,
    'The request once more: of the key pair that a certificate is awaited for, or of the present one',
  ),
  'certificate.install': method(
    z.strictObject({
      name: Name,
      /** What the CA issued, with the certificates above it; without it, what waits for AWS to take it is tried again. */
      pem: Pem.optional(),
    }),
    Certificate,
    'Put the certificate that a CA issued beside its key; during a rotation, it is tried at AWS and then takes the place of the one before',
  ),
  'certificate.import': method(
    z.strictObject({ name: Name, privateKey: Sealed, pem: Pem }),
    Certificate,
    'Put a private key and its certificate, which were in files, into the vault',
  ),
  'certificate.update': method(z.strictObject({ name: Name, rename: Name }), Certificate, 'Rename a certificate'),
  'certificate.remove': method(
    z.strictObject({ name: Name, cascade: z.boolean().optional() }),
    done,
    'Remove a certificate and destroy its key; with cascade also the profiles that sign in with it and their clients',
  ),
  'certificate.rotate': method(
    z.strictObject({
      name: Name,
      /** Default: as the present one. */
      keySpec: CertificateKeySpec.optional(),
      subject: Subject.optional(),
      /** How long the key before is kept, once the new one is in use. */
      quarantineSeconds: z
        .int()
        .min(0)
        .max(366 * 86_400, 'a quarantine lasts at most 366 days')
        .default(86_400),
    }),
    WithRequest,
    'Make a new key pair and its request beside the present one, which stays in use until the new certificate is installed',
  ),
  'certificate.confirm': method(
    Named,
    Certificate,
    'Destroy the key before the present one now, instead of at the end of its quarantine',
  ),
  'certificate.rollback': method(
    Named,
    Certificate,
    'Take a rotation back: the key before is in use again, and the new one is destroyed',
  ),
} as const;
