import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { KeyholdError } from '../contract/errors.ts';
import { equal } from '../core/crypto/equal.ts';
import type { Redirect } from '../core/sign-ins/driver.ts';

const LONGEST_QUERY = 16 * 1024;
const PAGE_HEADERS = {
  'Content-Type': 'text/html; charset=utf-8',
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'none'",
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  Connection: 'close',
};

/**
 * A page of 127.0.0.1 that a browser is sent back to after signing in (RFC 8252 section 7.3), on a port that the system chooses, until it is closed. It takes one request: of this very
 * Host, for this path, with this state. Everything else is refused and changes nothing, so that no other page can end a sign-in, or begin one of its own.
 */
export function openRedirect({ path, state }: { path: string; state: string }): Promise<Redirect> {
  const server = createServer();
  let arrive = (_query: URLSearchParams): void => undefined;
  let giveUp = (_error: KeyholdError): void => undefined;
  const arrived = new Promise<URLSearchParams>((resolve, reject) => {
    arrive = resolve;
    giveUp = reject;
  });
  // Who closes it early may not listen any more.
  arrived.catch(() => undefined);
  const close = (): void => {
    giveUp(new KeyholdError('Cancelled', 'Nobody waits for the browser any more. Sign in again.'));
    server.close();
    server.closeIdleConnections();
  };
  server.headersTimeout = 10_000;
  server.requestTimeout = 10_000;
  server.maxConnections = 16;
  server.on('request', (request, response) => {
    const query = queryOf(request, { path, state, port: portOf(server.address()) });
    if (typeof query === 'string') {
      answer(response, 400, 'Not the page that was expected', query);
      return;
    }
    answer(
      response,
      200,
      query.has('code') ? 'Back to Keyhold' : 'Not signed in',
      query.has('code')
        ? 'The browser is done; Keyhold goes on by itself. You can close this page.'
        : 'Signing in was refused. You can close this page, and sign in again in Keyhold.',
    );
    arrive(query);
  });
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      reject(
        new KeyholdError(
          'Unreachable',
          'No port of this computer could be opened for the browser to come back to. Sign in with a code instead (--device).',
          undefined,
          { cause: error },
        ),
      );
    });
    server.listen({ host: '127.0.0.1', port: 0 }, () => {
      resolve({ uri: `http://127.0.0.1:${portOf(server.address())}${path}`, arrived, close });
    });
  });
}

/** The query of the request that is waited for, or why this is another one. */
function queryOf(
  { method, url = '/', headers }: IncomingMessage,
  { path, state, port }: { path: string; state: string; port: number },
): URLSearchParams | string {
  if (headers.host !== `127.0.0.1:${port}`) return 'This page answers only as 127.0.0.1.';
  if (method !== 'GET') return 'This page is only looked at.';
  const mark = url.indexOf('?');
  if (mark === -1 || url.slice(0, mark) !== path) return 'There is nothing here.';
  if (url.length > LONGEST_QUERY) return 'The address is too long.';
  const query = new URLSearchParams(url.slice(mark + 1));
  const given = query.getAll('state');
  const fits = given.length === 1 && equal(Buffer.from(given[0] ?? ''), Buffer.from(state));
  return fits ? query : 'This address is of another attempt to sign in. Begin again in Keyhold.';
}

function answer(response: ServerResponse, status: number, title: string, text: string): void {
  response.writeHead(status, PAGE_HEADERS);
  response.end(
    `<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>${title}</title></head><body><h1>${title}</h1><p>${text}</p></body></html>\n`,
  );
}

function portOf(address: string | { port: number } | null): number {
  return typeof address === 'object' && address !== null ? address.port : 0;
}
