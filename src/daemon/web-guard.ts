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
  return opened || isLinkFromElsewhere(request) ? null : 'Another page may not ask here.';
}

/**
 * The file that `keyhold open` hands to the browser counts as another site. What it may do is what any link may: show the start page, which is the
 * same for everybody, in a tab of its own.
 */
function isLinkFromElsewhere(request: IncomingMessage): boolean {
  const { headers, method, url } = request;
  return (
    headers['sec-fetch-site'] === 'cross-site' &&
    headers['sec-fetch-mode'] === 'navigate' &&
    headers['sec-fetch-dest'] === 'document' &&
    headers.origin === undefined &&
    method === 'GET' &&
    url === '/'
  );
}
