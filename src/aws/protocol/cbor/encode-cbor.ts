/**
 * CBOR (RFC 8949) as Smithy RPC v2 needs it: integers, floats, text, byte strings, arrays, maps with text keys, true, false, null, and
 * tag 1 for timestamps. Written in the shortest definite-length form.
 */

const UINT = 0;
const NEGATIVE = 1;
const BYTES = 2;
const TEXT = 3;
const ARRAY = 4;
const MAP = 5;
const EPOCH_TAG = 0xc1;
const FALSE = 0xf4;
const TRUE = 0xf5;
const NULL = 0xf6;
const DOUBLE = 0xfb;

function head(major: number, value: bigint | number): Buffer {
  const top = major << 5;
  if (value < 24) return Buffer.from([top | Number(value)]);
  if (value < 0x100) return Buffer.from([top | 24, Number(value)]);
  const wide = BigInt(value);
  const size = wide < 0x1_0000n ? 2 : wide < 0x1_0000_0000n ? 4 : 8;
  const bytes = Buffer.alloc(9);
  bytes.writeBigUInt64BE(wide, 1);
  const from = 9 - size;
  bytes[from - 1] = top | (size === 2 ? 25 : size === 4 ? 26 : 27);
  return bytes.subarray(from - 1);
}

function double(value: number): Buffer {
  const bytes = Buffer.alloc(9);
  bytes[0] = DOUBLE;
  bytes.writeDoubleBE(value, 1);
  return bytes;
}

function number(value: number): Buffer {
  if (!Number.isSafeInteger(value) || Object.is(value, -0)) return double(value);
  return value >= 0 ? head(UINT, value) : head(NEGATIVE, -1 - value);
}

function write(value: unknown, parts: Uint8Array[]): void {
  switch (typeof value) {
    case 'string': {
      const bytes = Buffer.from(value, 'utf8');
      parts.push(head(TEXT, bytes.length), bytes);
      return;
    }
    case 'number':
      parts.push(number(value));
      return;
    case 'bigint':
      parts.push(value >= 0n ? head(UINT, value) : head(NEGATIVE, -1n - value));
      return;
    case 'boolean':
      parts.push(Buffer.from([value ? TRUE : FALSE]));
      return;
    case 'object':
      writeObject(value, parts);
      return;
    default:
      throw new TypeError(`CBOR has no form for ${typeof value}.`);
  }
}

function writeObject(value: object | null, parts: Uint8Array[]): void {
  if (value === null) {
    parts.push(Buffer.from([NULL]));
  } else if (value instanceof Uint8Array) {
    parts.push(head(BYTES, value.length), value);
  } else if (value instanceof Date) {
    parts.push(Buffer.from([EPOCH_TAG]), number(value.getTime() / 1000));
  } else if (Array.isArray(value)) {
    parts.push(head(ARRAY, value.length));
    for (const item of value) write(item, parts);
  } else {
    const entries = Object.entries(value).filter(([, item]) => item !== undefined);
    parts.push(head(MAP, entries.length));
    for (const [key, item] of entries) {
      write(key, parts);
      write(item, parts);
    }
  }
}

/** Objects become maps (undefined members left out), Uint8Array byte strings, Date tag 1. Integers of up to 64 bits. */
export function encodeCbor(value: unknown): Buffer {
  const parts: Uint8Array[] = [];
  write(value, parts);
  return Buffer.concat(parts);
}
