import { concat, utf8 } from '../crypto/bytes.ts';

/**
 * CBOR (RFC 8949) in the canonical form of CTAP 2.1, section 8, and nothing else: shortest integers and lengths, definite lengths, sorted and unique keys,
 * no tags, no floats, at most four levels of maps and arrays. Two encodings of one thing would be two things to sign.
 */
export type CborKey = number | string;
export type CborMap = ReadonlyMap<CborKey, CborValue>;
export type CborValue = number | bigint | string | boolean | null | Uint8Array | readonly CborValue[] | CborMap;

/** Why bytes are no canonical CBOR. */
export type CborFlaw =
  | 'Truncated'
  | 'TrailingBytes'
  | 'NonCanonicalLength'
  | 'IndefiniteLength'
  | 'ReservedLength'
  | 'Tag'
  | 'Float'
  | 'SimpleValue'
  | 'TooDeep'
  | 'UnsortedKeys'
  | 'DuplicateKey'
  | 'KeyType'
  | 'InvalidUtf8';

export type CborResult = { ok: true; value: CborValue } | { ok: false; flaw: CborFlaw };

const MAJOR = { unsigned: 0, negative: 1, bytes: 2, text: 3, array: 4, map: 5, tag: 6, simple: 7 } as const;
const SIMPLE = { false: 20, true: 21, null: 22 } as const;
const FLOATS: ReadonlySet<number> = new Set([25, 26, 27]);
const INDEFINITE = 31;
const IMMEDIATE_BELOW = 24;
const MOST_LEVELS = 4;

/** Exactly one value. Byte strings are views of `bytes`. */
export function decodeCbor(bytes: Uint8Array): CborResult {
  const read = readCbor(bytes, 0);
  if (read.ok && read.next !== bytes.length) return { ok: false, flaw: 'TrailingBytes' };
  return read;
}

/** One value at `offset`, and where the next begins. */
export function readCbor(
  bytes: Uint8Array,
  offset: number,
): { ok: true; value: CborValue; next: number } | { ok: false; flaw: CborFlaw } {
  const reader = new Reader(bytes, offset);
  try {
    const value = reader.value(0);
    return { ok: true, value, next: reader.at };
  } catch (error) {
    if (error instanceof Flawed) return { ok: false, flaw: error.flaw };
    throw error;
  }
}

class Flawed extends Error {
  readonly flaw: CborFlaw;
  constructor(flaw: CborFlaw) {
    super(flaw);
    this.flaw = flaw;
  }
}

/** The position in what is read. */
class Reader {
  readonly bytes: Uint8Array;
  at: number;

  constructor(bytes: Uint8Array, at: number) {
    this.bytes = bytes;
    this.at = at;
  }

  value(level: number): CborValue {
    const initial = this.take(1)[0] ?? 0;
    const major = initial >> 5;
    const info = initial & 0x1f;
    if (major === MAJOR.tag) throw new Flawed('Tag');
    if (major === MAJOR.simple) return simple(info);
    const argument = this.argument(info);
    switch (major) {
      case MAJOR.unsigned:
        return narrow(argument);
      case MAJOR.negative:
        return narrow(-1n - argument);
      case MAJOR.bytes:
        return this.take(argument);
      case MAJOR.text:
        return text(this.take(argument));
      case MAJOR.array:
        return this.array(argument, level + 1);
      default:
        return this.map(argument, level + 1);
    }
  }

  private array(length: bigint, level: number): CborValue {
    const count = this.count(length, 1, level);
    return Array.from({ length: count }, () => this.value(level));
  }

  private map(length: bigint, level: number): CborValue {
    const count = this.count(length, 2, level);
    const map = new Map<CborKey, CborValue>();
    let previous: Uint8Array | null = null;
    for (let index = 0; index < count; index += 1) {
      const start = this.at;
      const key = this.value(level);
      if (typeof key !== 'number' && typeof key !== 'string') throw new Flawed('KeyType');
      const encoded = this.bytes.subarray(start, this.at);
      const order = previous === null ? 1 : compareKeys(encoded, previous);
      if (order === 0) throw new Flawed('DuplicateKey');
      if (order < 0) throw new Flawed('UnsortedKeys');
      previous = encoded;
      map.set(key, this.value(level));
    }
    return map;
  }

