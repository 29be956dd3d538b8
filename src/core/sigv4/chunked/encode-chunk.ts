import { TRAILER_SIGNATURE } from '../constants.ts';

const CRLF = '\r\n';

/** Parts of one signed chunk, in order, to be written one after the other (the data is not copied). */
export function encodeSignedChunk(sizeText: string, data: Uint8Array, signature: string): Uint8Array[] {
  const head = Buffer.from(`${sizeText};chunk-signature=${signature}${CRLF}`, 'latin1');
  return data.length === 0 ? [head] : [head, data, Buffer.from(CRLF, 'latin1')];
}

/** Size of a chunk as it stands in its header. */
export function chunkSizeText(bytes: number): string {
  return bytes.toString(16);
}

/**
 * What follows the empty last chunk: trailers, their signature where the stream is signed, and the closing empty line.
 */
export function encodeTrailers(
  trailers: readonly (readonly [name: string, value: string])[],
  signature?: string,
): Uint8Array {
  let text = '';
  for (const [name, value] of trailers) text += `${name}:${value}${CRLF}`;
  if (signature !== undefined) text += `${TRAILER_SIGNATURE}:${signature}${CRLF}`;
  return Buffer.from(text + CRLF, 'latin1');
}

/** A copy of a received trailer section with another signature in the place of the received one. */
export function replaceTrailerSignature(raw: Uint8Array, signatureOffset: number, signature: string): Uint8Array {
  const copy = Buffer.from(raw);
  copy.write(signature, signatureOffset, 64, 'latin1');
  return copy;
}

const SIGNATURE_EXTENSION = ';chunk-signature='.length + 64;

/**
 * Content-Length of an aws-chunked body: `decodedLength` bytes in chunks of `chunkSize` (the last data chunk smaller), the
 * empty chunk and the trailer section (`trailerLength` bytes, the closing CRLF included).
 */
export function chunkedLength(
  decodedLength: number,
  chunkSize: number,
  signed: boolean,
  trailerLength: number = CRLF.length,
): number {
  const extension = signed ? SIGNATURE_EXTENSION : 0;
  const full = Math.floor(decodedLength / chunkSize);
  const rest = decodedLength % chunkSize;
  const one = (size: number): number => chunkSizeText(size).length + extension + CRLF.length + size + CRLF.length;
  return full * one(chunkSize) + (rest === 0 ? 0 : one(rest)) + ('0'.length + extension + CRLF.length) + trailerLength;
}
