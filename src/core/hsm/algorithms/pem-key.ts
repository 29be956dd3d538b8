import { createPrivateKey } from 'node:crypto';
import { KeyholdError } from '../../../contract/errors.ts';
import type { X509KeySpec } from '../protocol.ts';
import { exportPkcs8, type NodeKey } from './node-keys.ts';
import { x509SpecOf } from './x509-specs.ts';

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
    throw wrong('There is no private key in PEM in this file; it begins with -----BEGIN PRIVATE KEY-----.');
  }
  const spec = x509SpecOf(key);
  if (spec === null) {
    throw wrong(
      'The private key is of a kind that is not kept here; these are: EC on P-256 or P-384, RSA with 2,048, 3,072 or 4,096 bits.',
    );
  }
  return { spec, pkcs8: exportPkcs8(key) };
}

/** A search of the bytes: the text of a key is never made a string. */
function refuseForms(file: Buffer): void {
  if (file.includes('-----BEGIN ENCRYPTED PRIVATE KEY-----') || file.includes('Proc-Type: 4,ENCRYPTED')) {
    throw wrong(
      'The private key is encrypted; decrypt a copy first (openssl pkey -in key.pem -out plain.pem), and delete it afterwards.',
    );
  }
  if (file.includes('-----BEGIN TSS2 PRIVATE KEY-----')) {
    throw wrong(
      'The private key is in a TPM, which does not give it away; make a new key in the vault with "keyhold certificate create".',
    );
  }
}

function wrong(message: string): KeyholdError {
  return new KeyholdError('InvalidKeyMaterial', message);
}
