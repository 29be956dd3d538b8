import type { CertificateKeySpec } from '../../contract/certificates.ts';
import type { ObjectRef, SealedBlob } from '../hsm/protocol.ts';
import type { Session } from '../session.ts';
import { requestInfo, requestPem } from '../x509/certification-request.ts';
import { encodeName } from '../x509/name.ts';
import type { CertificatePair } from './record.ts';

/** A new key pair, not written yet, and its request. */
export interface MadePair {
  pair: CertificatePair;
  blob: SealedBlob;
  csr: string;
}

type Hsm = Pick<Session, 'hsm'>;

/** Throws `InvalidInput` for a subject that cannot be encoded, before anything is made. */
export async function makePair(
  session: Pick<Session, 'hsm' | 'newId'>,
  wanted: { name: string; keySpec: CertificateKeySpec; subject: string },
  now: number,
): Promise<MadePair> {
  const { keySpec, subject } = wanted;
  encodeName(subject);
  const id = session.newId();
  const { blob, publicKey } = await session.hsm.call('generateKmsMaterial', {
    id,
    spec: keySpec,
    usage: ['sign'],
    label: `certificate ${wanted.name}`,
    createdAt: now,
    materialContext: new Uint8Array(),
  });
  if (publicKey === undefined) throw new Error('a key pair without a public key');
  const pair = { keySpec, key: { id }, publicKey: Buffer.from(publicKey).toString('base64'), subject, createdAt: now };
  return { pair, blob, csr: await requestOf(session, pair, { id, version: 1, blob }) };
}

/** The certification request of a key pair, in PEM. */
export async function requestOf(session: Hsm, pair: CertificatePair, key: ObjectRef): Promise<string> {
  const info = requestInfo(encodeName(pair.subject), Buffer.from(pair.publicKey, 'base64'));
  const { signature } = await session.hsm.call('x509Sign', { key, message: info });
  return requestPem(info, signature, pair.keySpec.startsWith('RSA') ? 'rsa' : 'ec');
}

/** `CN=` and a name, with a backslash before what would end it. */
export function defaultSubject(name: string): string {
  return `CN=${name.replace(/[,+\\]/g, '\\$&')}`;
}
