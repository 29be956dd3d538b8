import { X509Certificate } from 'node:crypto';
import { KeyholdError } from '../../contract/errors.ts';

/** What is kept and shown of a certificate. */
export interface CertificateFacts {
  /** Base64 of the DER, in one line. */
  der: string;
  subject: string;
  issuer: string;
  /** In decimal. */
  serial: string;
  /** ms since epoch */
  notBefore: number;
  notAfter: number;
}

export interface ReadChain {
  leaf: CertificateFacts;
  /** Those between it and its root, nearest first; the root itself is what AWS has as the trust anchor. */
  chain: CertificateFacts[];
}

const BLOCK = /-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----[^-]+-----END (?:X509 |TRUSTED )?CERTIFICATE-----/g;
/** What IAM Roles Anywhere takes in X-Amz-X509-Chain. */
const MOST_BETWEEN = 5;

/**
 * The certificate of a public key (SubjectPublicKeyInfo, DER) and the chain above it, out of a PEM file in whatever order. Throws `InvalidInput` with what is wrong:
 * another key's certificate, one that is not valid at `now`, one of a CA, something in the file that does not belong to it.
 */
export function readChain(pem: string, publicKey: Uint8Array, now: number): ReadChain {
  const all = readAll(pem);
  const leaf = all.find((one) => isOf(one, publicKey));
  if (leaf === undefined) {
    throw wrong(
      `is of another key than the one in the vault (${named(all[0])}); give the one that was issued for this request`,
    );
  }
  if (leaf.ca) throw wrong('is that of a certificate authority, and AWS takes only end-entity certificates');
  const above = chainAbove(leaf, all);
  const between = above.filter((one) => !isSelfSigned(one));
  if (between.length > MOST_BETWEEN) throw wrong(`has more than ${MOST_BETWEEN} certificates between it and its root`);
  const stray = all.find((one) => one !== leaf && !above.includes(one));
  if (stray !== undefined) {
    throw wrong(`file has ${named(stray)} in it, which did not sign it or one above it; leave that out`);
  }
  for (const one of [leaf, ...between]) requireValid(one, now);
  return { leaf: factsOf(leaf), chain: between.map(factsOf) };
}

/** Whether a PEM file has a certificate of this key among others. */
export function hasCertificateOf(pem: string, publicKey: Uint8Array): boolean {
  return readAll(pem).some((one) => isOf(one, publicKey));
}

function readAll(pem: string): X509Certificate[] {
  const blocks = pem.match(BLOCK) ?? [];
  if (blocks.length === 0 && /-----BEGIN (?:NEW )?CERTIFICATE REQUEST-----/.test(pem)) {
    throw wrong('is not in the file: it is the request, which goes to the CA; what that answers with is meant here');
  }
  if (blocks.length === 0) {
    throw wrong('is not in the file: there is no -----BEGIN CERTIFICATE----- in it (a DER file has to be converted)');
  }
  const read = blocks.map((block) => {
    try {
      return new X509Certificate(block);
    } catch (error) {
      throw new KeyholdError(
        'InvalidInput',
        'One of the certificates in the file cannot be read. Export it again.',
        undefined,
        {
          cause: error,
        },
      );
    }
  });
  // Files that were put together by hand have one twice.
  return read.filter((one, at) => read.findIndex(({ fingerprint256 }) => fingerprint256 === one.fingerprint256) === at);
}

/** Its issuer, that one's issuer, and so on, as far as the file goes. */
function chainAbove(leaf: X509Certificate, all: readonly X509Certificate[]): X509Certificate[] {
  const found: X509Certificate[] = [];
  for (let last = leaf; !isSelfSigned(last); ) {
    const issuer = all.find((one) => one !== last && !found.includes(one) && issued(one, last));
    if (issuer === undefined) break;
    found.push(issuer);
    last = issuer;
  }
  return found;
}

const issued = (issuer: X509Certificate, one: X509Certificate): boolean =>
  issuer.ca && one.checkIssued(issuer) && one.verify(issuer.publicKey);

const isSelfSigned = (one: X509Certificate): boolean => one.checkIssued(one) && one.verify(one.publicKey);

const spkiOf = ({ publicKey }: X509Certificate): Uint8Array =>
  new Uint8Array(publicKey.export({ type: 'spki', format: 'der' }));

const isOf = (one: X509Certificate, publicKey: Uint8Array): boolean => Buffer.compare(spkiOf(one), publicKey) === 0;

function requireValid(one: X509Certificate, now: number): void {
  if (one.validToDate.getTime() <= now) {
    throw wrong(`has expired (${named(one)}, on ${one.validToDate.toISOString()}); have a new one issued`);
  }
  if (one.validFromDate.getTime() > now) {
    throw wrong(
      `is valid from ${one.validFromDate.toISOString()} only (${named(one)}); wait until then, or set this computer’s clock`,
    );
  }
}

function factsOf(one: X509Certificate): CertificateFacts {
  return {
    der: one.raw.toString('base64'),
    subject: distinguishedName(one.subject),
    issuer: distinguishedName(one.issuer),
    serial: BigInt(`0x${one.serialNumber}`).toString(),
    notBefore: one.validFromDate.getTime(),
    notAfter: one.validToDate.getTime(),
  };
}

const named = (one: X509Certificate | undefined): string => (one === undefined ? '' : distinguishedName(one.subject));

/** node:crypto gives a line an attribute, the least specific first. */
function distinguishedName(lines: string): string {
  return lines.split('\n').reverse().join(',');
}

function wrong(why: string): KeyholdError {
  return new KeyholdError('InvalidInput', `The certificate ${why}.`);
}
