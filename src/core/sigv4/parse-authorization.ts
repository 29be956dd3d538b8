import { formatAmzDate, parseAmzDate, parseDateHeader } from './amz-date.ts';
import {
  ALGORITHM_V4,
  ALGORITHM_V4A,
  MAX_PRESIGN_SECONDS,
  QUERY_ALGORITHM,
  QUERY_CREDENTIAL,
  QUERY_DATE,
  QUERY_EXPIRES,
  QUERY_REGION_SET,
  QUERY_SECURITY_TOKEN,
  QUERY_SIGNATURE,
  QUERY_SIGNED_HEADERS,
} from './constants.ts';
import { SigV4Error, type SigV4ErrorCode } from './errors.ts';
import { parseCredential } from './parse-credential.ts';
import { parseSignedHeaders } from './parse-signed-headers.ts';
import type { Scope, SigV4Request } from './types.ts';
import { uriDecode } from './uri-encode.ts';

interface Common {
  readonly location: 'header' | 'query';
  readonly accessKeyId: string;
  /** The credential scope as the client wrote it. */
  readonly scopeText: string;
  /** `YYYYMMDDTHHMMSSZ` */
  readonly timestamp: string;
  /** The same in milliseconds since the epoch. */
  readonly signedAt: number;
  /** Lower case, ascending, each once, `host` among them. */
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  /** Query form only, where given: 0 to 604,800. */
  readonly expiresSeconds?: number;
  readonly sessionToken?: string;
}
export interface V4Authorization extends Common {
  readonly algorithm: typeof ALGORITHM_V4;
  readonly scope: Scope;
}
export interface V4aAuthorization extends Common {
  readonly algorithm: typeof ALGORITHM_V4A;
  readonly scope: { readonly date: string; readonly service: string };
  readonly regionSet: readonly string[];
}
export type Authorization = V4Authorization | V4aAuthorization;

const HEX_64 = /^[0-9a-f]{64}$/;
/** DER of two 32-byte integers is 8 to 72 bytes. */
const HEX_DER = /^30[0-9a-f]{14,142}$/;
const DECIMAL = /^\d{1,10}$/;
const MAX_REGIONS = 64;

/** Lower-case names of the query parameters a signature is made of, and how they must be written. */
const QUERY_NAMES: ReadonlyMap<string, string> = new Map(
  [
    QUERY_ALGORITHM,
    QUERY_CREDENTIAL,
    QUERY_DATE,
    QUERY_EXPIRES,
    QUERY_SIGNED_HEADERS,
    QUERY_SIGNATURE,
    QUERY_SECURITY_TOKEN,
    QUERY_REGION_SET,
  ].map((name) => [name.toLowerCase(), name]),
);

/** What headers say about authentication. A second copy of any of them is refused. */
interface AuthHeaders {
  authorization?: string;
  'x-amz-date'?: string;
  date?: string;
  'x-amz-security-token'?: string;
  'x-amz-region-set'?: string;
  host?: string;
}

function collectHeaders(request: SigV4Request): AuthHeaders {
  const found: AuthHeaders = {};
  for (const [rawName, value] of request.headers) {
    const name = rawName.toLowerCase();
    switch (name) {
      case 'authorization':
      case 'x-amz-date':
      case 'date':
      case 'x-amz-security-token':
      case 'x-amz-region-set':
      case 'host':
        if (found[name] !== undefined) {
          throw new SigV4Error('InvalidRequest', `The request has more than one ${rawName} header.`);
        }
        found[name] = value;
        break;
    }
  }
  return found;
}

function collectQuery(request: SigV4Request): Map<string, string> {
  const found = new Map<string, string>();
  if (request.query === '') return found;
  const charset = request.charset ?? 'utf8';
  for (const part of request.query.split('&')) {
    const equals = part.indexOf('=');
    const name = uriDecode(equals === -1 ? part : part.slice(0, equals), charset);
    const spelled = QUERY_NAMES.get(name.toLowerCase());
    if (spelled === undefined) continue;
    if (spelled !== name) {
      throw new SigV4Error('AuthorizationQueryParametersError', `Write the query parameter as ${spelled}.`);
    }
    if (found.has(name)) {
      throw new SigV4Error('AuthorizationQueryParametersError', `The query has more than one ${name} parameter.`);
    }
    found.set(name, equals === -1 ? '' : uriDecode(part.slice(equals + 1), charset));
  }
  return found;
}

