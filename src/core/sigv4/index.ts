/**
 * AWS Signature Version 4 and 4a, both ways. A request goes in as it stands on the wire (`SigV4Request`).
 *
 * Signing with the key elsewhere: `prepareHeaderSigning` → `stringToSign` → signature → `finishHeaderSigning`; the same with
 * `preparePresign` and `finishPresign`. Verifying: `parseAuthorization` (who signed, with which scope) → the client's derived
 * key → `verifyRequest` → `payload` says how the body is covered → for `streaming`, `createChunkedDecoder`.
 * All bad input ends in a `SigV4Error`.
 */

export { formatAmzDate, parseAmzDate } from './amz-date.ts';
export { canonicalHeaders, canonicalHeaderValue } from './canonical-headers.ts';
export { canonicalPath } from './canonical-path.ts';
export { canonicalQuery } from './canonical-query.ts';
export { chunkStringToSign, trailerStringToSign } from './chunked/chunk-signature.ts';
export {
  type ChunkedDecoderOptions,
  type ChunkedEvent,
  createChunkedDecoder,
} from './chunked/decoder.ts';
export {
  chunkedLength,
  encodeSignedChunk,
  encodeTrailers,
  replaceTrailerSignature,
} from './chunked/encode-chunk.ts';
export { createChunkedEncoder } from './chunked/encoder.ts';
export { type StreamingHeaders, streamingHeaders } from './chunked/streaming-headers.ts';
export * from './constants.ts';
export { type DeclaredPayload, declaredPayload, type StreamingMode } from './declared-payload.ts';
export { deriveSigningKey } from './derive-key.ts';
export { SigV4Error, type SigV4ErrorCode } from './errors.ts';
export { hmacSha256Hex, sameSignature, sha256Hex } from './hash.ts';
export {
  type Authorization,
  parseAuthorization,
} from './parse-authorization.ts';
export { finishPresign, type PresignOptions, preparePresign } from './presign.ts';
export { createRequestSigner, signString } from './request-signer.ts';
export { scopeText } from './scope.ts';
export { serviceRules } from './service-rules.ts';
export {
  finishHeaderSigning,
  type HeaderSigningOptions,
  prepareHeaderSigning,
  type SigningOptions,
} from './sign-headers.ts';
export type { Header, Scope, ServiceRules, SigV4Request } from './types.ts';
export { UNSIGNED_HEADERS } from './unsigned-headers.ts';
export { uriDecode, uriEncode, uriNormalize } from './uri-encode.ts';
export { deriveV4aKeyPair } from './v4a/derive-key-pair.ts';
export { v4aPublicKey } from './v4a/public-key.ts';
export { signV4aString } from './v4a/sign-string.ts';
export { verifyV4aSignature } from './v4a/verify-signature.ts';
export {
  type CheckedForm,
  checkForm,
  completeForm,
  type PreparedVerification,
  requireMatch,
  type VerificationKey,
  type VerifyOptions,
  verifyRequest,
  verifyRequestWith,
} from './verify.ts';
