import { createPublicKey, type KeyObject } from 'node:crypto';
import { concat } from '../crypto/bytes.ts';
import { type CborValue, decodeCbor } from './cbor.ts';
import type { P256Point } from './pin-uv.ts';

/** COSE algorithm numbers (RFC 9053, RFC 8812) that a credential of Keyhold may have. */
export const COSE_ALGORITHM = { ES256: -7, EdDSA: -8, RS256: -257 } as const;
export type CoseAlgorithm = keyof typeof COSE_ALGORITHM;

export interface CredentialPublicKey {
  algorithm: CoseAlgorithm;
  key: KeyObject;
  /** The uncompressed point of an ES256 key, which U2F signs over; null for others. */
  point: Uint8Array | null;
}

const LABEL = { type: 1, algorithm: 3, curve: -1, x: -2, y: -3, modulus: -1, exponent: -2 } as const;
const TYPE = { okp: 1, ec2: 2, rsa: 3 } as const;
const CURVE = { p256: 1, ed25519: 6 } as const;
const ECDH_ES_HKDF_256 = -25;
const COORDINATE_BYTES = 32;
const LEAST_RSA_BYTES = 256;
const MOST_RSA_BYTES = 512;
const MOST_EXPONENT_BYTES = 4;

/** A credential's COSE_Key (RFC 9052, section 7) with exactly the members that its algorithm has; null for anything else, also for a point off the curve. */
export function readCoseKey(encoded: Uint8Array): CredentialPublicKey | null {
  const decoded = decodeCbor(encoded);
  return decoded.ok ? coseKeyOf(decoded.value) : null;
}

function coseKeyOf(value: CborValue): CredentialPublicKey | null {
  if (!(value instanceof Map)) return null;
  switch (value.get(LABEL.algorithm)) {
    case COSE_ALGORITHM.ES256:
      return es256(value);
    case COSE_ALGORITHM.EdDSA:
      return edDsa(value);
    case COSE_ALGORITHM.RS256:
      return rs256(value);
    default:
      return null;
  }
}

/** The public key of a key agreement (CTAP 2.1, section 6.5.5.4); null for anything else. */
export function readAgreementKey(value: CborValue | undefined): P256Point | null {
  if (!(value instanceof Map) || value.get(LABEL.algorithm) !== ECDH_ES_HKDF_256) return null;
  return ec2Point(value);
}

export function agreementKey({ x, y }: P256Point): Map<number, CborValue> {
  return new Map<number, CborValue>([
    [LABEL.type, TYPE.ec2],
    [LABEL.algorithm, ECDH_ES_HKDF_256],
    [LABEL.curve, CURVE.p256],
    [LABEL.x, x],
    [LABEL.y, y],
  ]);
}

/** The COSE_Key of an ES256 key with these coordinates, which is what a U2F key has. */
export function es256Key({ x, y }: P256Point): Map<number, CborValue> {
  return agreementKey({ x, y }).set(LABEL.algorithm, COSE_ALGORITHM.ES256);
}

function ec2Point(map: ReadonlyMap<unknown, CborValue>): P256Point | null {
  const x = map.get(LABEL.x);
  const y = map.get(LABEL.y);
  if (map.size !== 5 || map.get(LABEL.type) !== TYPE.ec2 || map.get(LABEL.curve) !== CURVE.p256) return null;
  if (!(x instanceof Uint8Array) || !(y instanceof Uint8Array)) return null;
  return x.length === COORDINATE_BYTES && y.length === COORDINATE_BYTES ? { x, y } : null;
}

function es256(map: ReadonlyMap<unknown, CborValue>): CredentialPublicKey | null {
  const point = ec2Point(map);
  if (point === null) return null;
  const key = fromJwk({ kty: 'EC', crv: 'P-256', x: base64Url(point.x), y: base64Url(point.y) });
  return key === null ? null : { algorithm: 'ES256', key, point: concat(Uint8Array.of(4), point.x, point.y) };
}

function edDsa(map: ReadonlyMap<unknown, CborValue>): CredentialPublicKey | null {
  const x = map.get(LABEL.x);
  if (map.size !== 4 || map.get(LABEL.type) !== TYPE.okp || map.get(LABEL.curve) !== CURVE.ed25519) return null;
  if (!(x instanceof Uint8Array) || x.length !== COORDINATE_BYTES) return null;
  const key = fromJwk({ kty: 'OKP', crv: 'Ed25519', x: base64Url(x) });
  return key === null ? null : { algorithm: 'EdDSA', key, point: null };
}

function rs256(map: ReadonlyMap<unknown, CborValue>): CredentialPublicKey | null {
  const modulus = map.get(LABEL.modulus);
  const exponent = map.get(LABEL.exponent);
  if (map.size !== 4 || map.get(LABEL.type) !== TYPE.rsa) return null;
  if (!(modulus instanceof Uint8Array) || !(exponent instanceof Uint8Array)) return null;
  if (modulus.length < LEAST_RSA_BYTES || modulus.length > MOST_RSA_BYTES || (modulus[0] ?? 0) < 0x80) return null;
  if (!isUsableExponent(exponent)) return null;
  const key = fromJwk({ kty: 'RSA', n: base64Url(modulus), e: base64Url(exponent) });
  return key === null ? null : { algorithm: 'RS256', key, point: null };
}

/** Odd and above one: with one, every message would be its own signature. */
function isUsableExponent(exponent: Uint8Array): boolean {
  const last = exponent.at(-1) ?? 0;
  if (exponent.length === 0 || exponent.length > MOST_EXPONENT_BYTES || exponent[0] === 0) return false;
  return last % 2 === 1 && (exponent.length > 1 || last > 1);
}

type PublicJwk =
  | { kty: 'EC'; crv: 'P-256'; x: string; y: string }
  | { kty: 'OKP'; crv: 'Ed25519'; x: string }
  | { kty: 'RSA'; n: string; e: string };

function fromJwk(jwk: PublicJwk): KeyObject | null {
  try {
    return createPublicKey({ key: jwk, format: 'jwk' });
  } catch {
    return null;
  }
}

function base64Url(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64url');
}