function parseSignature(text: string, algorithm: string, code: SigV4ErrorCode): string {
  const form = algorithm === ALGORITHM_V4 ? HEX_64 : HEX_DER;
  if (!form.test(text) || text.length % 2 !== 0) {
    throw new SigV4Error(code, `The signature of ${algorithm} must be lower-case hex of the right length.`);
  }
  return text;
}

function parseRegionSet(text: string | undefined, code: SigV4ErrorCode): string[] {
  const regions = (text ?? '').split(',').map((region) => region.trim());
  if (regions.length > MAX_REGIONS || regions.some((region) => !/^[a-z0-9*-]{1,64}$/.test(region))) {
    throw new SigV4Error(
      code,
      `${ALGORITHM_V4A} needs X-Amz-Region-Set with a comma-separated list of at most ${MAX_REGIONS} regions.`,
    );
  }
  return regions;
}

function checkScopeDate(scopeDate: string, timestamp: string, code: SigV4ErrorCode): void {
  if (scopeDate !== timestamp.slice(0, 8)) {
    throw new SigV4Error(
      code,
      `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '${scopeDate}' != '${timestamp.slice(0, 8)}', from '${timestamp}'.`,
    );
  }
}

function build(
  algorithm: string,
  credentialText: string,
  regionSetText: string | undefined,
  code: SigV4ErrorCode,
  rest: Omit<Common, 'accessKeyId' | 'scopeText'>,
): Authorization {
  const credential = parseCredential(credentialText, algorithm === ALGORITHM_V4A, code);
  checkScopeDate(credential.date, rest.timestamp, code);
  const common = { ...rest, accessKeyId: credential.accessKeyId, scopeText: credential.scopeText };
  const { date, region, service } = credential;
  return algorithm === ALGORITHM_V4
    ? { ...common, algorithm: ALGORITHM_V4, scope: { date, region, service } }
    : { ...common, algorithm: ALGORITHM_V4A, scope: { date, service }, regionSet: parseRegionSet(regionSetText, code) };
}

function required(name: string, found: string | undefined): string {
  if (found !== undefined && found !== '') return found;
  throw new SigV4Error('IncompleteSignature', `Authorization header requires '${name}' parameter.`);
}

function parseHeaderForm(value: string, headers: AuthHeaders): Authorization {
  const code = 'IncompleteSignature';
  const space = value.indexOf(' ');
  const algorithm = space === -1 ? value : value.slice(0, space);
  if (algorithm === 'AWS') {
    throw new SigV4Error(
      'InvalidRequest',
      `The authorization mechanism you have provided is not supported. Please use ${ALGORITHM_V4}.`,
    );
  }
  if (algorithm !== ALGORITHM_V4 && algorithm !== ALGORITHM_V4A) {
    throw new SigV4Error(code, `Unsupported AWS 'algorithm'. Sign with ${ALGORITHM_V4} or ${ALGORITHM_V4A}.`);
  }
  const given: Partial<Record<'Credential' | 'SignedHeaders' | 'Signature', string>> = {};
  for (const part of space === -1 ? [] : value.slice(space + 1).split(',')) {
    const text = part.trim();
    const equals = text.indexOf('=');
    const name = text.slice(0, Math.max(equals, 0));
    if (name !== 'Credential' && name !== 'SignedHeaders' && name !== 'Signature') {
      throw new SigV4Error(code, 'The Authorization header must consist of Credential, SignedHeaders and Signature.');
    }
    if (given[name] !== undefined)
      throw new SigV4Error(code, `The Authorization header has more than one '${name}' parameter.`);
    given[name] = text.slice(equals + 1);
  }
  const credential = required('Credential', given.Credential);
  const signature = parseSignature(required('Signature', given.Signature), algorithm, code);
  const signedHeaders = parseSignedHeaders(required('SignedHeaders', given.SignedHeaders), code);

  const amzDate = headers['x-amz-date'];
  const dateText = amzDate ?? headers.date;
  if (dateText === undefined) {
    throw new SigV4Error(code, "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.");
  }
  const signedAt = amzDate === undefined ? parseDateHeader(dateText) : parseAmzDate(amzDate);
  if (signedAt === null) {
    throw new SigV4Error(code, 'Date must be in ISO-8601 basic format, such as 20150830T123600Z.');
  }
  const sessionToken = headers['x-amz-security-token'];
  return build(algorithm, credential, headers['x-amz-region-set'], code, {
    location: 'header',
    timestamp: formatAmzDate(signedAt),
    signedAt,
    signedHeaders,
    signature,
    ...(sessionToken === undefined ? {} : { sessionToken }),
  });
}

