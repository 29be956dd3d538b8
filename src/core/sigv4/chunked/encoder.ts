import { hmacSha256Hex, sha256Hex } from '../hash.ts';
import { type ChunkContext, chunkStringToSign, trailerSha256, trailerStringToSign } from './chunk-signature.ts';
import { chunkSizeText, encodeSignedChunk, encodeTrailers } from './encode-chunk.ts';

export interface ChunkedEncoderOptions extends ChunkContext {
  readonly signingKey: Uint8Array;
  /** The signature of the request. */
  readonly seedSignature: string;
}

export interface ChunkedEncoder {
  /** The parts of one signed chunk. `data` must not be empty: the empty chunk is `end`'s. */
  chunk(data: Uint8Array): Uint8Array[];
  /** The empty chunk and what closes the body. Give trailers (maybe none) for a `…-TRAILER` stream only. */
  end(trailers?: readonly (readonly [name: string, value: string])[]): Uint8Array[];
}

/** Writes a signed aws-chunked body with a signing key at hand (tests; a key that is not vaulted). */
export function createChunkedEncoder(options: ChunkedEncoderOptions): ChunkedEncoder {
  let previous = options.seedSignature;

  function write(data: Uint8Array): Uint8Array[] {
    previous = hmacSha256Hex(options.signingKey, chunkStringToSign(options, previous, sha256Hex(data)));
    return encodeSignedChunk(chunkSizeText(data.length), data, previous);
  }

  return {
    chunk(data) {
      if (data.length === 0) throw new RangeError('The empty chunk ends the stream: call end().');
      return write(data);
    },
    end(trailers) {
      const last = write(new Uint8Array(0));
      if (trailers === undefined) return [...last, encodeTrailers([])];
      const signed = trailerStringToSign(options, previous, trailerSha256(trailers));
      return [...last, encodeTrailers(trailers, hmacSha256Hex(options.signingKey, signed))];
    },
  };
}
