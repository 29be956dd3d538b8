import { formatAmzDate } from './amz-date.ts';
import { canonicalHeaders } from './canonical-headers.ts';
import { canonicalPath } from './canonical-path.ts';
import { canonicalQuery } from './canonical-query.ts';
import { canonicalRequest } from './canonical-request.ts';
import {
  ALGORITHM_V4,
  ALGORITHM_V4A,
  EMPTY_SHA256,
  MAX_PRESIGN_SECONDS,
  QUERY_ALGORITHM,
  QUERY_CREDENTIAL,
  QUERY_DATE,
  QUERY_EXPIRES,
  QUERY_REGION_SET,
  QUERY_SECURITY_TOKEN,
  QUERY_SIGNATURE,
  QUERY_SIGNED_HEADERS,
  UNSIGNED_PAYLOAD,
} from './constants.ts';
import { SigV4Error } from './errors.ts';
import { scopeText, scopeTextV4a } from './scope.ts';
import { serviceRules } from './service-rules.ts';
import type { SigningOptions } from './sign-headers.ts';
import { stringToSign } from './string-to-sign.ts';
import type { Algorithm, Scope, SigV4Request } from './types.ts';
import { UNSIGNED_HEADERS } from './unsigned-headers.ts';
import { uriEncode } from './uri-encode.ts';

export interface PresignOptions extends SigningOptions {
  /** 1 to 604,800. */
  readonly expiresSeconds: number;
  /** Default: `UNSIGNED-PAYLOAD` for S3, else the hash of an empty body. */
  readonly payloadHash?: string;
}

export interface PreparedPresign {
  readonly algorithm: Algorithm;
  readonly scope: Scope;
  readonly scopeText: string;
  /** `YYYYMMDDTHHMMSSZ` */
  readonly timestamp: string;
  readonly signedHeaders: string;
  readonly payloadHash: string;
  readonly canonicalRequest: string;
  readonly stringToSign: string;
  /** The raw query without `X-Amz-Signature`. */
  readonly query: string;
}

const AUTH_PARAMETER =
  /(?:^|&)x-amz-(?:algorithm|credential|date|expires|signedheaders|signature|security-token|region-set)=/i;

/**
 * First half of query signing ("presigning"): the request's own query stays as it is, the signature's parameters follow.
 * @throws SigV4Error `InvalidArgument` without a Host header or for a query that is signed already;
 * `AuthorizationQueryParametersError` for a lifetime out of range.
 */
export function preparePresign(request: SigV4Request, options: PresignOptions): PreparedPresign {
  const rules = options.rules ?? serviceRules(options.service);
  const charset = request.charset ?? 'utf8';
  const seconds = options.expiresSeconds;
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > MAX_PRESIGN_SECONDS) {
    throw new SigV4Error(
      'AuthorizationQueryParametersError',
      `A presigned URL lives for 1 to ${MAX_PRESIGN_SECONDS} seconds; choose a lifetime in that range.`,
    );
  }
  if (AUTH_PARAMETER.test(request.query)) {
    throw new SigV4Error('InvalidArgument', 'This query is signed already; presign the request without its signature.');
  }
  if (!request.headers.some(([name]) => name.toLowerCase() === 'host')) {
    throw new SigV4Error('InvalidArgument', 'A request needs a Host header before it can be signed.');
  }
  const timestamp = formatAmzDate(options.now);
  const scope: Scope = { date: timestamp.slice(0, 8), region: options.region, service: options.service };
  const v4a = options.regionSet !== undefined;
  const algorithm = v4a ? ALGORITHM_V4A : ALGORITHM_V4;
  const scopeAsText = v4a ? scopeTextV4a(scope) : scopeText(scope);
  const payloadHash = options.payloadHash ?? (rules.presignUnsignedPayload ? UNSIGNED_PAYLOAD : EMPTY_SHA256);
  const { block, names } = canonicalHeaders(request.headers, options.unsignedHeaders ?? UNSIGNED_HEADERS);

  const parameters: [string, string][] = [
    [QUERY_ALGORITHM, algorithm],
    [QUERY_CREDENTIAL, `${options.accessKeyId}/${scopeAsText}`],
    [QUERY_DATE, timestamp],
    [QUERY_SIGNED_HEADERS, names],
    [QUERY_EXPIRES, String(seconds)],
  ];
  if (options.sessionToken !== undefined) parameters.push([QUERY_SECURITY_TOKEN, options.sessionToken]);
  if (options.regionSet !== undefined) parameters.push([QUERY_REGION_SET, options.regionSet.join(',')]);
  let query = request.query;
  for (const [name, value] of parameters) query += `${query === '' ? '' : '&'}${name}=${uriEncode(value)}`;

  const canonical = canonicalRequest({
    method: request.method,
    path: canonicalPath(request.path, rules, charset),
    query: canonicalQuery(query, charset, options.omitSessionToken === true ? TOKEN_ONLY : undefined),
    headerBlock: block,
    signedHeaders: names,
    payloadHash,
  });
  return {
    algorithm,
    scope,
    scopeText: scopeAsText,
    timestamp,
    signedHeaders: names,
    payloadHash,
    canonicalRequest: canonical,
    stringToSign: stringToSign(algorithm, timestamp, scopeAsText, canonical, charset),
    query,
  };
}

const TOKEN_ONLY: ReadonlySet<string> = new Set([QUERY_SECURITY_TOKEN]);

/** Second half: the whole raw query. */
export function finishPresign(prepared: PreparedPresign, signature: string): string {
  return `${prepared.query}&${QUERY_SIGNATURE}=${signature}`;
}
