import type { IncomingMessage } from 'node:http';

/**
 * Why a request to the web shell is not let in, or null. Host must be this listener by a loopback name (DNS rebinding); Origin, which browsers send
 * with every POST, must be this very page; Sec-Fetch-Site, where sent, must not say that another page asks.
 */
export function guardWebRequest(request: IncomingMessage, port: number): string | null {
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
  const host = request.headers.host;
  if (host === undefined || !hosts.includes(host)) return 'This page answers only as 127.0.0.1 or localhost.';
  const origin = request.headers.origin;
  if (origin !== undefined && origin !== `http://${host}`) return 'Another page may not ask here.';
  if (origin === undefined && request.method === 'POST') return 'A POST needs its Origin.';
  const site = request.headers['sec-fetch-site'];
  if (site === undefined || site === 'same-origin') return null;
  // `none`: typed, bookmarked or opened by the system, never by a page.
  const opened = site === 'none' && request.method === 'GET' && !(request.url ?? '').startsWith('/api/');
  return opened ? null : 'Another page may not ask here.';
}
