import type { Header } from '../../core/sigv4/index.ts';
import type { Exchange } from '../exchange.ts';
import { AwsError } from '../protocol/aws-error.ts';

const LOOPBACK = /^(?:(?:([a-z0-9_-]+(?:\.[a-z0-9_-]+)*)\.)?localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i;
/** All that AWS's APIs use. */
const METHODS = new Set(['DELETE', 'GET', 'HEAD', 'PATCH', 'POST', 'PUT']);

/**
 * Lets in only what a tool on this machine sends to a server of its own: a loopback Host, no browser, no proxy. This is the
 * defence against DNS rebinding, cross-site requests and port scans from web pages.
 * @throws AwsError `ForeignCaller`, `MethodNotAllowed`, `MalformedRequest`
 */
export function refuseForeignCallers(x: Exchange): void {
  if (isFromWebPage(x.wire.headers)) {
    throw new AwsError('ForeignCaller', 'This is the AWS endpoint of Keyhold. Web pages are not allowed to use it.');
  }
  const host = x.header('host');
  if (host === undefined) throw new AwsError('MalformedRequest', 'The request has no Host header.');
  const loopback = LOOPBACK.exec(host);
  if (loopback === null) {
    throw new AwsError(
      'ForeignCaller',
      'The Host header is not a name of this machine. Use http://127.0.0.1 or http://localhost as the endpoint.',
    );
  }
  x.hostPrefix = loopback[1];
  const { method, path } = x.wire;
  if (!METHODS.has(method)) {
    throw new AwsError('MethodNotAllowed', `Keyhold does not serve ${method}.`);
  }
  if (!path.startsWith('/')) {
    throw new AwsError('MalformedRequest', 'Keyhold is not a proxy: the request line must carry a path, not a URL.');
  }
  if (path.includes('#') || x.wire.query.includes('#')) {
    throw new AwsError('MalformedRequest', 'The request line must not carry a fragment.');
  }
  if (x.header('upgrade') !== undefined) {
    throw new AwsError('NotSupported', 'Keyhold does not switch protocols; send the request without Upgrade.');
  }
}

/** Whether a browser marked the request as one that a page made. */
export function isFromWebPage(headers: readonly Header[]): boolean {
  return headers.some(([name]) => {
    const lower = name.toLowerCase();
    return lower === 'origin' || lower.startsWith('sec-fetch-') || lower.startsWith('access-control-request-');
  });
}
