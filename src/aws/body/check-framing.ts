import { createChunkedDecoder, SigV4Error, type StreamingHeaders, type StreamingMode } from '../../core/sigv4/index.ts';
import { fromSigV4Error } from '../protocol/aws-error.ts';

/**
 * Passes an unsigned aws-chunked body on, byte for byte, while reading its framing, and ends well only if that was whole: chunk sizes,
 * as many bytes as `x-amz-decoded-content-length` says, the announced trailers and nothing after them. For use under `oneBehind`.
 * @throws AwsError `IncompleteBody`, `MalformedRequest`
 */
export async function* checkFraming(
  chunks: AsyncIterable<Buffer>,
  mode: StreamingMode,
  headers: StreamingHeaders,
): AsyncGenerator<Buffer> {
  const decoder = createChunkedDecoder({ mode, ...headers });
  try {
    for await (const chunk of chunks) {
      decoder.push(chunk);
      yield chunk;
    }
    decoder.finish();
  } catch (error) {
    throw error instanceof SigV4Error ? fromSigV4Error(error) : error;
  }
}
