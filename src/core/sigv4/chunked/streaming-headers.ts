import { STREAMING_SIGNED } from '../constants.ts';
import type { StreamingMode } from '../declared-payload.ts';
import { SigV4Error } from '../errors.ts';
import type { SigV4Request } from '../types.ts';

export interface StreamingHeaders {
  /** Bytes of the body without its chunk framing. */
  readonly decodedLength: number;
  /** Lower case. Empty where none is announced. */
  readonly trailerNames: readonly string[];
}

const DECIMAL = /^\d{1,15}$/;
const MAX_TRAILERS = 16;

/**
 * Reads what a streaming request must say about its body: `x-amz-decoded-content-length` and `x-amz-trailer`.
 * @throws SigV4Error `MissingContentLength`, `InvalidRequest`, `MalformedTrailerError`.
 */
export function streamingHeaders(request: SigV4Request, mode: StreamingMode): StreamingHeaders {
  let length: string | undefined;
  let trailer: string | undefined;
  for (const [rawName, value] of request.headers) {
    const name = rawName.toLowerCase();
    if (name === 'x-amz-decoded-content-length') {
      if (length !== undefined) throw new SigV4Error('InvalidRequest', `The request has more than one ${name} header.`);
      length = value.trim();
    } else if (name === 'x-amz-trailer') {
      trailer = trailer === undefined ? value : `${trailer},${value}`;
    }
  }
  if (length === undefined) {
    throw new SigV4Error('MissingContentLength', 'An aws-chunked body needs the x-amz-decoded-content-length header.');
  }
  if (!DECIMAL.test(length)) {
    throw new SigV4Error('InvalidRequest', 'x-amz-decoded-content-length must be a number of bytes.');
  }
  const trailerNames = (trailer ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '');
  if (trailerNames.length > MAX_TRAILERS || new Set(trailerNames).size !== trailerNames.length) {
    throw new SigV4Error('MalformedTrailerError', 'x-amz-trailer must name each trailer once, at most 16 of them.');
  }
  if (mode === STREAMING_SIGNED && trailerNames.length > 0) {
    throw new SigV4Error('MalformedTrailerError', `x-amz-trailer does not go with ${mode}.`);
  }
  return { decodedLength: Number(length), trailerNames };
}
