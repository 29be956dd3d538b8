import { formatAmzDate } from '../amz-date.ts';
import { canonicalHeaders } from '../canonical-headers.ts';
import { canonicalPath } from '../canonical-path.ts';
import { canonicalQuery } from '../canonical-query.ts';
import { canonicalRequest } from '../canonical-request.ts';
import { sha256TextHex } from '../hash.ts';
import { scopeText } from '../scope.ts';
import { serviceRules } from '../service-rules.ts';
import type { Header, SigV4Request } from '../types.ts';
import { UNSIGNED_HEADERS } from '../unsigned-headers.ts';

export type X509Algorithm = 'AWS4-X509-RSA-SHA256' | 'AWS4-X509-ECDSA-SHA256';

/** Who signs: a certificate, the ones between it and its root (nearest first), each as base64 of its DER, and the serial number in decimal. */
export interface X509Identity {
  readonly algorithm: X509Algorithm;
  readonly certificate: string;
  readonly chain: readonly string[];
  readonly serial: string;
}

export interface PreparedX509Signing {
  readonly canonicalRequest: string;
  /** What the certificate’s private key signs, over SHA-256: there is no derived key. */
  readonly stringToSign: string;
  /** The headers to send, without Authorization. */
  readonly headers: readonly Header[];
  /** Value of the Authorization header. */
  authorization(signature: Uint8Array): string;
}

/**
 * Signing with a certificate (IAM Roles Anywhere, “Signing process”): SigV4’s canonical request with the certificate in a header, and its serial number in the place of an access key id.
 * @param request with its Host and Content-Type headers
 */
export function prepareX509Signing(
  request: SigV4Request,
  { identity, region, service, now, payloadHash }: X509SigningOptions,
): PreparedX509Signing {
  const { algorithm, certificate, chain, serial } = identity;
  const rules = serviceRules(service);
  const timestamp = formatAmzDate(now);
  const scope = scopeText({ date: timestamp.slice(0, 8), region, service });
  const headers: Header[] = [...request.headers, ['X-Amz-Date', timestamp], ['X-Amz-X509', certificate]];
  if (chain.length > 0) headers.push(['X-Amz-X509-Chain', chain.join(',')]);
  const { block, names } = canonicalHeaders(headers, UNSIGNED_HEADERS);
  const canonical = canonicalRequest({
    method: request.method,
    path: canonicalPath(request.path, rules, 'utf8'),
    query: canonicalQuery(request.query, 'utf8'),
    headerBlock: block,
    signedHeaders: names,
    payloadHash,
  });
  return {
    canonicalRequest: canonical,
    stringToSign: `${algorithm}\n${timestamp}\n${scope}\n${sha256TextHex(canonical, 'utf8')}`,
    headers,
    authorization: (signature) =>
      `${algorithm} Credential=${serial}/${scope}, SignedHeaders=${names}, Signature=${Buffer.from(signature).toString('hex')}`,
  };
}

export interface X509SigningOptions {
  readonly identity: X509Identity;
  readonly region: string;
  readonly service: string;
  /** ms since epoch */
  readonly now: number;
  /** Hex SHA-256 of the body. */
  readonly payloadHash: string;
}
