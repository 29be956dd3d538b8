import { createPrivateKey } from 'node:crypto';
import { KeyholdError } from '../../../contract/errors.ts';
import type { X509KeySpec } from '../protocol.ts';
import { exportPkcs8, type NodeKey } from './node-keys.ts';

/**
 * The private key of a PEM file (PKCS #8, PKCS #1 or SEC 1) as PKCS #8, the caller's to wipe. Throws `InvalidKeyMaterial`; what the file has is never repeated.
 */
export function pemToPkcs8(pem: Uint8Array): { spec: X509KeySpec; pkcs8: Uint8Array } {
  const file = Buffer.from(pem.buffer, pem.byteOffset, pem.byteLength);
  refuseForms(file);
  let key: NodeKey;
  try {
    key = createPrivateKey({ key: file, format: 'pem' });
  } catch {
    throw wrong('there is no private key in PEM in this file; it begins with -----BEGIN PRIVATE KEY-----');
  }
  return { spec: specOf(key), pkcs8: exportPkcs8(key) };
}

/** A search of the bytes: the text of a key is never made a string. */
function refuseForms(file: Buffer): void {
  if (file.includes('-----BEGIN ENCRYPTED PRIVATE KEY-----') || file.includes('Proc-Type: 4,ENCRYPTED')) {
    throw wrong(
      'the private key is encrypted; decrypt a copy first (openssl pkey -in key.pem -out plain.pem), and delete it afterwards',
    );
  }
  if (file.includes('-----BEGIN TSS2 PRIVATE KEY-----')) {
    throw wrong(
      'the private key is in a TPM, which does not give it away; make a new key in the vault with "keyhold certificate create"',
    );
  }
}

function specOf({ asymmetricKeyType: type, asymmetricKeyDetails: details }: NodeKey): X509KeySpec {
  if (type === 'ec' && details?.namedCurve === 'prime256v1') return 'EC_P256';
  if (type === 'ec' && details?.namedCurve === 'secp384r1') return 'EC_P384';
  if (type === 'rsa' && details?.modulusLength === 2048) return 'RSA_2048';
  if (type === 'rsa' && details?.modulusLength === 3072) return 'RSA_3072';
  if (type === 'rsa' && details?.modulusLength === 4096) return 'RSA_4096';
  throw wrong(
    'the private key is of a kind that is not kept here; these are: EC on P-256 or P-384, RSA with 2,048, 3,072 or 4,096 bits',
  );
}

function wrong(why: string): KeyholdError {
  return new KeyholdError('InvalidKeyMaterial', `${why.charAt(0).toUpperCase()}${why.slice(1)}.`);
}
