import { fromHex } from '../../crypto/bytes.ts';
import { DER, derElement } from '../../crypto/der.ts';
import { algorithmIdentifier, makeSpki } from '../algorithms/key-encoding.ts';
import type { Handle } from './cryptoki.ts';
import type { TokenKeyAttributes, TokenKeySpec } from './protocol.ts';
import { SPECS, specWhere } from './specs.ts';
import type { Loaded } from './state.ts';
import { curveOf, pointOf } from './templates.ts';

const RSA_ENCRYPTION = '2a864886f70d010101';
const EC_PUBLIC_KEY = '2a8648ce3d0201';
const OID_TAG = 0x06;
const NULL = Uint8Array.of(0x05, 0x00);
const HIGH_BIT = 0x80;

/** The values of these attributes in order; throws the module's answer when the object has not all of them. */
function read({ module }: Loaded, session: Handle, object: Handle, ...types: readonly number[]): Buffer[] {
  const values = module.C_GetAttributeValue(
    session,
    object,
    types.map((type) => ({ type })),
  );
  return values.map(({ value }) => value ?? Buffer.alloc(0));
}

/** CK_ULONG and CK_BBOOL as this machine lays them out: little-endian, of four or eight bytes, and one. */
function numberOf(value: Buffer | undefined): number {
  return value === undefined || value.length === 0 || value.length > 8
    ? -1
    : value.readUIntLE(0, Math.min(value.length, 6));
}

export function readClass(loaded: Loaded, session: Handle, object: Handle): number {
  return numberOf(read(loaded, session, object, loaded.cryptoki.CKA_CLASS)[0]);
}

/** What the token says about a secret or private key. */
export function readAttributes(loaded: Loaded, session: Handle, object: Handle): TokenKeyAttributes {
  const c = loaded.cryptoki;
  const flags = read(
    loaded,
    session,
    object,
    c.CKA_SENSITIVE,
    c.CKA_ALWAYS_SENSITIVE,
    c.CKA_EXTRACTABLE,
    c.CKA_NEVER_EXTRACTABLE,
    c.CKA_LOCAL,
    c.CKA_PRIVATE,
  ).map((value) => numberOf(value) === 1);
  const [sensitive, alwaysSensitive, extractable, neverExtractable, local, isPrivate] = flags;
  return {
    label: (read(loaded, session, object, c.CKA_LABEL)[0] ?? Buffer.alloc(0)).toString('utf8'),
    sensitive: sensitive === true,
    alwaysSensitive: alwaysSensitive === true,
    // What is not denied counts against the key.
    extractable: extractable !== false,
    neverExtractable: neverExtractable === true,
    local: local === true,
    private: isPrivate === true,
  };
}

/** What a secret or private key is; null when it is nothing that we use. */
export function readSpec(loaded: Loaded, session: Handle, object: Handle): TokenKeySpec | null {
  const c = loaded.cryptoki;
  switch (numberOf(read(loaded, session, object, c.CKA_KEY_TYPE)[0])) {
    case c.CKK_AES: {
      const bytes = numberOf(read(loaded, session, object, c.CKA_VALUE_LEN)[0]);
      return specWhere((rule) => rule.kind === 'aes' && rule.bytes === bytes);
    }
    case c.CKK_GENERIC_SECRET: {
      const bytes = numberOf(read(loaded, session, object, c.CKA_VALUE_LEN)[0]);
      return specWhere((rule) => rule.kind === 'hmac' && rule.bytes === bytes);
    }
    case c.CKK_RSA: {
      const bits = unsigned(read(loaded, session, object, c.CKA_MODULUS)[0]).length * 8;
      return specWhere((rule) => rule.kind === 'rsa' && rule.bits === bits);
    }
    case c.CKK_EC: {
      const oid = curveOf(read(loaded, session, object, c.CKA_EC_PARAMS)[0] ?? Buffer.alloc(0));
      return specWhere((rule) => rule.kind === 'ec' && rule.oid === oid);
    }
    default:
      return null;
  }
}

/** The public half of a key pair as SubjectPublicKeyInfo DER; null when the token does not say. */
export function readPublicKey(loaded: Loaded, session: Handle, object: Handle, spec: TokenKeySpec): Uint8Array | null {
  const c = loaded.cryptoki;
  const rule = SPECS[spec];
  if (rule.kind === 'rsa') {
    const [modulus, exponent] = read(loaded, session, object, c.CKA_MODULUS, c.CKA_PUBLIC_EXPONENT);
    const key = derElement(DER.sequence, derInteger(modulus), derInteger(exponent));
    return makeSpki(derElement(DER.sequence, derElement(OID_TAG, fromHex(RSA_ENCRYPTION)), NULL), key);
  }
  if (rule.kind !== 'ec') return null;
  const [value] = read(loaded, session, object, c.CKA_EC_POINT);
  const point = value === undefined ? null : pointOf(value, rule.bytes);
  return point === null ? null : makeSpki(algorithmIdentifier(EC_PUBLIC_KEY, rule.oid), point);
}

function unsigned(value: Buffer | undefined): Uint8Array {
  const bytes = value ?? Buffer.alloc(0);
  const first = bytes.findIndex((byte) => byte !== 0);
  return first < 0 ? bytes.subarray(bytes.length) : bytes.subarray(first);
}

/** INTEGER of an unsigned number, in the fewest bytes. */
export function derInteger(value: Uint8Array | undefined): Uint8Array {
  const bytes = unsigned(value === undefined ? undefined : Buffer.from(value));
  const first = bytes[0];
  if (first === undefined) return derElement(DER.integer, Uint8Array.of(0));
  return first >= HIGH_BIT ? derElement(DER.integer, Uint8Array.of(0), bytes) : derElement(DER.integer, bytes);
}
