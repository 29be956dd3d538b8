export const RECOVERY_CODE_BYTES = 20;
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const DIGITS = 32;
const GROUP = 4;
const HYPHEN = 0x2d;
const SPACES = new Set([0x20, 0x09, 0x0a, 0x0d]);
const VALUES = digitValues();

function digitValues(): Map<number, number> {
  const values = new Map<number, number>();
  const alias = (letter: string, value: number): void => {
    values.set(letter.charCodeAt(0), value);
    values.set(letter.toLowerCase().charCodeAt(0), value);
  };
  for (let value = 0; value < ALPHABET.length; value++) alias(ALPHABET.charAt(value), value);
  alias('O', 0);
  alias('I', 1);
  alias('L', 1);
  return values;
}

/**
 * Crockford base32 of 20 bytes: 32 characters in eight groups of four with hyphens between, as ASCII bytes
 * (docs/format.md, "Slots"). Bytes rather than a string, so that the caller can wipe them.
 */
export function encodeRecoveryCode(code: Uint8Array): Uint8Array {
  if (code.length !== RECOVERY_CODE_BYTES) throw new RangeError('a recovery code is 20 bytes');
  const out = new Uint8Array(DIGITS + DIGITS / GROUP - 1);
  let at = 0;
  let digits = 0;
  let bits = 0;
  let pending = 0;
  for (const byte of code) {
    pending = (pending << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      if (digits > 0 && digits % GROUP === 0) out[at++] = HYPHEN;
      out[at++] = ALPHABET.charCodeAt((pending >> bits) & 31);
      digits++;
    }
    pending &= (1 << bits) - 1;
  }
  return out;
}

/** The 20 bytes that a typed code spells; null when it is not 32 digits. Case, hyphens and white space do not matter. */
export function decodeRecoveryCode(text: Uint8Array): Uint8Array | null {
  const out = new Uint8Array(RECOVERY_CODE_BYTES);
  let at = 0;
  let digits = 0;
  let bits = 0;
  let pending = 0;
  for (const character of text) {
    if (character === HYPHEN || SPACES.has(character)) continue;
    const value = VALUES.get(character);
    if (value === undefined || digits === DIGITS) {
      out.fill(0);
      return null;
    }
    digits++;
    pending = (pending << 5) | value;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      out[at++] = pending >> bits;
      pending &= (1 << bits) - 1;
    }
  }
  if (digits === DIGITS) return out;
  out.fill(0);
  return null;
}
