import type { SigV4Error } from '../../core/sigv4/index.ts';

/**
 * Every way the door itself refuses a request. What AWS answers is never one of these: it is passed through.
 */
export type Refusal =
  | 'MissingAuthenticationToken'
  | 'IncompleteSignature'
  | 'UnknownClient'
  | 'SignatureDoesNotMatch'
  | 'RequestTimeTooSkewed'
  | 'ExpiredClient'
  | 'AccessDenied'
  /** The vault is locked or not there yet. */
  | 'Locked'
  /** The caller is a browser, a foreign host name or a proxy client. */
  | 'ForeignCaller'
  | 'MethodNotAllowed'
  /** The HTTP itself is wrong or ambiguous. */
  | 'MalformedRequest'
  | 'HeadersTooLarge'
  | 'BodyTooLarge'
  | 'BodyHashMismatch'
  | 'IncompleteBody'
  | 'RequestTimeout'
  | 'NotSupported'
  /** No upstream host follows from the request. */
  | 'UnknownEndpoint'
  | 'UpstreamUnreachable'
  | 'UpstreamTimeout'
  | 'Busy'
  | 'Internal';

/** A refusal and one sentence for the person. How it looks on the wire is decided in `error-code.ts` and `render-error.ts`. */
export class AwsError extends Error {
  override readonly name = 'AwsError';
  readonly refusal: Refusal;
  /** S3's own code and status, where S3 tells more apart than the rest of AWS. */
  readonly s3: { readonly code: string; readonly status: number } | undefined;

  constructor(refusal: Refusal, message: string, options?: ErrorOptions & { s3?: { code: string; status: number } }) {
    super(message, options);
    this.refusal = refusal;
    this.s3 = options?.s3;
  }
}

const FROM_SIGV4: Readonly<Record<SigV4Error['code'], Refusal>> = {
  MissingAuthenticationToken: 'MissingAuthenticationToken',
  IncompleteSignature: 'IncompleteSignature',
  AuthorizationQueryParametersError: 'IncompleteSignature',
  InvalidArgument: 'MalformedRequest',
  InvalidRequest: 'MalformedRequest',
  SignatureDoesNotMatch: 'SignatureDoesNotMatch',
  RequestTimeTooSkewed: 'RequestTimeTooSkewed',
  AccessDenied: 'AccessDenied',
  XAmzContentSHA256Mismatch: 'BodyHashMismatch',
  MissingContentLength: 'IncompleteBody',
  IncompleteBody: 'IncompleteBody',
  MalformedTrailerError: 'IncompleteBody',
  InvalidChunkSizeError: 'IncompleteBody',
  EntityTooLarge: 'BodyTooLarge',
  NotImplemented: 'NotSupported',
};

/**
 * Where S3 has a name of its own for what other services call as the library does: an Authorization header of the wrong form, and none.
 */
const IN_S3: Readonly<Partial<Record<SigV4Error['code'], { code: string; status: number }>>> = {
  IncompleteSignature: { code: 'AuthorizationHeaderMalformed', status: 400 },
  MissingAuthenticationToken: { code: 'AccessDenied', status: 403 },
};

/** What the signature library refused, as the door says it. Its details (canonical request) stay behind. */
export function fromSigV4Error(error: SigV4Error): AwsError {
  return new AwsError(FROM_SIGV4[error.code], error.message, {
    cause: error,
    s3: IN_S3[error.code] ?? { code: error.code, status: error.status },
  });
}
