import { fromHex } from '../../crypto/bytes.ts';
import { DER, derElement } from '../../crypto/der.ts';
import type { Cryptoki, Mechanism, Template } from './cryptoki.ts';
import type { TokenKeySpec, TokenKeyUsage } from './protocol.ts';
import { SPECS } from './specs.ts';

const OID_TAG = 0x06;
const F4 = [1, 0, 1];

export interface NewKey {
  keyId: string;
  label: string;
  spec: TokenKeySpec;
  usage: TokenKeyUsage;
  /** False: the key is gone with its session. */
  lasting: boolean;
}

/** How a key is made: with C_GenerateKey, or with C_GenerateKeyPair where there is a public template. */
export type Making =
  | { mechanism: Mechanism; secret: Template }
  | { mechanism: Mechanism; publicKey: Template; privateKey: Template };

/** Every flag is said, also those that are to be false: what a token assumes where it is told nothing differs by vendor. */
export function makingOf(c: Cryptoki, key: NewKey): Making {
  const rule = SPECS[key.spec];
  const encrypts = key.usage === 'ENCRYPT_DECRYPT';
  const named: Template = [
    { type: c.CKA_TOKEN, value: key.lasting },
    { type: c.CKA_ID, value: Buffer.from(fromHex(key.keyId)) },
    { type: c.CKA_LABEL, value: key.label },
  ];
  const guarded: Template = [
    ...named,
    { type: c.CKA_PRIVATE, value: true },
    { type: c.CKA_SENSITIVE, value: true },
    { type: c.CKA_EXTRACTABLE, value: false },
    { type: c.CKA_DERIVE, value: false },
  ];
  if (rule.kind === 'aes' || rule.kind === 'hmac') {
    const type = rule.kind === 'aes' ? c.CKK_AES : c.CKK_GENERIC_SECRET;
    return {
      mechanism: { mechanism: rule.kind === 'aes' ? c.CKM_AES_KEY_GEN : c.CKM_GENERIC_SECRET_KEY_GEN },
      secret: [
        { type: c.CKA_CLASS, value: c.CKO_SECRET_KEY },
        { type: c.CKA_KEY_TYPE, value: type },
        { type: c.CKA_VALUE_LEN, value: rule.bytes },
        ...guarded,
        { type: c.CKA_ENCRYPT, value: encrypts },
        { type: c.CKA_DECRYPT, value: encrypts },
        { type: c.CKA_SIGN, value: !encrypts },
        { type: c.CKA_VERIFY, value: !encrypts },
        { type: c.CKA_WRAP, value: false },
        { type: c.CKA_UNWRAP, value: false },
      ],
    };
  }
  const measures: Template =
    rule.kind === 'rsa'
      ? [
          { type: c.CKA_MODULUS_BITS, value: rule.bits },
          { type: c.CKA_PUBLIC_EXPONENT, value: Buffer.from(F4) },
        ]
      : [{ type: c.CKA_EC_PARAMS, value: ecParams(rule.oid) }];
  return {
    mechanism: { mechanism: rule.kind === 'rsa' ? c.CKM_RSA_PKCS_KEY_PAIR_GEN : c.CKM_EC_KEY_PAIR_GEN },
    publicKey: [
      ...named,
      ...measures,
      { type: c.CKA_PRIVATE, value: false },
      { type: c.CKA_ENCRYPT, value: encrypts },
      { type: c.CKA_VERIFY, value: !encrypts },
      { type: c.CKA_WRAP, value: false },
    ],
    privateKey: [
      ...guarded,
      { type: c.CKA_DECRYPT, value: encrypts },
      { type: c.CKA_SIGN, value: !encrypts },
      { type: c.CKA_UNWRAP, value: false },
    ],
  };
}

/** CKA_EC_PARAMS of a named curve (RFC 3279, ECParameters.namedCurve). */
function ecParams(oid: string): Buffer {
  return Buffer.from(derElement(OID_TAG, fromHex(oid)));
}

/** The object identifier that CKA_EC_PARAMS consists of, in hex; null for explicit parameters. */
export function curveOf(params: Uint8Array): string | null {
  const [tag, length, ...oid] = params;
  return tag === OID_TAG && length === oid.length ? Buffer.from(oid).toString('hex') : null;
}

/** The point (SEC 1, uncompressed) of CKA_EC_POINT, which is in an OCTET STRING, or by some vendors is not; null when it is neither. */
export function pointOf(value: Uint8Array, coordinateBytes: number): Uint8Array | null {
  const length = 1 + 2 * coordinateBytes;
  if (value.length === length) return value;
  const bare = value.subarray(value.length - length);
  const wrapped = Buffer.compare(derElement(DER.octetString, bare), value) === 0;
  return value.length > length && wrapped ? bare : null;
}
