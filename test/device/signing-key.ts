import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { type CborMap, cborMap } from './cbor.ts';
import { coseOf } from './pin-protocol.ts';

/** COSE's numbers. */
export const ES256 = -7;
export const EDDSA = -8;
export const RS256 = -257;
export type Algorithm = typeof ES256 | typeof EDDSA | typeof RS256;

export const isAlgorithm = (value: number): value is Algorithm => value === ES256 || value === EDDSA || value === RS256;

/** The key pair of a credential. */
export interface SigningKey {
  algorithm: Algorithm;
  publicKey: KeyObject;
  /** COSE_Key. */
  cose: CborMap;
  /** 65 bytes, for U2F; empty for what is no key on P-256. */
  point: Uint8Array;
  sign(data: Uint8Array): Uint8Array;
}

export function createSigningKey(algorithm: Algorithm): SigningKey {
  if (algorithm === ES256) {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const point = lastOf(publicKey, 65);
    const cose = coseOf(point.slice(1, 33), point.slice(33), ES256);
    return { algorithm, publicKey, cose, point, sign: (data) => new Uint8Array(sign('sha256', data, privateKey)) };
  }
  if (algorithm === EDDSA) {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const cose = cborMap([
      [1, 1],
      [3, EDDSA],
      [-1, 6],
      [-2, lastOf(publicKey, 32)],
    ]);
    const point = new Uint8Array();
    return { algorithm, publicKey, cose, point, sign: (data) => new Uint8Array(sign(null, data, privateKey)) };
  }
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const { n = '', e = '' } = publicKey.export({ format: 'jwk' });
  const cose = cborMap([
    [1, 3],
    [3, RS256],
    [-1, Uint8Array.from(Buffer.from(n, 'base64url'))],
    [-2, Uint8Array.from(Buffer.from(e, 'base64url'))],
  ]);
  const point = new Uint8Array();
  return { algorithm, publicKey, cose, point, sign: (data) => new Uint8Array(sign('sha256', data, privateKey)) };
}

function lastOf(key: KeyObject, length: number): Uint8Array {
  return new Uint8Array(key.export({ type: 'spki', format: 'der' }).subarray(-length));
}
