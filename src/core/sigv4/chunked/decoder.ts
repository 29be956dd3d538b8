import { DEFAULT_MAX_CHUNK_BYTES, STREAMING_SIGNED_TRAILER, STREAMING_UNSIGNED_TRAILER } from '../constants.ts';
import type { StreamingMode } from '../declared-payload.ts';
import { SigV4Error } from '../errors.ts';
import { hmacSha256Hex, sameSignature, sha256Hex } from '../hash.ts';
import { type ChunkContext, chunkStringToSign, trailerStringToSign } from './chunk-signature.ts';
import { createTrailerCollector, type TrailerCollector, type TrailerSection } from './trailer-section.ts';

/** What the decoder hands out, in order. */
export type ChunkedEvent =
  /** Signed streams: one whole chunk, its signature verified. The last one is empty. `sizeText` is the size as received. */
  | {
      readonly type: 'chunk';
      readonly sizeText: string;
      readonly data: Uint8Array;
      readonly sha256: string;
      readonly signature: string;
    }
  /** Unsigned streams: decoded bytes as they come. */
  | { readonly type: 'data'; readonly data: Uint8Array }
  /** What follows the empty chunk, its signature verified in a signed stream. Always the last event. */
  | { readonly type: 'end'; readonly section: TrailerSection };

export interface ChunkedDecoderOptions {
  readonly mode: StreamingMode;
  /** Value of `x-amz-decoded-content-length`; the stream must decode to exactly that many bytes. */
  readonly decodedLength: number;
  /** Names announced in `x-amz-trailer`. */
  readonly trailerNames?: readonly string[];
  /** Signed streams: what the chain of signatures starts from. */
  readonly verification?: ChunkContext & { readonly signingKey: Uint8Array; readonly seedSignature: string };
  /** Largest chunk of a signed stream. Default: 16 MiB. */
  readonly maxChunkBytes?: number;
}

export interface ChunkedDecoder {
  /**
   * Takes bytes as they arrive, split anywhere. Events may point into `bytes`: use them before the buffer is used again.
   * Buffers at most one chunk, and that only in signed streams.
   * @throws SigV4Error; the decoder then refuses everything with the same error.
   */
  push(bytes: Uint8Array): ChunkedEvent[];
  /** To be called at the end of the body. @throws SigV4Error `IncompleteBody` if the stream has not ended. */
  finish(): void;
}

type State = 'header' | 'data' | 'data-end' | 'trailer' | 'done';

const MAX_HEADER_BYTES = 128;
const SIGNED_HEADER = /^([0-9a-fA-F]{1,8});chunk-signature=([0-9a-f]{64})$/;
const UNSIGNED_HEADER = /^([0-9a-fA-F]{1,8})$/;
const CR = 0x0d;
const LF = 0x0a;

/**
 * An incremental reader of aws-chunked bodies: `STREAMING-AWS4-HMAC-SHA256-PAYLOAD`, the same `-TRAILER`, and
 * `STREAMING-UNSIGNED-PAYLOAD-TRAILER`.
 * Errors: `SignatureDoesNotMatch`, `IncompleteBody` (more or less data than declared), `InvalidRequest` (framing),
 * `InvalidChunkSizeError` (data longer than its size), `EntityTooLarge` (a signed chunk over the limit), `MalformedTrailerError`.
 */
