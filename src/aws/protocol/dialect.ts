import { isS3 } from '../services.ts';

/**
 * How a caller expects an error to look.
 * - `s3`: `<Error>`; - `query`: `<ErrorResponse><Error>`, also Route 53's and CloudFront's REST XML; - `ec2`:
 * `<Response><Errors><Error>`; - `json`: AWS JSON 1.0/1.1; - `rest-json`; - `cbor`: Smithy RPC v2 CBOR; - `plain`: a browser.
 */
export type Dialect = 's3' | 'query' | 'ec2' | 'json' | 'rest-json' | 'cbor' | 'plain';

export interface DialectSigns {
  header(name: string): string | undefined;
  /** Raw query, without the question mark. */
  query: string;
  /** Signing name, where the request names one. */
  service: string | undefined;
}

const REST_XML = new Set(['route53', 'cloudfront']);

/** The dialect of a request, from what its client put into it. Without any sign: S3's, whose parser every XML client shares. */
export function detectDialect(signs: DialectSigns): Dialect {
  const { service } = signs;
  const contentType = signs.header('content-type')?.toLowerCase() ?? '';
  if (signs.header('smithy-protocol') === 'rpc-v2-cbor' || contentType === 'application/cbor') return 'cbor';
  if (signs.header('x-amz-target') !== undefined || contentType.startsWith('application/x-amz-json-1.')) return 'json';
  if (service !== undefined && isS3(service)) return 's3';
  if (contentType.startsWith('application/x-www-form-urlencoded') || /(?:^|&)Action=/.test(signs.query)) {
    return service === 'ec2' ? 'ec2' : 'query';
  }
  if (service !== undefined) return REST_XML.has(service) ? 'query' : 'rest-json';
  return looksLikeBrowser(signs) ? 'plain' : 's3';
}

/** The API that a request names by its target (AWS JSON) or its path (CBOR): `TrentService` for the KMS. Undefined for other protocols. */
export function apiOf({
  header,
  wire,
}: {
  header: DialectSigns['header'];
  wire: { path: string };
}): string | undefined {
  const target = header('x-amz-target');
  return target === undefined ? /^\/service\/([^/]+)\/operation\//.exec(wire.path)?.[1] : target.split('.')[0];
}

function looksLikeBrowser(signs: DialectSigns): boolean {
  return (
    signs.header('origin') !== undefined ||
    signs.header('sec-fetch-mode') !== undefined ||
    signs.header('accept')?.includes('text/html') === true
  );
}
