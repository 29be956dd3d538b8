import type { AwsError, Refusal } from './aws-error.ts';
import type { Dialect } from './dialect.ts';

export interface WireCode {
  code: string;
  status: number;
}

type Family = 's3' | 'query' | 'ec2' | 'json';

/**
 * AWS's own code for each refusal, as [code, status] in: S3, query XML, EC2, JSON.
 *
 * Retries: 4xx answers are final for botocore (legacy, standard, adaptive) and SDK v3 unless the code is one of their
 * throttling, transient or clock-skew codes. Of those only RequestTimeout is used here, where trying again makes sense. 500, 502, 503
 * and 504 are retried by all of them, by status, so they stand only for what can pass.
 */
const CODES: Readonly<Record<Refusal, Readonly<Record<Family, readonly [string, number]>>>> = {
  MissingAuthenticationToken: {
    s3: ['AccessDenied', 403],
    query: ['MissingAuthenticationToken', 403],
    ec2: ['MissingAuthenticationToken', 403],
    json: ['MissingAuthenticationTokenException', 400],
  },
  IncompleteSignature: {
    s3: ['AuthorizationHeaderMalformed', 400],
    query: ['IncompleteSignature', 400],
    ec2: ['IncompleteSignature', 400],
    json: ['IncompleteSignatureException', 400],
  },
  UnknownClient: {
    s3: ['InvalidAccessKeyId', 403],
    query: ['InvalidClientTokenId', 403],
    ec2: ['AuthFailure', 401],
    json: ['UnrecognizedClientException', 400],
  },
  SignatureDoesNotMatch: {
    s3: ['SignatureDoesNotMatch', 403],
    query: ['SignatureDoesNotMatch', 403],
    ec2: ['SignatureDoesNotMatch', 403],
    json: ['InvalidSignatureException', 400],
  },
  RequestTimeTooSkewed: {
    s3: ['RequestTimeTooSkewed', 403],
    query: ['RequestTimeTooSkewed', 403],
    ec2: ['RequestExpired', 400],
    json: ['InvalidSignatureException', 400],
  },
  ExpiredClient: {
    s3: ['ExpiredToken', 400],
    query: ['ExpiredToken', 403],
    ec2: ['ExpiredToken', 400],
    json: ['ExpiredTokenException', 400],
  },
  AccessDenied: {
    s3: ['AccessDenied', 403],
    query: ['AccessDenied', 403],
    ec2: ['UnauthorizedOperation', 403],
    json: ['AccessDeniedException', 400],
  },
  Locked: {
    s3: ['AccessDenied', 403],
    query: ['AccessDenied', 403],
    ec2: ['UnauthorizedOperation', 403],
    json: ['AccessDeniedException', 403],
  },
  ForeignCaller: {
    s3: ['AccessDenied', 403],
    query: ['AccessDenied', 403],
    ec2: ['UnauthorizedOperation', 403],
    json: ['AccessDeniedException', 403],
  },
  MethodNotAllowed: {
    s3: ['MethodNotAllowed', 405],
    query: ['MethodNotAllowed', 405],
    ec2: ['MethodNotAllowed', 405],
    json: ['MethodNotAllowedException', 405],
  },
  MalformedRequest: {
    s3: ['InvalidRequest', 400],
    query: ['InvalidRequest', 400],
    ec2: ['InvalidRequest', 400],
    json: ['InvalidRequestException', 400],
  },
  HeadersTooLarge: {
    s3: ['RequestHeaderSectionTooLarge', 431],
    query: ['RequestHeaderSectionTooLarge', 431],
    ec2: ['RequestHeaderSectionTooLarge', 431],
    json: ['RequestHeaderSectionTooLargeException', 431],
  },
  BodyTooLarge: {
    s3: ['EntityTooLarge', 400],
    query: ['RequestEntityTooLarge', 413],
    ec2: ['RequestEntityTooLarge', 413],
    json: ['RequestEntityTooLargeException', 413],
  },
  BodyHashMismatch: {
    s3: ['XAmzContentSHA256Mismatch', 400],
    query: ['SignatureDoesNotMatch', 403],
    ec2: ['SignatureDoesNotMatch', 403],
    json: ['InvalidSignatureException', 400],
  },
  IncompleteBody: {
    s3: ['IncompleteBody', 400],
    query: ['IncompleteBody', 400],
    ec2: ['IncompleteBody', 400],
    json: ['IncompleteBodyException', 400],
  },
  RequestTimeout: {
    s3: ['RequestTimeout', 408],
    query: ['RequestTimeout', 408],
    ec2: ['RequestTimeout', 408],
    json: ['RequestTimeoutException', 408],
  },
  NotSupported: {
    s3: ['NotImplemented', 501],
    query: ['NotImplemented', 501],
    ec2: ['NotImplemented', 501],
    json: ['NotImplementedException', 501],
  },
  UnknownEndpoint: {
    s3: ['InvalidRequest', 400],
    query: ['InvalidRequest', 400],
    ec2: ['InvalidRequest', 400],
    json: ['InvalidRequestException', 400],
  },
  UpstreamUnreachable: {
    s3: ['ServiceUnavailable', 502],
    query: ['ServiceUnavailable', 502],
    ec2: ['Unavailable', 502],
    json: ['ServiceUnavailableException', 502],
  },
  UpstreamTimeout: {
    s3: ['ServiceUnavailable', 504],
    query: ['ServiceUnavailable', 504],
    ec2: ['Unavailable', 504],
    json: ['ServiceUnavailableException', 504],
  },
  Busy: {
    s3: ['ServiceUnavailable', 503],
    query: ['ServiceUnavailable', 503],
    ec2: ['Unavailable', 503],
    json: ['ServiceUnavailableException', 503],
  },
  Internal: {
    s3: ['InternalError', 500],
    query: ['InternalFailure', 500],
    ec2: ['InternalError', 500],
    json: ['InternalFailure', 500],
  },
};

// REST JSON services answer signature trouble with 403, where AWS JSON uses 400 for everything the client did.
const REST_JSON_403 = new Set<Refusal>([
  'MissingAuthenticationToken',
  'UnknownClient',
  'SignatureDoesNotMatch',
  'RequestTimeTooSkewed',
  'ExpiredClient',
  'AccessDenied',
  'BodyHashMismatch',
]);

/** What is wrong with a signature, or with the key it was made with. */
const SIGNATURE_TROUBLE = new Set<Refusal>([...REST_JSON_403, 'IncompleteSignature']);
/** The API names of services that answer it with 403 though they speak AWS JSON: so it is never taken for a mistake in the input. */
const API_403 = new Set(['TrentService']);

/** The code and HTTP status that a service of this dialect would use. `api` is what the request names it by (`apiOf`). */
export function errorCode(
  { refusal, s3 }: Pick<AwsError, 'refusal' | 's3'>,
  dialect: Dialect,
  api?: string | undefined,
): WireCode {
  if (dialect === 's3' && s3 !== undefined) return s3;
  const codes = CODES[refusal];
  if (dialect === 's3' || dialect === 'query' || dialect === 'ec2') {
    const [code, status] = codes[dialect];
    return { code, status };
  }
  if (dialect === 'plain') return { code: codes.query[0], status: codes.query[1] };
  const [code, status] = codes.json;
  const forbidden =
    (dialect === 'rest-json' && REST_JSON_403.has(refusal)) ||
    (api !== undefined && API_403.has(api) && SIGNATURE_TROUBLE.has(refusal));
  return { code, status: forbidden ? 403 : status };
}