  /** How many items follow: never more than there are bytes for, whatever the length says. */
  private count(length: bigint, bytesEach: number, level: number): number {
    if (level > MOST_LEVELS) throw new Flawed('TooDeep');
    if (length * BigInt(bytesEach) > BigInt(this.bytes.length - this.at)) throw new Flawed('Truncated');
    return Number(length);
  }

  private argument(info: number): bigint {
    if (info < IMMEDIATE_BELOW) return BigInt(info);
    if (info === INDEFINITE) throw new Flawed('IndefiniteLength');
    if (info > 27) throw new Flawed('ReservedLength');
    const width = 2 ** (info - IMMEDIATE_BELOW);
    let value = 0n;
    for (const byte of this.take(width)) value = (value << 8n) | BigInt(byte);
    const least = width === 1 ? BigInt(IMMEDIATE_BELOW) : 1n << BigInt(4 * width);
    if (value < least) throw new Flawed('NonCanonicalLength');
    return value;
  }

  private take(length: number | bigint): Uint8Array {
    if (BigInt(length) > BigInt(this.bytes.length - this.at)) throw new Flawed('Truncated');
    const start = this.at;
    this.at += Number(length);
    return this.bytes.subarray(start, this.at);
  }
}

function simple(info: number): CborValue {
  if (info === SIMPLE.false) return false;
  if (info === SIMPLE.true) return true;
  if (info === SIMPLE.null) return null;
  if (FLOATS.has(info)) throw new Flawed('Float');
  throw new Flawed(info === INDEFINITE ? 'IndefiniteLength' : 'SimpleValue');
}

function narrow(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function text(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Flawed('InvalidUtf8');
  }
}

/** The order of keys: lower major type first, then the shorter one, then bytewise. */
function compareKeys(a: Uint8Array, b: Uint8Array): number {
  const major = ((a[0] ?? 0) >> 5) - ((b[0] ?? 0) >> 5);
  return major || a.length - b.length || Buffer.compare(a, b);
}

/** The canonical encoding. `RangeError` for numbers that are no integers of 64 bits, and for more than four levels. */
export function encodeCbor(value: CborValue): Uint8Array {
  return encode(value, 0);
}

export type CborEntry = readonly [CborKey, CborValue | undefined];

/** A map without the entries whose value is undefined. */
export function cborMap(...entries: readonly CborEntry[]): CborMap {
  const map = new Map<CborKey, CborValue>();
  for (const [key, value] of entries) if (value !== undefined) map.set(key, value);
  return map;
}

function encode(value: CborValue, level: number): Uint8Array {
  if (value === false) return head(MAJOR.simple, SIMPLE.false);
  if (value === true) return head(MAJOR.simple, SIMPLE.true);
  if (value === null) return head(MAJOR.simple, SIMPLE.null);
  if (typeof value === 'number' || typeof value === 'bigint') return integer(BigInt(value));
  if (typeof value === 'string') {
    const bytes = utf8(value);
    return concat(head(MAJOR.text, bytes.length), bytes);
  }
  if (value instanceof Uint8Array) return concat(head(MAJOR.bytes, value.length), value);
  if (level >= MOST_LEVELS) throw new RangeError('CTAP allows four levels of maps and arrays');
  if (isMap(value)) {
    const entries = [...value].map(([key, one]) => ({ key: encode(key, level), value: encode(one, level + 1) }));
    entries.sort((a, b) => compareKeys(a.key, b.key));
    return concat(head(MAJOR.map, entries.length), ...entries.flatMap((entry) => [entry.key, entry.value]));
  }
  return concat(head(MAJOR.array, value.length), ...value.map((one) => encode(one, level + 1)));
}

function isMap(value: CborMap | readonly CborValue[]): value is CborMap {
  return value instanceof Map;
}

function integer(value: bigint): Uint8Array {
  return value >= 0n ? head(MAJOR.unsigned, value) : head(MAJOR.negative, -1n - value);
}

function head(major: number, argument: number | bigint): Uint8Array {
  const value = BigInt(argument);
  if (value < BigInt(IMMEDIATE_BELOW)) return Uint8Array.of((major << 5) | Number(value));
  for (const [index, width] of [1, 2, 4, 8].entries()) {
    if (value >> BigInt(8 * width) !== 0n) continue;
    const bytes = new Uint8Array(1 + width);
    bytes[0] = (major << 5) | (IMMEDIATE_BELOW + index);
    for (let at = 0; at < width; at += 1) bytes[width - at] = Number((value >> BigInt(8 * at)) & 0xffn);
    return bytes;
  }
  throw new RangeError('an integer of more than 64 bits');
}
