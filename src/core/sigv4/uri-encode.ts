import type { Charset } from './types.ts';

const HEX_DIGITS = '0123456789ABCDEF';
const SLASH = 0x2f;
const PERCENT = 0x25;
const PLUS = 0x2b;

// RFC 3986 unreserved characters; `1` may stand as it is.
const UNRESERVED = new Uint8Array(256);
for (const character of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~') {
  UNRESERVED[character.charCodeAt(0)] = 1;
}
const UNRESERVED_OR_SLASH = UNRESERVED.slice();
UNRESERVED_OR_SLASH[SLASH] = 1;

const ESCAPED: string[] = [];
for (let byte = 0; byte < 256; byte++) {
  ESCAPED.push(`%${HEX_DIGITS.charAt(byte >> 4)}${HEX_DIGITS.charAt(byte & 15)}`);
}

// Value of a hex digit, 255 for any other byte.
const NIBBLE = new Uint8Array(256).fill(255);
for (let value = 0; value < 16; value++) {
  NIBBLE[HEX_DIGITS.charCodeAt(value)] = value;
  NIBBLE[HEX_DIGITS.toLowerCase().charCodeAt(value)] = value;
}

function needsNothing(text: string, table: Uint8Array): boolean {
  for (let i = 0; i < text.length; i++) {
    if (table[text.charCodeAt(i)] !== 1) return false;
  }
  return true;
}

function encodeByte(byte: number, table: Uint8Array): string {
  return table[byte] === 1 ? String.fromCharCode(byte) : (ESCAPED[byte] ?? '');
}

/** The byte that the two hex digits after position `at` stand for; -1 if there are none. */
function escapedByte(bytes: Uint8Array, at: number): number {
  const high = NIBBLE[bytes[at + 1] ?? 0] ?? 255;
  const low = NIBBLE[bytes[at + 2] ?? 0] ?? 255;
  return high < 16 && low < 16 ? (high << 4) | low : -1;
}

/** AWS's UriEncode: every byte but `A-Za-z0-9-._~` becomes `%XX`; `/` stays if `keepSlash`. Encodes `%` too. */
export function uriEncode(text: string, charset: Charset = 'utf8', keepSlash = false): string {
  const table = keepSlash ? UNRESERVED_OR_SLASH : UNRESERVED;
  if (needsNothing(text, table)) return text;
  let out = '';
  for (const byte of Buffer.from(text, charset)) out += encodeByte(byte, table);
  return out;
}

export interface UriNormalizeOptions {
  /** A raw `/` stands for itself. An escaped one (`%2F`) stays escaped: S3's control plane has ARNs in its paths. */
  readonly keepSlash: boolean;
  /** A raw `+` means a space (form encoding, in queries). */
  readonly plusIsSpace: boolean;
}

/**
 * Decodes percent escapes once and encodes the bytes again, so that every spelling of the same bytes becomes the same text.
 * A `%` that starts no escape stands for itself. Never fails.
 */
export function uriNormalize(text: string, charset: Charset, options: UriNormalizeOptions): string {
  const table = options.keepSlash ? UNRESERVED_OR_SLASH : UNRESERVED;
  if (needsNothing(text, table)) return text;
  const bytes = Buffer.from(text, charset);
  let out = '';
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] ?? 0;
    const escaped = byte === PERCENT ? escapedByte(bytes, i) : -1;
    if (escaped !== -1) {
      out += encodeByte(escaped, UNRESERVED);
      i += 2;
    } else {
      out += byte === PLUS && options.plusIsSpace ? '%20' : encodeByte(byte, table);
    }
  }
  return out;
}

/** Decodes percent escapes of a raw query part to text (`+` is a space). Bytes that are no UTF-8 become U+FFFD. */
export function uriDecode(text: string, charset: Charset): string {
  if (needsNothing(text, UNRESERVED)) return text;
  const bytes = Buffer.from(text, charset);
  let length = 0;
  // In place: the decoded text is never longer.
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] ?? 0;
    const escaped = byte === PERCENT ? escapedByte(bytes, i) : -1;
    if (escaped !== -1) i += 2;
    bytes[length++] = escaped !== -1 ? escaped : byte === PLUS ? 0x20 : byte;
  }
  return bytes.toString('utf8', 0, length);
}
