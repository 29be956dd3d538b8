import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { concat, u32 } from '../../src/core/crypto/bytes.ts';
import { type CborMap, type CborValue, cborMap, encodeCbor } from '../../src/core/fido/cbor.ts';

export type SoftAlgorithm = 'ES256' | 'EdDSA' | 'RS256';

/** A credential of no device: what a security key would sign, with whatever flags a test wants. */
export interface SoftCredential {
  credentialId: Uint8Array;
  /** COSE_Key. */
  publicKey: Uint8Array;
  register(options: SoftOptions): { authData: Uint8Array; format: string; statement: Uint8Array };
  assert(options: SoftOptions): { authData: Uint8Array; signature: Uint8Array };
}

export interface SoftOptions {
  rpId: string;
  clientDataHash: Uint8Array;
  signCount?: number;
  /** UP unless told otherwise. */
  flags?: number;
  extensions?: CborMap;
}

export const FLAG = { UP: 0x01, UV: 0x04, BE: 0x08, BS: 0x10, AT: 0x40, ED: 0x80 } as const;

export function softCredential(algorithm: SoftAlgorithm = 'ES256'): SoftCredential {
  const { publicKey, privateKey } = newPair(algorithm);
  const cose = encodeCbor(coseOf(algorithm, publicKey));
  const credentialId = new Uint8Array(createHash('sha256').update(cose).digest());
  const signed = (message: Uint8Array): Uint8Array =>
    new Uint8Array(sign(algorithm === 'EdDSA' ? null : 'sha256', message, privateKey));
  const dataOf = (options: SoftOptions, more: number, attested: Uint8Array): Uint8Array =>
    concat(
      createHash('sha256').update(options.rpId).digest(),
      Uint8Array.of((options.flags ?? FLAG.UP) | more | (options.extensions === undefined ? 0 : FLAG.ED)),
      u32(options.signCount ?? 0),
      attested,
      options.extensions === undefined ? new Uint8Array() : encodeCbor(options.extensions),
    );
  return {
    credentialId,
    publicKey: cose,
    register(options) {
      const attested = concat(new Uint8Array(16), Uint8Array.of(0, credentialId.length), credentialId, cose);
      const authData = dataOf(options, FLAG.AT, attested);
      const sig = signed(concat(authData, options.clientDataHash));
      return { authData, format: 'packed', statement: encodeCbor(cborMap(['alg', NUMBER[algorithm]], ['sig', sig])) };
    },
    assert(options) {
      const authData = dataOf(options, 0, new Uint8Array());
      return { authData, signature: signed(concat(authData, options.clientDataHash)) };
    },
  };
}

const NUMBER = { ES256: -7, EdDSA: -8, RS256: -257 } as const;

function newPair(algorithm: SoftAlgorithm): { publicKey: KeyObject; privateKey: KeyObject } {
  if (algorithm === 'ES256') return generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  return algorithm === 'EdDSA' ? generateKeyPairSync('ed25519') : generateKeyPairSync('rsa', { modulusLength: 2048 });
}

export function coseOf(algorithm: SoftAlgorithm, key: KeyObject): Map<number, CborValue> {
  const jwk = key.export({ format: 'jwk' });
  const part = (name: 'x' | 'y' | 'n' | 'e'): Uint8Array => new Uint8Array(Buffer.from(jwk[name] ?? '', 'base64url'));
  const head: [number, CborValue][] = [[3, NUMBER[algorithm]]];
  if (algorithm === 'ES256') return new Map([...head, [1, 2], [-1, 1], [-2, part('x')], [-3, part('y')]]);
  if (algorithm === 'EdDSA') return new Map([...head, [1, 1], [-1, 6], [-2, part('x')]]);
  return new Map([...head, [1, 3], [-1, part('n')], [-2, part('e')]]);
}

/** An ES256 key with these coordinates, on the curve or not. */
export function coseWithPoint(x: Uint8Array, y: Uint8Array): Uint8Array {
  return encodeCbor(cborMap([1, 2], [3, NUMBER.ES256], [-1, 1], [-2, x], [-3, y]));
}
