import { formatAmzDate } from './amz-date.ts';
import { canonicalHeaders } from './canonical-headers.ts';
import { canonicalPath } from './canonical-path.ts';
import { canonicalQuery } from './canonical-query.ts';
import { canonicalRequest } from './canonical-request.ts';
import { ALGORITHM_V4, ALGORITHM_V4A } from './constants.ts';
import { SigV4Error } from './errors.ts';
import { scopeText, scopeTextV4a } from './scope.ts';
import { serviceRules } from './service-rules.ts';
import { stringToSign } from './string-to-sign.ts';
import type { Algorithm, Header, Scope, ServiceRules, SigV4Request } from './types.ts';
import { UNSIGNED_HEADERS } from './unsigned-headers.ts';

/** What header signing and presigning have in common. */
export interface SigningOptions {
  readonly accessKeyId: string;
  readonly region: string;
  readonly service: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly sessionToken?: string;
  /** Add the session token after signing, outside the signature (a few services want that). */
  readonly omitSessionToken?: boolean;
  /** SigV4a instead of SigV4: the regions the signature is good for, `*` allowed. `region` is then not used. */
  readonly regionSet?: readonly string[];
  /** Default: by service name. */
  readonly rules?: ServiceRules;
  /** Header names (lower case) that are not signed. Default: `UNSIGNED_HEADERS`. */
  readonly unsignedHeaders?: ReadonlySet<string>;
}

export interface HeaderSigningOptions extends SigningOptions {
  /**
   * Hex SHA-256 of the body, `UNSIGNED-PAYLOAD` or a `STREAMING-…` value. Default: the request's own
   * `x-amz-content-sha256`.
   */
  readonly payloadHash?: string;
  /** Send `x-amz-content-sha256`. Default: when the service requires it or the request has it. */
  readonly contentSha256Header?: boolean;
}

/** Everything about a signature except the signature, ready for whoever holds the key. */
export interface PreparedHeaderSigning {
  readonly algorithm: Algorithm;
  readonly accessKeyId: string;
  readonly scope: Scope;
  /** The credential scope as text. */
  readonly scopeText: string;
  /** `YYYYMMDDTHHMMSSZ` */
  readonly timestamp: string;
  /** Names joined by `;`. */
  readonly signedHeaders: string;
  readonly payloadHash: string;
  readonly canonicalRequest: string;
  readonly stringToSign: string;
  /** The headers to send, without Authorization. */
  readonly headers: readonly Header[];
}

/**
 * First half of header signing: drops what an earlier signer left (`Authorization`, `X-Amz-Date`, `Date`,
 * `X-Amz-Security-Token`, `X-Amz-Region-Set`), adds the headers of this signature and computes the string to sign.
 * @throws SigV4Error `InvalidArgument` without a Host header or a payload hash, or with two that differ.
 */
export function prepareHeaderSigning(request: SigV4Request, options: HeaderSigningOptions): PreparedHeaderSigning {
  const rules = options.rules ?? serviceRules(options.service);
  const charset = request.charset ?? 'utf8';
  const timestamp = formatAmzDate(options.now);
  const scope: Scope = { date: timestamp.slice(0, 8), region: options.region, service: options.service };
  const algorithm = options.regionSet === undefined ? ALGORITHM_V4 : ALGORITHM_V4A;
  const scopeAsText = options.regionSet === undefined ? scopeText(scope) : scopeTextV4a(scope);

  let hasHost = false;
  let ownHash: string | undefined;
  const headers: Header[] = [];
  for (const header of request.headers) {
    switch (header[0].toLowerCase()) {
      case 'authorization':
      case 'date':
      case 'x-amz-date':
      case 'x-amz-security-token':
      case 'x-amz-region-set':
        continue;
      case 'host':
        hasHost = true;
        break;
      case 'x-amz-content-sha256':
        ownHash = header[1];
        break;
    }
    headers.push(header);
  }
  if (!hasHost) throw new SigV4Error('InvalidArgument', 'A request needs a Host header before it can be signed.');
  const payloadHash = options.payloadHash ?? ownHash;
  if (payloadHash === undefined || (ownHash !== undefined && ownHash !== payloadHash)) {
    throw new SigV4Error(
      'InvalidArgument',
      'Give the payload hash of the request to be signed, the same as in its x-amz-content-sha256 header.',
    );
  }

  let unsigned = options.unsignedHeaders ?? UNSIGNED_HEADERS;
  if (options.sessionToken !== undefined) {
    headers.push(['X-Amz-Security-Token', options.sessionToken]);
    if (options.omitSessionToken === true) unsigned = new Set([...unsigned, 'x-amz-security-token']);
  }
  headers.push(['X-Amz-Date', timestamp]);
  if (options.regionSet !== undefined) headers.push(['X-Amz-Region-Set', options.regionSet.join(',')]);
  if (ownHash === undefined && (options.contentSha256Header ?? rules.contentSha256Header)) {
    headers.push(['x-amz-content-sha256', payloadHash]);
  }

  const { block, names } = canonicalHeaders(headers, unsigned);
  const canonical = canonicalRequest({
    method: request.method,
    path: canonicalPath(request.path, rules, charset),
    query: canonicalQuery(request.query, charset),
    headerBlock: block,
    signedHeaders: names,
    payloadHash,
  });
  return {
    algorithm,
    accessKeyId: options.accessKeyId,
    scope,
    scopeText: scopeAsText,
    timestamp,
    signedHeaders: names,
    payloadHash,
    canonicalRequest: canonical,
    stringToSign: stringToSign(algorithm, timestamp, scopeAsText, canonical, charset),
    headers,
  };
}

/** Value of the Authorization header once the signature is known. */
export function authorizationHeader(prepared: PreparedHeaderSigning, signature: string): string {
  return `${prepared.algorithm} Credential=${prepared.accessKeyId}/${prepared.scopeText}, SignedHeaders=${prepared.signedHeaders}, Signature=${signature}`;
}

/** Second half of header signing: all headers to send, Authorization last. */
export function finishHeaderSigning(prepared: PreparedHeaderSigning, signature: string): Header[] {
  return [...prepared.headers, ['Authorization', authorizationHeader(prepared, signature)]];
}
