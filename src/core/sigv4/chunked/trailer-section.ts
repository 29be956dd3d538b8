import { TRAILER_SIGNATURE } from '../constants.ts';
import { SigV4Error } from '../errors.ts';
import { trailerSha256, trimBlanks } from './chunk-signature.ts';

/** Largest trailer section, in bytes. */
export const MAX_TRAILER_BYTES = 8192;

/** A complete trailer section as received. */
export interface TrailerSection {
  /** Every byte of it, the closing empty line included. */
  readonly raw: Uint8Array;
  /** Names in lower case, in the order received, without the signature. */
  readonly trailers: readonly (readonly [name: string, value: string])[];
  /** Hash that the trailer signature covers. */
  readonly sha256: string;
  /** Signed streams: the signature and where its 64 digits stand in `raw`. */
  readonly signature: { readonly value: string; readonly offset: number } | null;
}

const NAME = /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/;
const VALUE = /^[\t\x20-\x7e]*$/;
const HEX_64 = /^[0-9a-f]{64}$/;
const LF = 0x0a;

function malformed(message: string): SigV4Error {
  return new SigV4Error('MalformedTrailerError', message);
}

/** Collects the bytes after the empty chunk until the section is complete. */
export interface TrailerCollector {
  /** Takes bytes from `start`; answers how many belong to the section. */
  push(bytes: Uint8Array, start: number): number;
  /** The section, once complete. (No getter: V8 would keep what that closes over, the buffer, until the next full collection.) */
  section(): TrailerSection | null;
}

/**
 * Reads trailers line by line. Unsigned: the first empty line ends them. Signed: the first empty line after the signature
 * does; empty lines before it are let through, because AWS's own description of the format has one and some clients send it.
 * @throws SigV4Error `MalformedTrailerError`
 */
export function createTrailerCollector(signed: boolean, expected: ReadonlySet<string>): TrailerCollector {
  const buffer = Buffer.alloc(MAX_TRAILER_BYTES);
  let length = 0;
  let lineStart = 0;
  const trailers: (readonly [string, string])[] = [];
  let signature: TrailerSection['signature'] = null;
  let section: TrailerSection | null = null;

  function takeLine(end: number): void {
    const bareEnd = end > lineStart && buffer[end - 1] === 0x0d ? end - 1 : end;
    const line = buffer.toString('latin1', lineStart, bareEnd);
    if (line === '') {
      if (bareEnd === end) throw malformed('The empty line that ends the trailers must be CRLF.');
      if (!signed || signature !== null) complete();
      return;
    }
    if (signature !== null) throw malformed('Nothing but an empty line may follow x-amz-trailer-signature.');
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(colon, 0)).toLowerCase();
    const rawValue = line.slice(colon + 1);
    const value = trimBlanks(rawValue);
    if (!NAME.test(name) || !VALUE.test(rawValue))
      throw malformed('The trailer contains a line that is not name:value.');
    if (name === TRAILER_SIGNATURE) {
      if (!signed) throw malformed('A stream with an unsigned payload has no x-amz-trailer-signature.');
      if (!HEX_64.test(value)) throw malformed('x-amz-trailer-signature must be 64 digits of lower-case hex.');
      signature = { value, offset: lineStart + line.indexOf(value, colon) };
      return;
    }
    if (!expected.has(name)) throw malformed(`The trailer ${name} was not announced in x-amz-trailer.`);
    if (trailers.some(([other]) => other === name)) throw malformed(`The trailer ${name} occurs more than once.`);
    trailers.push([name, value]);
  }

  function complete(): void {
    for (const name of expected) {
      if (!trailers.some(([other]) => other === name)) throw malformed(`The announced trailer ${name} is missing.`);
    }
    section = { raw: Buffer.from(buffer.subarray(0, length)), trailers, sha256: trailerSha256(trailers), signature };
  }

  return {
    push(bytes, start) {
      let at = start;
      while (at < bytes.length && section === null) {
        if (length === MAX_TRAILER_BYTES) throw malformed(`The trailers are longer than ${MAX_TRAILER_BYTES} bytes.`);
        const byte = bytes[at++] ?? 0;
        buffer[length++] = byte;
        if (byte !== LF) continue;
        takeLine(length - 1);
        lineStart = length;
      }
      return at - start;
    },
    section: () => section,
  };
}
