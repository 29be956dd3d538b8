import type { KeyObject } from 'node:crypto';
import { formatAmzDate } from './amz-date.ts';
import { canonicalHeaderValue } from './canonical-headers.ts';
import { canonicalPath } from './canonical-path.ts';
import { canonicalQuery } from './canonical-query.ts';
import { canonicalHead } from './canonical-request.ts';
import { ALGORITHM_V4, DEFAULT_MAX_SKEW_MS, QUERY_SECURITY_TOKEN, QUERY_SIGNATURE } from './constants.ts';
import { type DeclaredPayload, declaredPayload } from './declared-payload.ts';
import { SigV4Error } from './errors.ts';
import { hmacSha256Hex, sameSignature } from './hash.ts';
import { type Authorization, parseAuthorization } from './parse-authorization.ts';
import { serviceRules } from './service-rules.ts';
import { stringToSign } from './string-to-sign.ts';
import type { Charset, ServiceRules, SigV4Request } from './types.ts';
import { verifyV4aSignature } from './v4a/verify-signature.ts';

export interface VerifyOptions {
  /** Our time in milliseconds since the epoch. */
  readonly now: number;
  /** Default: five minutes. */
  readonly maxSkewMs?: number;
  /** Hex SHA-256 of the body as received. Needed where the payload is `body`; compared where it is `sha256`. */
  readonly bodyHash?: string;
  /** Result of `parseAuthorization` for this request, where the caller has it. */
  readonly authorization?: Authorization;
  /** Result of `declaredPayload`, likewise. */
  readonly payload?: DeclaredPayload;
  /** The session token was added after signing and is not covered. */
  readonly omitSessionToken?: boolean;
  /** Default: by the scope's service. */
  readonly rules?: ServiceRules;
}

/** A request whose form, times and headers are in order; its body may still be on its way. */
export interface CheckedForm {
  readonly authorization: Authorization;
  readonly payload: DeclaredPayload;
  readonly charset: Charset;
  /** The canonical request up to its last line, the payload's hash. */
  readonly head: string;
}

/** The same with its payload: only the signature remains to be checked. */
export interface PreparedVerification {
  readonly authorization: Authorization;
  readonly payload: DeclaredPayload;
  readonly canonicalRequest: string;
  readonly stringToSign: string;
}

/** What checks the signature: the derived key of the scope, or SigV4a's public key. */
export type VerificationKey = { readonly signingKey: Uint8Array } | { readonly publicKey: KeyObject };

const OMIT_SIGNATURE: ReadonlySet<string> = new Set([QUERY_SIGNATURE]);
const OMIT_SIGNATURE_AND_TOKEN: ReadonlySet<string> = new Set([QUERY_SIGNATURE, QUERY_SECURITY_TOKEN]);

function checkTime(authorization: Authorization, now: number, maxSkewMs: number): void {
  const { signedAt, expiresSeconds } = authorization;
  const limited = authorization.location === 'query' && expiresSeconds !== undefined;
  const inTime = limited
    ? signedAt - now <= maxSkewMs && now <= signedAt + expiresSeconds * 1000
    : Math.abs(now - signedAt) <= maxSkewMs;
  if (inTime) return;
  const details = {
    requestTime: authorization.timestamp,
    serverTime: formatAmzDate(now),
    maxAllowedSkewMilliseconds: String(maxSkewMs),
  };
  if (limited) {
    const message = signedAt - now > maxSkewMs ? 'Request is not yet valid' : 'Request has expired';
    throw new SigV4Error('AccessDenied', message, details);
  }
  const edge = signedAt < now ? now - maxSkewMs : now + maxSkewMs;
  const message =
    authorization.scope.service === 's3'
      ? 'The difference between the request time and the current time is too large.'
      : `${signedAt < now ? 'Signature expired' : 'Signature not yet current'}: ${authorization.timestamp} is ${signedAt < now ? 'now earlier' : 'still later'} than ${formatAmzDate(edge)} (${details.serverTime} ${signedAt < now ? '-' : '+'} ${maxSkewMs / 60_000} min.)`;
  throw new SigV4Error('RequestTimeTooSkewed', message, details);
}

/** Canonical header lines of exactly the signed headers. Every `x-amz-*` header present must be among them. */
function signedHeaderBlock(request: SigV4Request, authorization: Authorization, omitSessionToken: boolean): string {
  const names = authorization.signedHeaders;
  const values: (string | undefined)[] = new Array(names.length);
  for (const [rawName, rawValue] of request.headers) {
    const name = rawName.toLowerCase();
    const at = names.indexOf(name);
    if (at === -1) {
      if (!name.startsWith('x-amz-') || (omitSessionToken && name === 'x-amz-security-token')) continue;
      throw new SigV4Error('AccessDenied', 'There were headers present in the request which were not signed', {
        headersNotSigned: name,
      });
    }
    const value = canonicalHeaderValue(rawValue);
    const earlier = values[at];
    values[at] = earlier === undefined ? value : `${earlier},${value}`;
  }
  let block = '';
  for (let i = 0; i < names.length; i++) {
    const value = values[i];
    if (value === undefined) {
      throw new SigV4Error(
        'SignatureDoesNotMatch',
        `The signed header '${names[i] ?? ''}' is missing from the request.`,
      );
    }
    block += `${names[i] ?? ''}:${value}\n`;
  }
  return block;
}