function parseExpires(text: string): number {
  const code = 'AuthorizationQueryParametersError';
  if (text.startsWith('-')) throw new SigV4Error(code, 'X-Amz-Expires must be non-negative');
  if (!DECIMAL.test(text)) throw new SigV4Error(code, 'X-Amz-Expires should be a number');
  const seconds = Number(text);
  if (seconds > MAX_PRESIGN_SECONDS) {
    throw new SigV4Error(
      code,
      `X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than ${MAX_PRESIGN_SECONDS} seconds`,
    );
  }
  return seconds;
}

function parseQueryForm(query: ReadonlyMap<string, string>): Authorization {
  const code = 'AuthorizationQueryParametersError';
  const required = (name: string): string => {
    const found = query.get(name);
    if (found === undefined || found === '')
      throw new SigV4Error(code, `AWS query-string parameters must include '${name}'.`);
    return found;
  };
  const algorithm = required(QUERY_ALGORITHM);
  if (algorithm !== ALGORITHM_V4 && algorithm !== ALGORITHM_V4A) {
    throw new SigV4Error(code, `X-Amz-Algorithm only supports "${ALGORITHM_V4} and ${ALGORITHM_V4A}"`);
  }
  const credential = required(QUERY_CREDENTIAL);
  const signature = parseSignature(required(QUERY_SIGNATURE), algorithm, code);
  const signedHeaders = parseSignedHeaders(required(QUERY_SIGNED_HEADERS), code);
  const timestamp = required(QUERY_DATE);
  const signedAt = parseAmzDate(timestamp);
  if (signedAt === null)
    throw new SigV4Error(code, `X-Amz-Date must be in the ISO8601 Long Format "yyyyMMdd'T'HHmmss'Z'"`);
  const expires = query.get(QUERY_EXPIRES);
  const sessionToken = query.get(QUERY_SECURITY_TOKEN);
  return build(algorithm, credential, query.get(QUERY_REGION_SET), code, {
    location: 'query',
    timestamp,
    signedAt,
    signedHeaders,
    signature,
    ...(expires === undefined ? {} : { expiresSeconds: parseExpires(expires) }),
    ...(sessionToken === undefined ? {} : { sessionToken }),
  });
}

/**
 * Reads the signature of a request from its Authorization header or its query, strictly: nothing doubled, nothing unknown,
 * nothing in another spelling. Proves nothing yet; `verifyRequest` does.
 * @throws SigV4Error `MissingAuthenticationToken`, `IncompleteSignature`,
 * `AuthorizationQueryParametersError`, `InvalidArgument` (signed in both places), `InvalidRequest`, `SignatureDoesNotMatch`
 * (Host is not signed).
 */
export function parseAuthorization(request: SigV4Request): Authorization {
  const headers = collectHeaders(request);
  const query = collectQuery(request);
  const inQuery = query.has(QUERY_ALGORITHM) || query.has(QUERY_SIGNATURE) || query.has(QUERY_CREDENTIAL);
  if (headers.authorization !== undefined) {
    if (inQuery) {
      throw new SigV4Error(
        'InvalidArgument',
        'Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or the Authorization header should be specified',
      );
    }
    return parseHeaderForm(headers.authorization, headers);
  }
  if (inQuery) return parseQueryForm(query);
  throw new SigV4Error('MissingAuthenticationToken', 'Request is missing Authentication Token');
}
