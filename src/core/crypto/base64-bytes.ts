const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const PAD = '='.charCodeAt(0);

/** Base64 (RFC 4648, section 4) as ASCII bytes: a secret in a string could not be wiped. */
export function base64Bytes(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(Math.ceil(bytes.length / 3) * 4).fill(PAD);
  let at = 0;
  for (let from = 0; from < bytes.length; from += 3) {
    const left = Math.min(3, bytes.length - from);
    const group = ((bytes[from] ?? 0) << 16) | ((bytes[from + 1] ?? 0) << 8) | (bytes[from + 2] ?? 0);
    for (let digit = 0; digit <= left; digit++)
      out[at + digit] = ALPHABET.charCodeAt((group >>> (18 - 6 * digit)) & 63);
    at += 4;
  }
  return out;
}
