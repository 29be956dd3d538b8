import { type KeyObject, sign } from 'node:crypto';

/** ECDSA P-256/SHA-256 over the string to sign: DER in hex. Differs from call to call. */
export function signV4aString(privateKey: KeyObject, stringToSign: string): string {
  return sign('sha256', Buffer.from(stringToSign, 'utf8'), { key: privateKey, dsaEncoding: 'der' }).toString('hex');
}
