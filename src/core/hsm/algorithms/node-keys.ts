import { createPrivateKey, createPublicKey, generateKeyPair, type KeyObject, sign, verify } from 'node:crypto';
import { wipe } from '../../crypto/wipe.ts';
import { createLimit } from '../limit.ts';

/** Keys of node:crypto as bytes and back. */

export type NodeKey = KeyObject;

/** Throws for anything but a PKCS#8 private key that this machine's library has. */
export function importPkcs8(pkcs8: Uint8Array): NodeKey {
  return createPrivateKey({ key: view(pkcs8), format: 'der', type: 'pkcs8' });
}

/** The caller's to wipe. */
export function exportPkcs8(key: NodeKey): Uint8Array {
  return taken(key.export({ format: 'der', type: 'pkcs8' }));
}

/** Null for anything but SubjectPublicKeyInfo. */
export function importSpki(spki: Uint8Array): NodeKey | null {
  try {
    return createPublicKey({ key: view(spki), format: 'der', type: 'spki' });
  } catch {
    return null;
  }
}

export function exportSpki(key: NodeKey): Uint8Array {
  return new Uint8Array(key.export({ format: 'der', type: 'spki' }));
}

export function publicHalf(key: NodeKey): NodeKey {
  return createPublicKey(key);
}

const EXPONENT = 65_537;

/** Looking for primes leaves half of the thread pool's four threads to signatures and passwords. */
const lookForPrimes = createLimit(2);

/** PKCS#8 DER of a new RSA key; found on the thread pool, because looking for large primes takes seconds. */
export function generateRsa(modulusLength: number): Promise<Uint8Array> {
  return lookForPrimes(
    () =>
      new Promise((resolve, reject) => {
        generateKeyPair('rsa', { modulusLength, publicExponent: EXPONENT }, (error, _, key) =>
          error === null ? resolve(exportPkcs8(key)) : reject(error),
        );
      }),
  );
}

/** PKCS#8 DER of a new key on a NIST curve. */
export function generateEc(namedCurve: string): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    generateKeyPair('ec', { namedCurve }, (error, _, key) =>
      error === null ? resolve(exportPkcs8(key)) : reject(error),
    );
  });
}

/** PKCS#8 DER of a new Ed25519 key. */
export function generateEd25519(): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    generateKeyPair('ed25519', {}, (error, _, key) => (error === null ? resolve(exportPkcs8(key)) : reject(error)));
  });
}

const PROBE = new Uint8Array(32);

/**
 * Another program's PKCS#8 as this one writes it, if `accepts` says so and it signs what its public half verifies: a file can carry a
 * public key or primes that are not those of its private key.
 */
export function soundPkcs8(
  pkcs8: Uint8Array,
  digest: 'sha256' | null,
  accepts: (key: NodeKey) => boolean,
): Uint8Array | null {
  try {
    const key = importPkcs8(pkcs8);
    return accepts(key) && verify(digest, PROBE, publicHalf(key), sign(digest, PROBE, key)) ? exportPkcs8(key) : null;
  } catch {
    return null;
  }
}

/** A copy without a pool behind it; the original is wiped. */
export function taken(buffer: Buffer): Uint8Array {
  const bytes = new Uint8Array(buffer);
  wipe(buffer);
  return bytes;
}

/** node:crypto takes DER as a Buffer. Not a copy, so nothing is left to wipe. */
function view(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
