import { concat } from './emulated-device.ts';

/**
 * CTAP2 canonical CBOR (CTAP 2.1, section 8) for the emulator alone: the program has a codec of its own, and each judges the other.
 */
export type Cbor = number | string | boolean | null | Uint8Array | Cbor[] | CborMap;
export type CborKey = number | string;
export type CborMap = Map<CborKey, Cbor>;

export class CborError extends Error {}

const UNSIGNED = 0;
const NEGATIVE = 1;
const BYTES = 2;
const TEXT = 3;
const ARRAY = 4;
const MAP = 5;
const SIMPLE = 7;
const MOST_DEPTH = 4;

function head(major: number, value: number): Uint8Array {
  if (value < 24) return Uint8Array.of((major << 5) | value);
  if (value < 0x100) return Uint8Array.of((major << 5) | 24, value);
  if (value < 0x10000) return Uint8Array.of((major << 5) | 25, value >>> 8, value & 0xff);
  const out = Buffer.alloc(value < 0x100000000 ? 5 : 9);
  out[0] = (major << 5) | (out.length === 5 ? 26 : 27);
  if (out.length === 5) out.writeUInt32BE(value, 1);
  else out.writeBigUInt64BE(BigInt(value), 1);
  return new Uint8Array(out);
}

/** Shorter keys first, then by bytes: with the major type in the first byte that is the order of section 8. */
const byKey = (a: Uint8Array, b: Uint8Array): number => {
  const types = ((a[0] ?? 0) >> 5) - ((b[0] ?? 0) >> 5);
  if (types !== 0) return types;
  return a.length - b.length || Buffer.compare(a, b);
};

export function encode(value: Cbor): Uint8Array {
  if (value === null) return Uint8Array.of(0xf6);
  if (typeof value === 'boolean') return Uint8Array.of(value ? 0xf5 : 0xf4);
  if (typeof value === 'number') return value < 0 ? head(NEGATIVE, -1 - value) : head(UNSIGNED, value);
  if (typeof value === 'string') {
    const text = new TextEncoder().encode(value);
    return concat(head(TEXT, text.length), text);
  }
  if (value instanceof Uint8Array) return concat(head(BYTES, value.length), value);
  if (Array.isArray(value)) return concat(head(ARRAY, value.length), ...value.map(encode));
  const entries = [...value].map(([key, member]) => ({ key: encode(key), member: encode(member) }));
  entries.sort((a, b) => byKey(a.key, b.key));
  return concat(head(MAP, value.size), ...entries.flatMap(({ key, member }) => [key, member]));
}

/** A map from pairs, without the members that are undefined. */
export function cborMap(pairs: readonly (readonly [CborKey, Cbor | undefined])[]): CborMap {
  const out: CborMap = new Map();
  for (const [key, value] of pairs) if (value !== undefined) out.set(key, value);
  return out;
}

/** One document, in canonical form and with nothing behind it. */
export function decode(bytes: Uint8Array): Cbor {
  const reader = new Reader(bytes);
  const value = reader.value(0);
  if (reader.at !== bytes.length) throw new CborError('bytes behind the document');
  return value;
}

class Reader {
  at = 0;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  value(depth: number): Cbor {
    const [major, argument] = this.#head();
    switch (major) {
      case UNSIGNED:
        return argument;
      case NEGATIVE:
        return -1 - argument;
      case BYTES:
        return this.#take(argument);
      case TEXT:
        try {
          return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(this.#take(argument));
        } catch {
          throw new CborError('text that is not UTF-8');
        }
      case ARRAY: {
        if (depth >= MOST_DEPTH) throw new CborError('nested too deeply');
        const out: Cbor[] = [];
        for (let left = argument; left > 0; left--) out.push(this.value(depth + 1));
        return out;
      }
      case MAP:
        if (depth >= MOST_DEPTH) throw new CborError('nested too deeply');
        return this.#map(argument, depth);
      case SIMPLE:
        if (argument === 20 || argument === 21) return argument === 21;
        if (argument === 22) return null;
        throw new CborError('a simple value that is not allowed');
      default:
        throw new CborError('a tag');
    }
  }

  #map(size: number, depth: number): CborMap {
    const out: CborMap = new Map();
    let before: Uint8Array | undefined;
    for (let left = size; left > 0; left--) {
      const start = this.at;
      const key = this.value(depth + 1);
      if (typeof key !== 'number' && typeof key !== 'string') throw new CborError('a key that is no number or text');
      const raw = this.#bytes.subarray(start, this.at);
      if (before !== undefined && byKey(before, raw) >= 0) throw new CborError('keys out of order or twice');
      before = raw;
      out.set(key, this.value(depth + 1));
    }
    return out;
  }

  #head(): [number, number] {
    const first = this.#take(1)[0] ?? 0;
    const major = first >> 5;
    const short = first & 0x1f;
    if (short < 24) return [major, short];
    if (short > 27 || major === SIMPLE) throw new CborError('an indefinite length, float or reserved form');
    const size = 1 << (short - 24);
    const raw = Buffer.from(this.#take(size));
    const value = size === 8 ? Number(raw.readBigUInt64BE()) : raw.readUIntBE(0, size);
    const least = [24, 0x100, 0x10000, 0x100000000][short - 24] ?? 0;
    if (value < least) throw new CborError('a number longer than it need be');
    if (!Number.isSafeInteger(value)) throw new CborError('a number out of range');
    return [major, value];
  }

  #take(length: number): Uint8Array {
    const end = this.at + length;
    if (end > this.#bytes.length) throw new CborError('cut off');
    const out = this.#bytes.slice(this.at, end);
    this.at = end;
    return out;
  }
}
