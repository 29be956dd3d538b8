import type { DoorCredentials } from '../../core/door.ts';
import {
  createChunkedDecoder,
  encodeSignedChunk,
  replaceTrailerSignature,
  type Scope,
  SigV4Error,
  type StreamingHeaders,
  type StreamingMode,
} from '../../core/sigv4/index.ts';
import type { DoorParts } from '../door-parts.ts';
import { AwsError, fromSigV4Error } from '../protocol/aws-error.ts';

/** How the client signed its chunks. */
export interface IncomingChunks extends StreamingHeaders {
  mode: StreamingMode;
  timestamp: string;
  scopeText: string;
  signingKey: Uint8Array;
  seedSignature: string;
}

/** How the chunks leave. */
export interface OutgoingChunks {
  scope: Scope;
  timestamp: string;
  seedSignature: string;
}

/**
 * Verifies a signed aws-chunked body chunk by chunk and signs each one anew, with the same boundaries and the same framing, so that
 * Content-Length stays what it was. A chunk leaves only after its signature was found right. For use under `oneBehind`.
 * @throws AwsError `SignatureDoesNotMatch`, `IncompleteBody`, `BodyTooLarge`, `MalformedRequest`
 */
export async function* resignChunks(
  chunks: AsyncIterable<Buffer>,
  incoming: IncomingChunks,
  outgoing: OutgoingChunks,
  credentials: DoorCredentials,
  backend: DoorParts['backend'],
): AsyncGenerator<Uint8Array> {
  const decoder = createChunkedDecoder({
    mode: incoming.mode,
    decodedLength: incoming.decodedLength,
    trailerNames: incoming.trailerNames,
    verification: incoming,
  });
  let previousSignature = outgoing.seedSignature;
  const sign = async (chunkHashes: string[], trailerHash?: string) => {
    const signed = await backend.signChunks(credentials, {
      scope: outgoing.scope,
      timestamp: outgoing.timestamp,
      previousSignature,
      chunkHashes,
      ...(trailerHash === undefined ? {} : { trailerHash }),
    });
    if (signed.signatures.length !== chunkHashes.length) throw new AwsError('Internal', 'A chunk was not signed.');
    return signed;
  };
  try {
    for await (const bytes of chunks) {
      const events = decoder.push(bytes);
      const hashes = events.flatMap((event) => (event.type === 'chunk' ? [event.sha256] : []));
      const end = events.find((event) => event.type === 'end');
      const trailerHash = end?.section.signature == null ? undefined : end.section.sha256;
      if (hashes.length === 0 && end === undefined) continue;
      // One message to the HSM for all chunks in this piece and the trailer.
      const signed = hashes.length === 0 && trailerHash === undefined ? undefined : await sign(hashes, trailerHash);
      let index = 0;
      for (const event of events) {
        if (event.type === 'chunk') {
          const signature = signed?.signatures[index++] ?? '';
          previousSignature = signature;
          yield* encodeSignedChunk(event.sizeText, event.data, signature);
        } else if (event.type === 'end') {
          const { raw, signature } = event.section;
          if (signature === null) {
            yield raw;
          } else {
            const trailerSignature = signed?.trailerSignature;
            if (trailerSignature === undefined) throw new AwsError('Internal', 'The trailer was not signed.');
            yield replaceTrailerSignature(raw, signature.offset, trailerSignature);
          }
        }
      }
    }
    decoder.finish();
  } catch (error) {
    throw error instanceof SigV4Error ? fromSigV4Error(error) : error;
  }
}
