import {
  ALGORITHM_V4,
  ALGORITHM_V4A,
  QUERY_CONTENT_SHA256,
  STREAMING_EVENTS,
  STREAMING_SIGNED,
  STREAMING_SIGNED_TRAILER,
  STREAMING_UNSIGNED_TRAILER,
  STREAMING_V4A,
  STREAMING_V4A_TRAILER,
  UNSIGNED_PAYLOAD,
} from './constants.ts';
import { SigV4Error } from './errors.ts';
import type { Authorization } from './parse-authorization.ts';
import { serviceRules } from './service-rules.ts';
import type { ServiceRules, SigV4Request } from './types.ts';
import { uriDecode } from './uri-encode.ts';

export type StreamingMode =
  | typeof STREAMING_SIGNED
  | typeof STREAMING_SIGNED_TRAILER
  | typeof STREAMING_UNSIGNED_TRAILER;

/** What a request says about its body. `hash` is the last line of the canonical request. */
export type DeclaredPayload =
  /** The body must hash to `hash`; whoever reads the body checks that. */
  | { readonly kind: 'sha256'; readonly hash: string }
  /** The signature does not cover the body. */
  | { readonly kind: 'unsigned'; readonly hash: typeof UNSIGNED_PAYLOAD }
  /** aws-chunked; `createChunkedDecoder` checks the body. */
  | { readonly kind: 'streaming'; readonly hash: StreamingMode }
  /** Nothing declared: the signature covers the hash of the body, which must be read first. */
  | { readonly kind: 'body' };

const HEX_64 = /^[0-9a-f]{64}$/;
const INSTEAD = `Declare the body with its SHA-256, ${UNSIGNED_PAYLOAD} or ${STREAMING_UNSIGNED_TRAILER}.`;

function fromValue(value: string, algorithm: Authorization['algorithm']): DeclaredPayload {
  switch (value) {
    case UNSIGNED_PAYLOAD:
      return { kind: 'unsigned', hash: value };
    case STREAMING_UNSIGNED_TRAILER:
      return { kind: 'streaming', hash: value };
    case STREAMING_SIGNED:
    case STREAMING_SIGNED_TRAILER:
      // Each chunk is chained to the signature of the request, so both must be of one kind.
      if (algorithm === ALGORITHM_V4) return { kind: 'streaming', hash: value };
      throw new SigV4Error('InvalidRequest', `${value} does not go with ${ALGORITHM_V4A}. ${INSTEAD}`);
    case STREAMING_V4A:
    case STREAMING_V4A_TRAILER:
    case STREAMING_EVENTS:
      throw new SigV4Error('NotImplemented', `${value} is not supported. ${INSTEAD}`);
  }
  if (HEX_64.test(value)) return { kind: 'sha256', hash: value };
  throw new SigV4Error(
    'InvalidArgument',
    `x-amz-content-sha256 must be ${UNSIGNED_PAYLOAD}, ${STREAMING_UNSIGNED_TRAILER}, ${STREAMING_SIGNED}, ${STREAMING_SIGNED_TRAILER} or a valid sha256 value.`,
  );
}

/**
 * How a request declares its body: the `x-amz-content-sha256` header, for S3's presigned URLs also the query parameter of that
 * name or else `UNSIGNED-PAYLOAD`; for other services without either the body's hash.
 * @throws SigV4Error `InvalidArgument`, `InvalidRequest` (doubled; missing where S3 requires it; chunks signed with another algorithm than
 * the request), `NotImplemented`.
 */
export function declaredPayload(
  request: SigV4Request,
  authorization: Authorization,
  rules: ServiceRules = serviceRules(authorization.scope.service),
): DeclaredPayload {
  let value: string | undefined;
  for (const [name, text] of request.headers) {
    if (name.toLowerCase() !== 'x-amz-content-sha256') continue;
    if (value !== undefined) {
      throw new SigV4Error('InvalidRequest', 'The request has more than one x-amz-content-sha256 header.');
    }
    value = text.trim();
  }
  if (value !== undefined) return fromValue(value, authorization.algorithm);
  if (authorization.location === 'query' && rules.presignUnsignedPayload) {
    return fromValue(queryParameter(request, QUERY_CONTENT_SHA256) ?? UNSIGNED_PAYLOAD, authorization.algorithm);
  }
  if (rules.contentSha256Header) {
    throw new SigV4Error('InvalidRequest', 'Missing required header for this request: x-amz-content-sha256');
  }
  return { kind: 'body' };
}

function queryParameter(request: SigV4Request, wanted: string): string | undefined {
  const charset = request.charset ?? 'utf8';
  let found: string | undefined;
  for (const part of request.query.split('&')) {
    const equals = part.indexOf('=');
    if (equals === -1 || uriDecode(part.slice(0, equals), charset) !== wanted) continue;
    if (found !== undefined) {
      throw new SigV4Error('AuthorizationQueryParametersError', `The query has more than one ${wanted} parameter.`);
    }
    found = uriDecode(part.slice(equals + 1), charset);
  }
  return found;
}
