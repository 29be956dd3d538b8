/** AWS's own error codes for everything that can be wrong with a signature. */
export type SigV4ErrorCode =
  | 'MissingAuthenticationToken'
  | 'IncompleteSignature'
  | 'AuthorizationQueryParametersError'
  | 'InvalidArgument'
  | 'InvalidRequest'
  | 'SignatureDoesNotMatch'
  | 'RequestTimeTooSkewed'
  | 'AccessDenied'
  | 'XAmzContentSHA256Mismatch'
  | 'MissingContentLength'
  | 'IncompleteBody'
  | 'MalformedTrailerError'
  | 'InvalidChunkSizeError'
  | 'EntityTooLarge'
  | 'NotImplemented';

const STATUS: Readonly<Record<SigV4ErrorCode, number>> = {
  MissingAuthenticationToken: 403,
  IncompleteSignature: 400,
  AuthorizationQueryParametersError: 400,
  InvalidArgument: 400,
  InvalidRequest: 400,
  SignatureDoesNotMatch: 403,
  RequestTimeTooSkewed: 403,
  AccessDenied: 403,
  XAmzContentSHA256Mismatch: 400,
  MissingContentLength: 411,
  IncompleteBody: 400,
  MalformedTrailerError: 400,
  InvalidChunkSizeError: 403,
  EntityTooLarge: 400,
  NotImplemented: 501,
};

/**
 * The one error this folder throws for bad input. `status` is S3's; other services and protocols spell some of the codes
 * differently, which is for whoever renders the answer. `details` holds public values only (canonical request, string to sign, times).
 */
export class SigV4Error extends Error {
  override readonly name = 'SigV4Error';
  readonly code: SigV4ErrorCode;
  readonly status: number;
  readonly details: Readonly<Record<string, string>>;

  constructor(code: SigV4ErrorCode, message: string, details: Readonly<Record<string, string>> = {}) {
    super(message);
    this.code = code;
    this.status = STATUS[code];
    this.details = details;
  }
}
