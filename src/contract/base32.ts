const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const BITS = 5;
/** Characters that a last group of eight can have (RFC 4648 section 6). */
const LAST_GROUPS: ReadonlySet<number> = new Set([0, 2, 4, 5, 7]);

/**
 * Bytes of a base32 text (RFC 4648 section 6) given as ASCII, in capital or small letters; spaces and dashes, with which it is printed for people, and padding at its end are passed over. Null
 * for anything else. Bits that are left over at the end are not looked at: many issuers take random letters as they come, and every authenticator ignores them.
 */
export function fromBase32(ascii: Uint8Array): Uint8Array | null {
  const bytes = new Uint8Array(Math.floor((ascii.length * BITS) / 8));
  let filled = 0;
  let letters = 0;
  let held = 0;
  let bits = 0;
  let padding = 0;
  for (const byte of ascii) {
    if (byte === SPACE || byte === DASH) continue;
    if (byte === PAD) {
      padding += 1;
      continue;
    }
    const value = valueOfLetter(byte);
    if (value === -1 || padding > 0) return fail(bytes);
    letters += 1;
    held = ((held << BITS) | value) & 0xfff;
    bits += BITS;
    if (bits >= 8) {
      bits -= 8;
      bytes[filled++] = (held >> bits) & 0xff;
    }
  }
  const fits = LAST_GROUPS.has(letters % 8) && (padding === 0 || (padding < 8 && (letters + padding) % 8 === 0));
  if (!fits || letters === 0) return fail(bytes);
  const exact = bytes.slice(0, filled);
  bytes.fill(0);
  return exact;
}

/** Base32 without padding, as ASCII. */
export function toBase32(bytes: Uint8Array): Uint8Array {
  const ascii = new Uint8Array(Math.ceil((bytes.length * 8) / BITS));
  let at = 0;
  let held = 0;
  let bits = 0;
  for (const byte of bytes) {
    held = ((held << 8) | byte) & 0xfff;
    bits += 8;
    while (bits >= BITS) {
      bits -= BITS;
      ascii[at++] = ALPHABET.charCodeAt((held >> bits) & 31);
    }
  }
  if (bits > 0) ascii[at++] = ALPHABET.charCodeAt((held << (BITS - bits)) & 31);
  return ascii;
}

const SPACE = 0x20;
const DASH = 0x2d;
const PAD = 0x3d;

function valueOfLetter(byte: number): number {
  if (byte >= 0x41 && byte <= 0x5a) return byte - 0x41;
  if (byte >= 0x61 && byte <= 0x7a) return byte - 0x61;
  if (byte >= 0x32 && byte <= 0x37) return byte - 0x32 + 26;
  return -1;
}

function fail(bytes: Uint8Array): null {
  bytes.fill(0);
  return null;
}
