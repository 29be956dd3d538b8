import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { z } from 'zod';
import { KeyholdError, toWireError } from '../contract/errors.ts';
import { PAGE_KEY_HEADER, WEB } from '../contract/wire.ts';
import type { Clock, Logger, Random } from '../core/ports.ts';
import type { Contract } from './control-socket.ts';
import type { FileJobs } from './file-jobs.ts';
import { openLinkFiles } from './link-files.ts';
import { readFilePart } from './read-file-part.ts';
import { readJsonBody } from './read-json-body.ts';
import { listWebAssets, readWebAsset } from './web-assets.ts';
import { openEventStream } from './web-events.ts';
import { guardWebRequest } from './web-guard.ts';
import { NOT_BUILT_PAGE } from './web-not-built.ts';
import { WebSessions } from './web-sessions.ts';

export interface WebShellOptions {
  contract: Contract;
  files: Pick<FileJobs, 'part'>;
  clock: Clock;
  random: Random;
  log: Logger;
  /** The built page (`dist/renderer`). */
  folder: string;
  /** Where pages that lead to one-time links are written; emptied at start and at the end. */
  linkFolder: string;
  /** 0 = any free port. */
  port?: number;
}

export interface PageLink {
  url: string;
  /** Gone when the token is; absent where it could not be written. */
  file?: string;
}

export interface WebShell {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  /** The page's address with a fresh one-time token in the fragment, which browsers never send to a server. */
  open(): string;
  /** The same, with a page on disk that leads there: for a browser's command line, which other users can read. */
  openByFile(): PageLink;
  stop(): Promise<void>;
}

const HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=()',
  'cache-control': 'no-store',
};

const Login = z.strictObject({ token: z.string().max(200) });
const Call = z.strictObject({ method: z.string().max(128), params: z.unknown() });

/**
 * The web shell: the same page Electron shows, for the system's browser, on a loopback port of its own. A one-time token becomes an HttpOnly
 * session cookie and a key for the page's own tab, and every call needs both; every request passes `guardWebRequest` first.
 */
export async function startWebShell(options: WebShellOptions): Promise<WebShell> {
  const assets = listWebAssets(options.folder);
  const sessions = new WebSessions(options.clock, options.random);
  const streams = new Set<() => void>();
  const links = openLinkFiles(options.linkFolder, options.random);
  links.clear();
  let port = options.port ?? 0;

  const cookieName = () => `keyhold-session-${port}`;
  const signedIn = (request: IncomingMessage): boolean => {
    const pageKey = request.headers[PAGE_KEY_HEADER];
    return typeof pageKey === 'string' && sessions.valid(cookies(request, cookieName()), pageKey);
  };

  async function route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const refusal = guardWebRequest(request, port);
    if (refusal !== null) return answer(response, 403, { error: { code: 'Unauthorized', message: refusal } });
    const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
    if (!path.startsWith('/api/')) return serveAsset(request, response, path);
    if (path === WEB.session && request.method === 'POST') {
      const { token } = check(Login, await readJsonBody(request));
      const signed = sessions.redeem(token, cookies(request, cookieName()));
      if (signed === null) return answer(response, 401, { error: SIGN_IN_AGAIN.toWire() });
      const { pageKey, cookie } = signed;
      if (cookie !== undefined) {
        response.setHeader('set-cookie', `${cookieName()}=${cookie}; Path=/api/; HttpOnly; SameSite=Strict`);
      }
      return answer(response, 200, { result: { pageKey } });
    }
    if (!signedIn(request)) return answer(response, 401, { error: SIGN_IN_AGAIN.toWire() });
    if (path === WEB.call && request.method === 'POST') {
      const { method, params } = check(Call, await readJsonBody(request));
      // A contract error is an answer, not a failure of HTTP: 200 with { error }.
      return answer(response, 200, await call(options.contract, method, params));
    }
    if (path === WEB.file && request.method === 'POST') {
      const { part, bytes } = await readFilePart(request);
      return sendParts(response, await options.files.part(part, bytes));
    }
    if (path === WEB.events && request.method === 'GET') {
      return openEventStream(response, HEADERS, options.contract, streams);
    }
    answer(response, 404, { error: { code: 'NotFound', message: 'There is nothing at this address.' } });
  }

  function serveAsset(request: IncomingMessage, response: ServerResponse, path: string): void {
    const asset = assets?.get(path);
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      answer(response, 405, { error: { code: 'InvalidInput', message: 'Only GET is answered here.' } });
    } else if (asset !== undefined) {
      if (asset.immutable) response.setHeader('cache-control', 'private, max-age=31536000, immutable');
      send(response, 200, asset.type, readWebAsset(asset));
    } else if (assets === null && path === '/') {
      send(response, 200, 'text/html; charset=utf-8', NOT_BUILT_PAGE);
    } else {
      send(response, 404, 'text/plain; charset=utf-8', 'There is nothing at this address.\n');
    }
  }

  function removeLink(file: string | undefined): void {
    if (file === undefined) return;
    try {
      links.remove(file);
    } catch (error) {
      // What it says is worth nothing by now.
      options.log.error('a used one-time link could not be removed from the disk', { error });
    }
  }

  const server = createServer(
    { maxHeaderSize: 16 * 1024, headersTimeout: 10_000, requestTimeout: 30_000, keepAliveTimeout: 5_000 },
    (request, response) => {
      for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
      route(request, response).catch((error: unknown) => {
        if (!(error instanceof KeyholdError)) options.log.error('web shell', { error });
        if (response.headersSent) return response.destroy();
        // The rest of a refused body is not read.
        response.setHeader('connection', 'close');
        answer(response, error instanceof KeyholdError ? 400 : 500, { error: toWireError(error) });
      });
    },
  );
  server.maxConnections = 128;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve());
  });
  const address = server.address();
  if (address !== null && typeof address === 'object') port = address.port;
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    open: () => `${url}/#token=${sessions.issueToken()}`,
    openByFile() {
      let file: string | undefined;
      const link = `${url}/#token=${sessions.issueToken(() => removeLink(file))}`;
      try {
        file = links.write(link);
        return { url: link, file };
      } catch (error) {
        // The link itself still works, for a person who copies it.
        options.log.error('the page that leads to the one-time link could not be written', { error });
        return { url: link };
      }
    },
    async stop() {
      links.clear();
      for (const end of streams) end();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

const SIGN_IN_AGAIN = new KeyholdError(
  'Unauthorized',
  'This tab is not signed in. Run `keyhold open` for a fresh one-time link.',
);

async function call(contract: Contract, method: string, params: unknown): Promise<unknown> {
  try {
    return { result: await contract.call(method, params, 'web') };
  } catch (error) {
    return { error: toWireError(error) };
  }
}

function check<T extends z.ZodType>(schema: T, value: unknown): z.output<T> {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new KeyholdError('InvalidInput', 'The request’s JSON has another shape than expected.');
  return parsed.data;
}

function cookies(request: IncomingMessage, name: string): string[] {
  return (request.headers.cookie ?? '').split(';').flatMap((part) => {
    const [key, value = ''] = part.trim().split('=', 2);
    return key === name ? [value] : [];
  });
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  send(response, status, 'application/json; charset=utf-8', JSON.stringify(body));
}

function sendParts(response: ServerResponse, parts: readonly Buffer[]): void {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': length });
  for (const part of parts) response.write(part);
  response.end();
}

function send(response: ServerResponse, status: number, type: string, body: string | Buffer): void {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) });
  response.end(response.req.method === 'HEAD' ? undefined : body);
}
