import { KeyholdError } from '../../contract/errors.ts';

const PEM = /^-----BEGIN PUBLIC KEY-----([A-Za-z0-9+/=\s]+)-----END PUBLIC KEY-----\s*$/;

/** SubjectPublicKeyInfo DER of a PEM; null where none was given. What kind of key it is, the HSM looks at. Throws `InvalidInput`. */
export function publicKeyDer(pem: string | undefined): Uint8Array | null {
  if (pem === undefined) return null;
  const body = PEM.exec(pem.trim())?.[1];
  if (body !== undefined) return new Uint8Array(Buffer.from(body.replaceAll(/\s/g, ''), 'base64'));
  const message = pem.includes('PRIVATE KEY')
    ? 'publicKey: this is a private key, which nobody else should have. Give its public half (openssl pkey -pubout).'
    : 'publicKey: give a public key as PEM (-----BEGIN PUBLIC KEY-----).';
  throw new KeyholdError('InvalidInput', message);
}
