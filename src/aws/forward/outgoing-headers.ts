import { type Header, UNSIGNED_HEADERS } from '../../core/sigv4/index.ts';

/** Hop-by-hop (RFC 9110 section 7.6.1) and what the door sets itself. */
const DROPPED = new Set([
  'authorization',
  'connection',
  'date',
  'expect',
  'host',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'x-amz-date',
  'x-amz-region-set',
  'x-amz-security-token',
]);
const ALWAYS_SIGNED = new Set(['host', 'content-type', 'content-md5']);

/** By these a proxy in front of a server tells it what was asked for: host, path, method, origin. Whoever did not sign them may not. */
const REWRITING =
  /^(?:forwarded|x-forwarded-.*|x-original-.*|x-rewrite-.*|x-host|x-real-ip|x-http-method(?:-override)?|x-method-override)$/;

/**
 * The client's headers as they go on: its signature, its token, everything hop-by-hop and what would rewrite the request without being
 * signed taken out, the rest byte for byte.
 */
export function outgoingHeaders(headers: readonly Header[], host: string, clientSigned: readonly string[]): Header[] {
  const kept: Header[] = [['Host', host]];
  for (const header of headers) {
    const name = header[0].toLowerCase();
    if (DROPPED.has(name)) continue;
    if (!REWRITING.test(name.replaceAll('_', '-')) || clientSigned.includes(name)) kept.push(header);
  }
  return kept;
}

/**
 * Names that our signature leaves out: all but Host, `x-amz-*`, Content-Type, Content-MD5 and what the client itself signed; never
 * those that proxies change on the way.
 */
export function unsignedNames(headers: readonly Header[], clientSigned: readonly string[]): ReadonlySet<string> {
  const unsigned = new Set(UNSIGNED_HEADERS);
  for (const [rawName] of headers) {
    const name = rawName.toLowerCase();
    if (!name.startsWith('x-amz-') && !ALWAYS_SIGNED.has(name) && !clientSigned.includes(name)) unsigned.add(name);
  }
  return unsigned;
}

const PRESIGN = /^x-amz-(?:algorithm|credential|date|expires|signedheaders|signature|security-token|region-set)$/i;

/** A presigned URL's raw query without its signature; every other byte stays as it is. */
export function withoutPresign(query: string): string {
  return query
    .split('&')
    .filter((part) => !PRESIGN.test(decodeName(part)))
    .join('&');
}

function decodeName(part: string): string {
  const equals = part.indexOf('=');
  const name = equals === -1 ? part : part.slice(0, equals);
  try {
    return decodeURIComponent(name);
  } catch {
    // Not a well-formed escape, so not one of ours.
    return name;
  }
}
