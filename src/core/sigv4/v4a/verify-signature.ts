import { type KeyObject, verify } from 'node:crypto';

/** True if `signature` (DER in hex) is that of the string to sign. Never throws for a malformed signature. */
export function verifyV4aSignature(publicKey: KeyObject, stringToSign: string, signature: string): boolean {
  return verify('sha256', Buffer.from(stringToSign, 'utf8'), publicKey, Buffer.from(signature, 'hex'));
}
