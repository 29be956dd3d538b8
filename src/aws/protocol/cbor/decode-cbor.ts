import { MalformedInput } from '../malformed-input.ts';
import { dateFromSeconds } from '../scalars.ts';

const MAX_DEPTH = 64;
const EPOCH_TAG = 1;
const INDEFINITE = 31;
const BREAK = 0xff;

function malformed(): MalformedInput {
  return new MalformedInput('The body is not CBOR that Smithy RPC v2 can carry.');
}

/** Reads one item after another; `at` is where the next one begins. */
class Reader {
  readonly #bytes: Buffer;
  at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.at;
  }

  take(length: number): Buffer {
    if (length > this.left) throw malformed();
    const taken = this.#bytes.subarray(this.at, this.at + length);
    this.at += length;
    return taken;
  }

  byte(): number {
    return this.take(1).readUInt8();
  }

  peek(): number {
    const byte = this.#bytes[this.at];
    if (byte === undefined) throw malformed();
    return byte;
  }
}

/** The argument of an item's head (RFC 8949, section 3); a number while it is exact. */
function argument(reader: Reader, info: number): number | bigint {
  if (info < 24) return info;
  switch (info) {
    case 24:
      return reader.byte();
    case 25:
      return reader.take(2).readUInt16BE();
    case 26:
      return reader.take(4).readUInt32BE();
    case 27: {
      const wide = reader.take(8).readBigUInt64BE();
      return wide <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(wide) : wide;
    }
    default:
      throw malformed();
  }
}

function length(reader: Reader, info: number): number {
  const value = argument(reader, info);
  // Each byte, item and pair takes at least one byte: a length beyond what is left is a lie, and would cost memory.
  if (typeof value === 'bigint' || value > reader.left) throw malformed();
  return value;
}

/** A byte or text string, also in pieces of definite length. */
function bytes(reader: Reader, major: number, info: number): Buffer {
  if (info !== INDEFINITE) return reader.take(length(reader, info));
  const pieces: Buffer[] = [];
  for (let first = reader.byte(); first !== BREAK; first = reader.byte()) {
    if (first >> 5 !== major || (first & 31) === INDEFINITE) throw malformed();
    pieces.push(reader.take(length(reader, first & 31)));
  }
  return Buffer.concat(pieces);
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function text(reader: Reader, info: number): string {
  try {
    return UTF8.decode(bytes(reader, 3, info));
  } catch (cause) {
    if (cause instanceof TypeError) throw malformed();
    throw cause;
  }
}

/** Whether another item follows in an array or map of indefinite length. */
function goesOn(reader: Reader): boolean {
  if (reader.peek() !== BREAK) return true;
  reader.byte();
  return false;
}

function array(reader: Reader, info: number, depth: number): unknown[] {
  const items: unknown[] = [];
  if (info === INDEFINITE) while (goesOn(reader)) items.push(item(reader, depth + 1));
  else for (let left = length(reader, info); left > 0; left -= 1) items.push(item(reader, depth + 1));
  return items;
}

function map(reader: Reader, info: number, depth: number): Record<string, unknown> {
  const entries: Record<string, unknown> = Object.create(null);
  const entry = (): void => {
    const first = reader.byte();
    if (first >> 5 !== 3) throw malformed();
    const key = text(reader, first & 31);
    // Which of two would count is for nobody to guess.
    if (Object.hasOwn(entries, key)) throw malformed();
    entries[key] = item(reader, depth + 1);
  };
  if (info === INDEFINITE) while (goesOn(reader)) entry();
  else for (let left = length(reader, info); left > 0; left -= 1) entry();
  return entries;
}

function half(bits: number): number {
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 0x3ff;
  const sign = bits & 0x8000 ? -1 : 1;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

function simple(reader: Reader, info: number): unknown {
  switch (info) {
    case 20:
      return false;
    case 21:
      return true;
    case 22:
    case 23:
      return null;
    case 25:
      return half(reader.take(2).readUInt16BE());
    case 26:
      return reader.take(4).readFloatBE();
    case 27:
      return reader.take(8).readDoubleBE();
    default:
      throw malformed();
  }
}

function item(reader: Reader, depth: number): unknown {
  if (depth > MAX_DEPTH) throw malformed();
  const first = reader.byte();
  const info = first & 31;
  switch (first >> 5) {
    case 0:
      return argument(reader, info);
    case 1: {
      const value = argument(reader, info);
      return typeof value === 'bigint' || value === Number.MAX_SAFE_INTEGER ? -1n - BigInt(value) : -1 - value;
    }
    case 2:
      return bytes(reader, 2, info);
    case 3:
      return text(reader, info);
    case 4:
      return array(reader, info, depth);
    case 5:
      return map(reader, info, depth);
    case 6: {
      const tag = argument(reader, info);
      const value = item(reader, depth + 1);
      // The only tag that the SDKs write; big numbers (2, 3) and decimals (4) belong to no service here.
      if (tag !== EPOCH_TAG || typeof value !== 'number') throw malformed();
      return dateFromSeconds(value);
    }
    default:
      return simple(reader, info);
  }
}

/**
 * One CBOR item and nothing after it. Maps become objects without prototype, byte strings Buffers, tag 1 Dates, integers beyond 2^53
 * bigints. Throws MalformedInput, also for duplicate keys, tags other than 1 and more than 64 levels.
 */
export function decodeCbor(body: Buffer): unknown {
  const reader = new Reader(body);
  const value = item(reader, 0);
  if (reader.left > 0) throw malformed();
  return value;
}
