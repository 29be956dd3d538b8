import { DER, derElement, derElements, derSequence } from '../../crypto/der.ts';

const VERSION_1 = Uint8Array.of(0);
const NO_UNUSED_BITS = Uint8Array.of(0);
const EC_PRIVATE_KEY_VERSION = Uint8Array.of(1);
const PUBLIC_KEY_TAG = 0xa1;

/** AlgorithmIdentifier without parameters, or with an OID as its parameter; OIDs as their DER contents in hex. */
export function algorithmIdentifier(oid: string, parameter?: string): Uint8Array {
  const element = (hex: string) => derElement(0x06, Buffer.from(hex, 'hex'));
  return derElement(DER.sequence, element(oid), ...(parameter === undefined ? [] : [element(parameter)]));
}

/** PrivateKeyInfo (RFC 5958, version 1). */
export function makePkcs8(algorithm: Uint8Array, privateKey: Uint8Array): Uint8Array {
  return derElement(
    DER.sequence,
    derElement(DER.integer, VERSION_1),
    algorithm,
    derElement(DER.octetString, privateKey),
  );
}

/** The inner private key of a PrivateKeyInfo or OneAsymmetricKey of exactly this algorithm; null for anything else. */
export function readPkcs8(pkcs8: Uint8Array, algorithm: Uint8Array): Uint8Array | null {
  const [version, identifier, key] = derSequence(pkcs8) ?? [];
  const [number, ...longer] = version?.tag === DER.integer ? version.value : [];
  if (number === undefined || number > 1 || longer.length > 0) return null;
  if (identifier === undefined || !same(identifier.encoded, algorithm)) return null;
  return key?.tag === DER.octetString ? key.value : null;
}

/** SubjectPublicKeyInfo (RFC 5280). */
export function makeSpki(algorithm: Uint8Array, publicKey: Uint8Array): Uint8Array {
  return derElement(DER.sequence, algorithm, derElement(DER.bitString, NO_UNUSED_BITS, publicKey));
}

/** The key bits of a SubjectPublicKeyInfo of exactly this algorithm; null for anything else. */
export function readSpki(spki: Uint8Array, algorithm: Uint8Array): Uint8Array | null {
  const [identifier, bits, ...more] = derSequence(spki) ?? [];
  if (identifier === undefined || bits?.tag !== DER.bitString || more.length > 0) return null;
  return same(identifier.encoded, algorithm) && bits.value[0] === 0 ? bits.value.subarray(1) : null;
}

/** ECPrivateKey (RFC 5915) with its public key and without parameters, which PKCS#8 names already. */
export function makeEcPrivateKey(scalar: Uint8Array, publicKey: Uint8Array): Uint8Array {
  return derElement(
    DER.sequence,
    derElement(DER.integer, EC_PRIVATE_KEY_VERSION),
    derElement(DER.octetString, scalar),
    derElement(PUBLIC_KEY_TAG, derElement(DER.bitString, NO_UNUSED_BITS, publicKey)),
  );
}

/** Scalar, and public key where there is one, of an ECPrivateKey; null for anything else. */
export function readEcPrivateKey(bytes: Uint8Array): { scalar: Uint8Array; publicKey: Uint8Array | null } | null {
  const [version, scalar, ...optional] = derSequence(bytes) ?? [];
  if (version?.tag !== DER.integer || !same(version.value, EC_PRIVATE_KEY_VERSION)) return null;
  if (scalar?.tag !== DER.octetString) return null;
  const wrapped = optional.find(({ tag }) => tag === PUBLIC_KEY_TAG);
  if (wrapped === undefined) return { scalar: scalar.value, publicKey: null };
  const [bits, ...more] = derElements(wrapped.value) ?? [];
  if (bits?.tag !== DER.bitString || bits.value[0] !== 0 || more.length > 0) return null;
  return { scalar: scalar.value, publicKey: bits.value.subarray(1) };
}

const SEED_TAG = 0x80;

/** The seed form of an ML-DSA (RFC 9881) or ML-KEM (RFC 9935) private key. */
export function makeSeedKey(seed: Uint8Array): Uint8Array {
  return derElement(SEED_TAG, seed);
}

/** The seed of a private key in the form with the seed alone or with both, and the expanded key of the latter; null without a seed. */
export function readSeedKey(bytes: Uint8Array): { seed: Uint8Array; expanded: Uint8Array | null } | null {
  const [only, ...more] = derElements(bytes) ?? [];
  if (only === undefined || more.length > 0) return null;
  if (only.tag === SEED_TAG) return { seed: only.value, expanded: null };
  const [seed, expanded, ...rest] = derSequence(bytes) ?? [];
  if (seed?.tag !== DER.octetString || expanded?.tag !== DER.octetString || rest.length > 0) return null;
  return { seed: seed.value, expanded: expanded.value };
}

/** For public values only: it stops at the first difference. */
function same(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
