import { concat } from '../../crypto/bytes.ts';
import { DER, derElement, derSequence } from '../../crypto/der.ts';
import { derInteger } from './attributes.ts';

/** PKCS#11 gives r || s, each as long as a coordinate; AWS gives ECDSA-Sig-Value (RFC 3279) as DER. */
export function ecdsaToDer(signature: Uint8Array): Uint8Array {
  const half = signature.length / 2;
  return derElement(DER.sequence, derInteger(signature.subarray(0, half)), derInteger(signature.subarray(half)));
}

/** Null when these bytes are not the DER of two numbers of this length. */
export function ecdsaFromDer(der: Uint8Array, coordinateBytes: number): Uint8Array | null {
  const [r, s, ...more] = derSequence(der) ?? [];
  if (r?.tag !== DER.integer || s?.tag !== DER.integer || more.length > 0) return null;
  const numbers = [r.value, s.value].map((value) => fixed(value, coordinateBytes));
  const [first, second] = numbers;
  if (first === undefined || first === null || second === undefined || second === null) return null;
  const signature = concat(first, second);
  // Encodings with leading zeros too many, or a sign, are other bytes for the same signature.
  return Buffer.compare(ecdsaToDer(signature), der) === 0 ? signature : null;
}

function fixed(value: Uint8Array, length: number): Uint8Array | null {
  const bytes = value[0] === 0 ? value.subarray(1) : value;
  if (bytes.length > length) return null;
  const out = new Uint8Array(length);
  out.set(bytes, length - bytes.length);
  return out;
}
