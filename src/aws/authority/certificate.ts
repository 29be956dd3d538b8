import { createHash } from 'node:crypto';
import { bits, octets, oid, sequence, set, time, tlv, truth, unsigned, utf8 } from '../../core/x509/der.ts';
import { endEntity, extension, signsData } from '../../core/x509/extensions.ts';
import { pemBlock } from '../../core/x509/pem-block.ts';

const OID = {
  commonName: '2.5.4.3',
  ecPublicKey: '1.2.840.10045.2.1',
  prime256v1: '1.2.840.10045.3.1.7',
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  nameConstraints: '2.5.29.30',
  authorityKeyIdentifier: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  serverAuth: '1.3.6.1.5.5.7.3.1',
};

export interface CertificateFields {
  serial: Uint8Array;
  issuer: string;
  subject: string;
  notBefore: number;
  notAfter: number;
  /** Uncompressed P-256 point: 65 bytes. */
  publicKey: Uint8Array;
  extensions: Uint8Array[];
}

const name = (commonName: string): Uint8Array => sequence(set(sequence(oid(OID.commonName), utf8(commonName))));
const algorithm = (): Uint8Array => sequence(oid(OID.ecdsaWithSha256));

function subjectPublicKeyInfo(point: Uint8Array): Uint8Array {
  return sequence(sequence(oid(OID.ecPublicKey), oid(OID.prime256v1)), bits(point));
}

/** RFC 7093 section 2, method 1. */
export function keyIdentifier(point: Uint8Array): Uint8Array {
  return createHash('sha256').update(point).digest().subarray(0, 20);
}

/** TBSCertificate (RFC 5280 section 4.1), to be signed with ECDSA over SHA-256. */
export function toBeSigned(fields: CertificateFields): Uint8Array {
  return sequence(
    tlv(0xa0, unsigned(Uint8Array.of(2))),
    unsigned(fields.serial),
    algorithm(),
    name(fields.issuer),
    sequence(time(fields.notBefore), time(fields.notAfter)),
    name(fields.subject),
    subjectPublicKeyInfo(fields.publicKey),
    tlv(0xa3, sequence(...fields.extensions)),
  );
}

/** The certificate in PEM, from what was signed and its DER signature. */
export function certificatePem(tbs: Uint8Array, signature: Uint8Array): string {
  const base64 = Buffer.from(sequence(tbs, algorithm(), bits(signature))).toString('base64');
  return pemBlock('CERTIFICATE', base64);
}

const dnsName = (host: string): Uint8Array => tlv(0x82, Buffer.from(host, 'latin1'));
const ipAddress = (bytes: Uint8Array): Uint8Array => tlv(0x87, bytes);
const LOOPBACK_V6 = Uint8Array.from([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);

export const extensions = {
  /** A CA that signs end entities only. */
  authority: (): Uint8Array => extension(OID.basicConstraints, true, sequence(truth(), unsigned(Uint8Array.of(0)))),
  endEntity,
  /** keyCertSign and cRLSign. */
  signsCertificates: (): Uint8Array => extension(OID.keyUsage, true, bits(Uint8Array.of(0x06), 1)),
  signsData,
  serverAuth: (): Uint8Array => extension(OID.extendedKeyUsage, false, sequence(oid(OID.serverAuth))),
  subjectKey: (point: Uint8Array): Uint8Array =>
    extension(OID.subjectKeyIdentifier, false, octets(keyIdentifier(point))),
  authorityKey: (point: Uint8Array): Uint8Array =>
    extension(OID.authorityKeyIdentifier, false, sequence(tlv(0x80, keyIdentifier(point)))),
  /** Nothing but names of this machine may be in what this CA signs (RFC 5280 section 4.2.1.10). */
  loopbackOnly: (): Uint8Array => {
    const permitted = [
      dnsName('localhost'),
      ipAddress(Uint8Array.from([127, 0, 0, 0, 255, 0, 0, 0])),
      ipAddress(Buffer.concat([LOOPBACK_V6, Buffer.alloc(16, 0xff)])),
    ];
    return extension(OID.nameConstraints, true, sequence(tlv(0xa0, ...permitted.map((base) => sequence(base)))));
  },
  loopbackNames: (): Uint8Array =>
    extension(
      OID.subjectAltName,
      false,
      sequence(
        dnsName('localhost'),
        // Many TLS libraries take no wildcard right below a top-level name; those that do can use bucket.localhost.
        dnsName('*.localhost'),
        ipAddress(Uint8Array.from([127, 0, 0, 1])),
        ipAddress(LOOPBACK_V6),
      ),
    ),
};
