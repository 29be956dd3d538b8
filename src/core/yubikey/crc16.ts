/** CRC-16 of ISO 13239 without its final complement, as Yubico's frames have it. */
export function crc16(bytes: Uint8Array): number {
  let crc = 0xffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc & 1) === 0 ? crc >>> 1 : (crc >>> 1) ^ 0x8408;
  }
  return crc;
}

/** What is left of anything that ends with its own complemented CRC, low byte first. */
export const CRC_OK = 0xf0b8;
