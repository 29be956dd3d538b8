const TEXT = 3;
const MAP = 5;

function head(major: number, length: number): number[] {
  if (length < 24) return [(major << 5) | length];
  if (length < 0x100) return [(major << 5) | 24, length];
  if (length < 0x1_0000) return [(major << 5) | 25, length >> 8, length & 0xff];
  return [(major << 5) | 26, length >>> 24, (length >>> 16) & 0xff, (length >>> 8) & 0xff, length & 0xff];
}

function text(value: string): Uint8Array[] {
  const bytes = Buffer.from(value, 'utf8');
  return [Uint8Array.from(head(TEXT, bytes.length)), bytes];
}

/** A map of text to text in definite-length CBOR (RFC 8949), keys in the order given. */
export function encodeCborTextMap(entries: readonly (readonly [key: string, value: string])[]): Uint8Array {
  const parts: Uint8Array[] = [Uint8Array.from(head(MAP, entries.length))];
  for (const [key, value] of entries) parts.push(...text(key), ...text(value));
  return Buffer.concat(parts);
}
