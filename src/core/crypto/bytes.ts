const encoder = new TextEncoder();
const LENGTH_BYTES = 4;

export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/** Big-endian unsigned 32-bit. `RangeError` outside 0…2^32−1. */
export function u32(value: number): Uint8Array {
  if (!Number.isInteger(value) || value < 0 || value > 0xffff_ffff) throw new RangeError('not a u32');
  const out = new Uint8Array(4);
  putU32(out, 0, value);
  return out;
}

/** Writes a big-endian u32 that the caller knows to be one. */
export function putU32(out: Uint8Array, at: number, value: number): void {
  out[at] = value >>> 24;
  out[at + 1] = value >>> 16;
  out[at + 2] = value >>> 8;
  out[at + 3] = value;
}

/** Reads a big-endian u32 that the caller knows to be there. */
export function readU32(bytes: Uint8Array, offset: number): number {
  const high = ((bytes[offset] ?? 0) << 24) | ((bytes[offset + 1] ?? 0) << 16);
  return (high | ((bytes[offset + 2] ?? 0) << 8) | (bytes[offset + 3] ?? 0)) >>> 0;
}

/** Big-endian unsigned 64-bit of a safe integer. `RangeError` for anything else. */
export function u64(value: number): Uint8Array {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError('not a safe unsigned integer');
  const out = new Uint8Array(8);
  putU32(out, 0, Math.floor(value / 0x1_0000_0000));
  putU32(out, 4, value >>> 0);
  return out;
}

/** Reads a big-endian u64 that is a safe integer; null for any other, or when the bytes end too early. */
export function readU64(bytes: Uint8Array, offset: number): number | null {
  if (offset + 8 > bytes.length) return null;
  const value = Number(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getBigUint64(offset));
  return Number.isSafeInteger(value) ? value : null;
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const out = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    out.set(part, offset);
    offset += part.length;
  }
  return out;
}

/** Length-prefixed: u32(length) || bytes. */
export function lp(bytes: Uint8Array): Uint8Array {
  return concat(u32(bytes.length), bytes);
}

/** Reads one `lp` value at `offset`; null when the bytes end too early. The view shares memory with `bytes`. */
export function readLp(bytes: Uint8Array, offset: number): { value: Uint8Array; next: number } | null {
  if (offset + LENGTH_BYTES > bytes.length) return null;
  const length = readU32(bytes, offset);
  const start = offset + LENGTH_BYTES;
  if (start + length > bytes.length) return null;
  return { value: bytes.subarray(start, start + length), next: start + length };
}

export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}

/** Strict: an even number of hex digits, nothing else. `RangeError` otherwise. */
export function fromHex(hex: string): Uint8Array {
  if (!/^(?:[0-9a-fA-F]{2})*$/.test(hex)) throw new RangeError('not hex');
  return new Uint8Array(Buffer.from(hex, 'hex'));
}

export function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}

/** Strict RFC 4648 section 4 with padding; null for anything else. */
export function fromBase64(text: string): Uint8Array | null {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return null;
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? new Uint8Array(bytes) : null;
}