export function createChunkedDecoder(options: ChunkedDecoderOptions): ChunkedDecoder {
  const { mode, decodedLength, verification } = options;
  const signed = mode !== STREAMING_UNSIGNED_TRAILER;
  const withTrailers = mode === STREAMING_SIGNED_TRAILER || mode === STREAMING_UNSIGNED_TRAILER;
  const maxChunkBytes = options.maxChunkBytes ?? DEFAULT_MAX_CHUNK_BYTES;
  if (signed && verification === undefined) throw new TypeError('A signed stream needs a key to verify it with.');
  const expected = new Set(withTrailers ? (options.trailerNames ?? []).map((name) => name.toLowerCase()) : []);

  let state: State = 'header';
  let failure: SigV4Error | null = null;
  let received = 0;
  let previousSignature = verification?.seedSignature ?? '';

  let header = '';
  let sizeText = '';
  let signature = '';
  let size = 0;
  let taken = 0;
  let buffer: Buffer | null = null;
  let endBytes = 0;
  let trailers: TrailerCollector | null = null;

  function takeHeader(): void {
    const match = (signed ? SIGNED_HEADER : UNSIGNED_HEADER).exec(header);
    if (match === null)
      throw new SigV4Error(
        'InvalidRequest',
        'The body is not in the aws-chunked form that x-amz-content-sha256 announces.',
      );
    header = '';
    sizeText = match[1] ?? '';
    signature = match[2] ?? '';
    size = Number.parseInt(sizeText, 16);
    taken = 0;
    buffer = null;
    if (signed && size > maxChunkBytes) {
      throw new SigV4Error('EntityTooLarge', `A signed chunk may have at most ${maxChunkBytes} bytes.`);
    }
    received += size;
    if (received > decodedLength || (size === 0 && received !== decodedLength)) {
      throw new SigV4Error(
        'IncompleteBody',
        'The body does not have as many bytes as x-amz-decoded-content-length says.',
      );
    }
  }

  function verifiedChunk(data: Uint8Array): ChunkedEvent {
    if (verification === undefined) throw new TypeError('A signed stream needs a key to verify it with.');
    const sha256 = sha256Hex(data);
    const computed = hmacSha256Hex(verification.signingKey, chunkStringToSign(verification, previousSignature, sha256));
    if (!sameSignature(computed, signature)) throw chunkMismatch();
    previousSignature = computed;
    return { type: 'chunk', sizeText, data, sha256, signature };
  }

  /** Header bytes from `at`; answers the next position. */
  function readHeader(bytes: Uint8Array, at: number, events: ChunkedEvent[]): number {
    let position = at;
    while (position < bytes.length) {
      const byte = bytes[position++] ?? 0;
      if (byte === LF && header.endsWith('\r')) {
        header = header.slice(0, -1);
        takeHeader();
        if (size > 0) {
          state = 'data';
        } else {
          if (signed) events.push(verifiedChunk(EMPTY));
          trailers = createTrailerCollector(mode === STREAMING_SIGNED_TRAILER, expected);
          state = 'trailer';
        }
        return position;
      }
      header += String.fromCharCode(byte);
      if (header.length > MAX_HEADER_BYTES)
        throw new SigV4Error('InvalidRequest', 'The header of a chunk is too long.');
    }
    return position;
  }

  function readData(bytes: Uint8Array, at: number, events: ChunkedEvent[]): number {
    const part = bytes.subarray(at, at + size - taken);
    taken += part.length;
    if (!signed) {
      events.push({ type: 'data', data: part });
    } else if (part.length === size) {
      events.push(verifiedChunk(part));
    } else {
      buffer ??= Buffer.allocUnsafe(size);
      buffer.set(part, taken - part.length);
      if (taken === size) {
        events.push(verifiedChunk(buffer));
        buffer = null;
      }
    }
    if (taken === size) {
      state = 'data-end';
      endBytes = 0;
    }
    return at + part.length;
  }

  function readDataEnd(bytes: Uint8Array, at: number): number {
    if (bytes[at] !== (endBytes === 0 ? CR : LF)) {
      throw new SigV4Error('InvalidChunkSizeError', 'A chunk of the body is not as long as its header says.');
    }
    endBytes++;
    if (endBytes === 2) state = 'header';
    return at + 1;
  }

  function readTrailer(bytes: Uint8Array, at: number, events: ChunkedEvent[]): number {
    if (trailers === null) return at;
    const next = at + trailers.push(bytes, at);
    const section = trailers.section();
    if (section === null) return next;
    if (section.signature !== null && verification !== undefined) {
      const toSign = trailerStringToSign(verification, previousSignature, section.sha256);
      if (!sameSignature(hmacSha256Hex(verification.signingKey, toSign), section.signature.value))
        throw chunkMismatch();
    }
    events.push({ type: 'end', section });
    state = 'done';
    return next;
  }

  function run(bytes: Uint8Array): ChunkedEvent[] {
    const events: ChunkedEvent[] = [];
    let at = 0;
    while (at < bytes.length) {
      switch (state) {
        case 'header':
          at = readHeader(bytes, at, events);
          break;
        case 'data':
          at = readData(bytes, at, events);
          break;
        case 'data-end':
          at = readDataEnd(bytes, at);
          break;
        case 'trailer':
          at = readTrailer(bytes, at, events);
          break;
        case 'done':
          throw new SigV4Error('InvalidRequest', 'There are bytes after the end of the aws-chunked body.');
      }
    }
    return events;
  }

  return {
    push(bytes) {
      if (failure !== null) throw failure;
      try {
        return run(bytes);
      } catch (error) {
        buffer = null;
        if (error instanceof SigV4Error) failure = error;
        throw error;
      }
    },
    finish() {
      if (failure !== null) throw failure;
      if (state !== 'done') {
        throw new SigV4Error('IncompleteBody', 'The request body terminated unexpectedly');
      }
    },
  };
}

const EMPTY = new Uint8Array(0);

function chunkMismatch(): SigV4Error {
  return new SigV4Error(
    'SignatureDoesNotMatch',
    'The signature we calculated for a chunk of the body does not match the one in it. Send the request again.',
  );
}
