/** Algorithm names as they stand in Authorization, `X-Amz-Algorithm` and on the first line of the string to sign. */
export const ALGORITHM_V4 = 'AWS4-HMAC-SHA256';
export const ALGORITHM_V4A = 'AWS4-ECDSA-P256-SHA256';
export const ALGORITHM_CHUNK = 'AWS4-HMAC-SHA256-PAYLOAD';
export const ALGORITHM_TRAILER = 'AWS4-HMAC-SHA256-TRAILER';

/** Last part of every credential scope. */
export const SCOPE_TERMINATOR = 'aws4_request';

/** SHA-256 of nothing, in hex. */
export const EMPTY_SHA256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

/** Values of `x-amz-content-sha256` that are not a hash. */
export const UNSIGNED_PAYLOAD = 'UNSIGNED-PAYLOAD';
export const STREAMING_SIGNED = 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD';
export const STREAMING_SIGNED_TRAILER = 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER';
export const STREAMING_UNSIGNED_TRAILER = 'STREAMING-UNSIGNED-PAYLOAD-TRAILER';
export const STREAMING_EVENTS = 'STREAMING-AWS4-HMAC-SHA256-EVENTS';
export const STREAMING_V4A = 'STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD';
export const STREAMING_V4A_TRAILER = 'STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER';

export const QUERY_ALGORITHM = 'X-Amz-Algorithm';
export const QUERY_CREDENTIAL = 'X-Amz-Credential';
export const QUERY_DATE = 'X-Amz-Date';
export const QUERY_EXPIRES = 'X-Amz-Expires';
export const QUERY_SIGNED_HEADERS = 'X-Amz-SignedHeaders';
export const QUERY_SIGNATURE = 'X-Amz-Signature';
export const QUERY_SECURITY_TOKEN = 'X-Amz-Security-Token';
export const QUERY_REGION_SET = 'X-Amz-Region-Set';
export const QUERY_CONTENT_SHA256 = 'X-Amz-Content-Sha256';

/** Trailer that carries the signature of the trailers before it. */
export const TRAILER_SIGNATURE = 'x-amz-trailer-signature';

/** Longest life of a presigned URL, in seconds: seven days. */
export const MAX_PRESIGN_SECONDS = 604_800;
/** How far a request's time may be from ours, in milliseconds. */
export const DEFAULT_MAX_SKEW_MS = 300_000;
/** Largest chunk of a signed stream that is buffered, in bytes. */
export const DEFAULT_MAX_CHUNK_BYTES = 16 * 1024 * 1024;
