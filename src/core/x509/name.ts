import { KeyholdError } from '../../contract/errors.ts';
import { oid, sequence, set, tlv, utf8 } from './der.ts';

const PRINTABLE_STRING = 0x13;
const IA5_STRING = 0x16;

interface AttributeType {
  oid: string;
  /** Most characters (RFC 5280, appendix A.1). */
  most: number;
  /** Where it is not a UTF8String. */
  tag?: typeof PRINTABLE_STRING | typeof IA5_STRING;
}

/** The attribute types of RFC 4514 section 3, and those that RFC 5280 wants every program to know. */
const TYPES: Readonly<Record<string, AttributeType>> = {
  CN: { oid: '2.5.4.3', most: 64 },
  SERIALNUMBER: { oid: '2.5.4.5', most: 64, tag: PRINTABLE_STRING },
  C: { oid: '2.5.4.6', most: 2, tag: PRINTABLE_STRING },
  L: { oid: '2.5.4.7', most: 128 },
  ST: { oid: '2.5.4.8', most: 128 },
  O: { oid: '2.5.4.10', most: 64 },
  OU: { oid: '2.5.4.11', most: 64 },
  UID: { oid: '0.9.2342.19200300.100.1.1', most: 256 },
  DC: { oid: '0.9.2342.19200300.100.1.25', most: 63, tag: IA5_STRING },
  EMAILADDRESS: { oid: '1.2.840.113549.1.9.1', most: 255, tag: IA5_STRING },
};

const PRINTABLE = /^[A-Za-z0-9 '()+,\-./:=?]+$/;
const ASCII = /^[\x20-\x7e]+$/;
const ATTRIBUTE = /^\s*([A-Za-z]+)\s*=\s*(.*?)\s*$/s;

/**
 * Name (RFC 5280 section 4.1.2.4) of a text like `CN=build,O=Example,C=DE` (RFC 4514: most specific first; a comma, a plus sign or a backslash in a value
 * gets a backslash before it). Throws `InvalidInput`.
 */
export function encodeName(text: string): Uint8Array {
  const attributes = partsOf(text).map(encodeAttribute);
  if (attributes.length === 0) throw wrong('it is empty');
  // The text begins where the encoded name ends.
  return sequence(...attributes.reverse());
}

function partsOf(text: string): string[] {
  const parts: string[] = [];
  let part = '';
  for (let at = 0; at < text.length; at++) {
    const character = text[at] ?? '';
    if (character === '\\') {
      part += character + (text[++at] ?? '');
    } else if (character === ',') {
      parts.push(part);
      part = '';
    } else if (character === '+') {
      throw wrong('of several attributes joined by + only one can be kept; write \\+ for the sign itself');
    } else part += character;
  }
  return part.trim() === '' && parts.length === 0 ? [] : [...parts, part];
}

function encodeAttribute(part: string): Uint8Array {
  const [, name = '', escaped = ''] = ATTRIBUTE.exec(part) ?? [];
  const type = TYPES[name.toUpperCase()];
  if (type === undefined) {
    throw wrong(`"${part.trim()}" is none of ${Object.keys(TYPES).join('=…, ')}=…`);
  }
  const value = escaped.replace(/\\(.)/gs, '$1');
  if (value === '' || value.length > type.most || /\p{Cc}/u.test(value)) {
    throw wrong(`${name} has 1 to ${type.most} characters`);
  }
  return set(sequence(oid(type.oid), encodeValue(name, type, value)));
}

function encodeValue(name: string, { tag, oid: id }: AttributeType, value: string): Uint8Array {
  if (tag === undefined) return utf8(value);
  const fits = tag === PRINTABLE_STRING ? PRINTABLE : ASCII;
  if (!fits.test(value)) throw wrong(`${name} has a sign in it that it cannot have`);
  if (id === '2.5.4.6' && !/^[A-Za-z]{2}$/.test(value)) throw wrong('C is a country’s two letters');
  return tlv(tag, Buffer.from(value, 'latin1'));
}

function wrong(why: string): KeyholdError {
  return new KeyholdError(
    'InvalidInput',
    `subject: ${why}. Write it like CN=build,O=Example,C=DE, the most specific first.`,
  );
}