/**
 * What can be judged before the body is there: form of the authorization, times, signed headers.
 * @throws SigV4Error
 */
export function checkForm(request: SigV4Request, options: Omit<VerifyOptions, 'bodyHash'>): CheckedForm {
  const authorization = options.authorization ?? parseAuthorization(request);
  const rules = options.rules ?? serviceRules(authorization.scope.service);
  const charset = request.charset ?? 'utf8';
  checkTime(authorization, options.now, options.maxSkewMs ?? DEFAULT_MAX_SKEW_MS);
  const payload = options.payload ?? declaredPayload(request, authorization, rules);
  const omitToken = options.omitSessionToken === true;
  const inQuery = authorization.location === 'query';
  const omit = inQuery ? (omitToken ? OMIT_SIGNATURE_AND_TOKEN : OMIT_SIGNATURE) : undefined;
  const head = canonicalHead({
    method: request.method,
    path: canonicalPath(request.path, rules, charset),
    query: canonicalQuery(request.query, charset, omit),
    headerBlock: signedHeaderBlock(request, authorization, omitToken),
    signedHeaders: authorization.signedHeaders.join(';'),
  });
  return { authorization, payload, charset, head };
}

/**
 * The rest, when the body has been read, or need not be: the times once more, the payload, the canonical request.
 * @throws SigV4Error
 */
export function completeForm(
  { authorization, payload, charset, head }: CheckedForm,
  options: Pick<VerifyOptions, 'now' | 'maxSkewMs' | 'bodyHash'>,
): PreparedVerification {
  checkTime(authorization, options.now, options.maxSkewMs ?? DEFAULT_MAX_SKEW_MS);
  const canonical = head + payloadHashOf(payload, options.bodyHash);
  const { algorithm, timestamp, scopeText } = authorization;
  const text = stringToSign(algorithm, timestamp, scopeText, canonical, charset);
  return { authorization, payload, canonicalRequest: canonical, stringToSign: text };
}

/** The canonical request's last line. */
function payloadHashOf(payload: DeclaredPayload, bodyHash: string | undefined): string {
  if (payload.kind === 'body') {
    if (bodyHash !== undefined) return bodyHash;
    throw new SigV4Error('InvalidRequest', "This request's signature covers its body; read and hash the body first.");
  }
  if (payload.kind === 'sha256' && bodyHash !== undefined && bodyHash !== payload.hash) {
    throw new SigV4Error(
      'XAmzContentSHA256Mismatch',
      "The provided 'x-amz-content-sha256' header does not match what was computed.",
      {
        clientComputedContentSHA256: payload.hash,
        s3ComputedContentSHA256: bodyHash,
      },
    );
  }
  return payload.hash;
}

/**
 * All of verification except the key.
 * @throws SigV4Error
 */
export function prepareVerification(request: SigV4Request, options: VerifyOptions): PreparedVerification {
  return completeForm(checkForm(request, options), options);
}

/** The error for a signature that does not match; carries what we computed, as S3 does. */
export function signatureMismatch(prepared: PreparedVerification): SigV4Error {
  return new SigV4Error(
    'SignatureDoesNotMatch',
    'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
    {
      accessKeyId: prepared.authorization.accessKeyId,
      stringToSign: prepared.stringToSign,
      canonicalRequest: prepared.canonicalRequest,
    },
  );
}

/** True if the signature is right. Constant time in the signature. */
export function signatureMatches(prepared: PreparedVerification, key: VerificationKey): boolean {
  const { algorithm, signature } = prepared.authorization;
  if (algorithm === ALGORITHM_V4) {
    return 'signingKey' in key && sameSignature(hmacSha256Hex(key.signingKey, prepared.stringToSign), signature);
  }
  return 'publicKey' in key && verifyV4aSignature(key.publicKey, prepared.stringToSign, signature);
}

/**
 * Verifies a signed request, header or query form, SigV4 or SigV4a. Returns only if it is right. The body is covered only as
 * `payload` says: for `sha256` the caller compares the hash of what it reads, for `streaming` it decodes.
 * @throws SigV4Error `SignatureDoesNotMatch`, `RequestTimeTooSkewed`, `AccessDenied` (expired, not yet valid, unsigned
 * `x-amz-*` header), `XAmzContentSHA256Mismatch`, and all of `parseAuthorization` and `declaredPayload`.
 */
export function verifyRequest(
  request: SigV4Request,
  key: VerificationKey,
  options: VerifyOptions,
): PreparedVerification {
  const prepared = prepareVerification(request, options);
  requireMatch(prepared, key);
  return prepared;
}

/** The last step of `verifyRequest`. Throws `SignatureDoesNotMatch`. */
export function requireMatch(prepared: PreparedVerification, key: VerificationKey): void {
  if (!signatureMatches(prepared, key)) throw signatureMismatch(prepared);
}

/**
 * The same with the key elsewhere: `check` answers whether the signature is that of the string to sign (the HSM's
 * `sigv4Verify`).
 * @throws SigV4Error as `verifyRequest`, and whatever `check` rejects with.
 */
export async function verifyRequestWith(
  request: SigV4Request,
  check: (prepared: PreparedVerification) => Promise<boolean>,
  options: VerifyOptions,
): Promise<PreparedVerification> {
  const prepared = prepareVerification(request, options);
  if (!(await check(prepared))) throw signatureMismatch(prepared);
  return prepared;
}
