import { concat } from './bytes.ts';

/** DER (X.690), as much of it as encoded keys need: single-byte tags, definite and shortest lengths. */

export const DER = { integer: 0x02, bitString: 0x03, octetString: 0x04, sequence: 0x30 } as const;
const LONG_FORM = 0x80;
/** Lengths of more than three bytes (16 MiB) are nothing a key has. */
const MOST_LENGTH_BYTES = 3;
const MULTI_BYTE_TAG = 0x1f;

export interface DerElement {
  tag: number;
  /** The contents; shares memory with what was read. */
  value: Uint8Array;
  /** Tag, length and contents. */
  encoded: Uint8Array;
}

/** One element with this tag around the parts. */
export function derElement(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  if (length < LONG_FORM) return concat(Uint8Array.of(tag, length), ...parts);
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return concat(Uint8Array.of(tag, LONG_FORM | bytes.length, ...bytes), ...parts);
}

/** The elements that these bytes consist of, one after the other; null when they are anything else. */
export function derElements(bytes: Uint8Array): DerElement[] | null {
  const elements: DerElement[] = [];
  for (let at = 0; at < bytes.length; ) {
    const element = readElement(bytes, at);
    if (element === null) return null;
    elements.push(element);
    at += element.encoded.length;
  }
  return elements;
}

/** The elements inside the one SEQUENCE that these bytes are; null when they are not one. */
export function derSequence(bytes: Uint8Array): DerElement[] | null {
  const [outer, ...more] = derElements(bytes) ?? [];
  return outer?.tag === DER.sequence && more.length === 0 ? derElements(outer.value) : null;
}

function readElement(bytes: Uint8Array, at: number): DerElement | null {
  const tag = bytes[at];
  const first = bytes[at + 1];
  if (tag === undefined || first === undefined || (tag & MULTI_BYTE_TAG) === MULTI_BYTE_TAG) return null;
  let start = at + 2;
  let length = first;
  if (first >= LONG_FORM) {
    const count = first - LONG_FORM;
    if (count === 0 || count > MOST_LENGTH_BYTES) return null;
    length = 0;
    for (const byte of bytes.subarray(start, start + count)) length = length * 256 + byte;
    start += count;
    // The shortest form only: otherwise one key would have many encodings.
    if (length < LONG_FORM || length < 256 ** (count - 1)) return null;
  }
  const end = start + length;
  if (end > bytes.length) return null;
  return { tag, value: bytes.subarray(start, end), encoded: bytes.subarray(at, end) };
}
