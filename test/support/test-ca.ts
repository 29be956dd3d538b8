import { createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { derElements, derSequence } from '../../src/core/crypto/der.ts';
import { bits, octets, oid, sequence, time, tlv, truth, unsigned } from '../../src/core/x509/der.ts';
import { encodeName } from '../../src/core/x509/name.ts';

const ECDSA_WITH_SHA256 = sequence(oid('1.2.840.10045.4.3.2'));

interface Issued {
  subject: Uint8Array;
  publicKey: Uint8Array;
  notBefore: number;
  notAfter: number;
  ca: boolean;
  serial?: Uint8Array;
}

export interface TestCa {
  /** PEM */
  certificate: string;
  /** Issues what a request (PEM) asks for. Default: from a day before `now` to 30 days after it. */
  issue(
    request: string,
    options?: { notBefore?: number; notAfter?: number; ca?: boolean; serial?: Uint8Array },
  ): string;
  /** Issues a certificate for a key of the test's own. */
  issueFor(subject: string, publicKey: KeyObject): string;
  /** Another CA below this one. */
  below(subject: string): TestCa;
}

const DAY = 86_400_000;

/** A certificate authority of a test's own, of which AWS would have the certificate as a trust anchor. Its certificates are read by OpenSSL. */
export function createTestCa(now: number, subject = 'CN=Test root', parent?: { issue(one: Issued): string }): TestCa {
  const key = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const name = encodeName(subject);
  const make = ({ subject: of, publicKey, notBefore, notAfter, ca, serial }: Issued): string => {
    const tbs = sequence(
      tlv(0xa0, unsigned(Uint8Array.of(2))),
      unsigned(serial ?? Uint8Array.from([0x41, ...randomBytes(15)])),
      ECDSA_WITH_SHA256,
      name,
      sequence(time(notBefore), time(notAfter)),
      of,
      publicKey,
      tlv(0xa3, sequence(...(ca ? OF_A_CA : OF_AN_END))),
    );
    return pem(sequence(tbs, ECDSA_WITH_SHA256, bits(sign('sha256', tbs, key.privateKey))));
  };
  const own = {
    subject: name,
    publicKey: spki(key.publicKey),
    notBefore: now - DAY,
    notAfter: now + 3650 * DAY,
    ca: true,
  };
  return {
    certificate: (parent?.issue ?? make)(own),
    issue(request, { notBefore = now - DAY, notAfter = now + 30 * DAY, ca = false, serial } = {}) {
      const asked = readRequest(request);
      return make({ ...asked, notBefore, notAfter, ca, ...(serial === undefined ? {} : { serial }) });
    },
    issueFor: (text, publicKey) =>
      make({
        ...{ subject: encodeName(text), publicKey: spki(publicKey), ca: false },
        ...{ notBefore: now - DAY, notAfter: now + 30 * DAY },
      }),
    below: (text) => createTestCa(now, text, { issue: make }),
  };
}

const extension = (id: string, value: Uint8Array): Uint8Array => sequence(oid(id), truth(), octets(value));
const OF_A_CA = [extension('2.5.29.19', sequence(truth())), extension('2.5.29.15', bits(Uint8Array.of(0x06), 1))];
const OF_AN_END = [extension('2.5.29.19', sequence()), extension('2.5.29.15', bits(Uint8Array.of(0x80), 7))];

/** Subject and key of a certification request (RFC 2986). */
function readRequest(request: string): { subject: Uint8Array; publicKey: Uint8Array } {
  const der = Buffer.from(request.replace(/-----[^-]+-----|\s/g, ''), 'base64');
  const [info] = derSequence(der) ?? [];
  const [, subject, publicKey] = derElements(info?.value ?? new Uint8Array()) ?? [];
  if (subject === undefined || publicKey === undefined) throw new Error('no certification request');
  return { subject: subject.encoded, publicKey: publicKey.encoded };
}

const spki = (key: KeyObject): Uint8Array =>
  createPublicKey(key.export({ type: 'spki', format: 'pem' })).export({ type: 'spki', format: 'der' });

function pem(der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
