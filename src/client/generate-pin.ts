/** Without signs that look alike. */
const SIGNS = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789';
const LENGTH = 24;
const FAIR = 256 - (256 % SIGNS.length);

/** A PIN of 24 letters and digits: 139 bits. The caller wipes it. `randomByte` answers one byte of a cryptographic generator. */
export function generatePin(randomByte: () => number): Uint8Array<ArrayBuffer> {
  const pin = new Uint8Array(LENGTH);
  for (let at = 0; at < LENGTH; ) {
    const byte = randomByte();
    // Those above would make the first signs likelier.
    if (byte >= FAIR) continue;
    pin[at++] = SIGNS.charCodeAt(byte % SIGNS.length);
  }
  return pin;
}
