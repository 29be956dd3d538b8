import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type ErrorCode, KeyholdError, toWireError, type WireError } from '../contract/errors.ts';
import type { ContainerCredentials } from '../core/leave/container-leases.ts';
import type { Clock, Logger } from '../core/ports.ts';

export interface ContainerEndpointOptions {
  /** Throws `Unauthorized` for a token that is not the lease's. */
  fetch(id: string, token: string, caller: AbortSignal): Promise<ContainerCredentials>;
  clock: Clock;
  log: Logger;
}

const PATH = '/v1/credentials';
const TARGET = /^\/v1\/credentials\/([0-9a-f]{32})$/;
const LONGEST_TOKEN = 256;
const WARN_MS = 60_000;

/**
 * Credentials for tools that cannot use an endpoint, in the way of Amazon ECS (https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html): GET with a bearer
 * token on a loopback address and a port of its own. It listens only while somebody has a lease. What a web page sends, or sends by a name that was bound to this machine, is refused
 * whatever its token is.
 */
export class ContainerEndpoint {
  readonly #options: ContainerEndpointOptions;
  #opening: Promise<{ server: Server; port: number }> | undefined;
  #warnedAt = Number.NEGATIVE_INFINITY;

  constructor(options: ContainerEndpointOptions) {
    this.#options = options;
  }

  /** `http://127.0.0.1:49152/v1/credentials`, to be followed by a lease's id; opened where it is not open. Throws `PortInUse`. */
  async open(): Promise<string> {
    this.#opening ??= this.#listen();
    try {
      return `http://127.0.0.1:${(await this.#opening).port}${PATH}`;
    } catch (error) {
      this.#opening = undefined;
      throw error;
    }
  }

  async close(): Promise<void> {
    const opening = this.#opening;
    this.#opening = undefined;
    const server = (await opening?.catch(() => undefined))?.server;
    if (server === undefined) return;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    await closed;
  }

  #listen(): Promise<{ server: Server; port: number }> {
    const server = createServer(
      { maxHeaderSize: 8192, headersTimeout: 5000, requestTimeout: 5000, keepAliveTimeout: 1000 },
      (request, response) => {
        request.on('error', noop);
        response.on('error', noop);
        this.#serve(request, response, portOf(server)).catch((error: unknown) => {
          this.#options.log.error('the container endpoint', { error });
          response.destroy();
        });
      },
    );
    server.maxConnections = 64;
    server.maxRequestsPerSocket = 16;
    return new Promise((resolve, reject) => {
      server.once('error', (cause) => {
        reject(
          new KeyholdError('PortInUse', 'The container endpoint cannot be opened on this machine.', undefined, {
            cause,
          }),
        );
      });
      server.listen(0, '127.0.0.1', () => resolve({ server, port: portOf(server) }));
    });
  }

  async #serve(request: IncomingMessage, response: ServerResponse, port: number): Promise<void> {
    try {
      refuseForeign(request, port);
      const id = TARGET.exec(request.url ?? '')?.[1];
      if (id === undefined) throw new Refused(404, 'NotFound', `There is nothing here but ${PATH}.`);
      const token = request.headers.authorization ?? '';
      if (token.length === 0 || token.length > LONGEST_TOKEN) {
        throw new Refused(401, 'Unauthorized', 'The Authorization header has to be the token that Keyhold gave.');
      }
      const gone = new AbortController();
      response.once('close', () => gone.abort());
      const credentials = await this.#options.fetch(id, token, gone.signal);
      const body = bodyOf(credentials);
      // Whoever asked has gone, so it will not close once more.
      if (response.destroyed) {
        body.fill(0);
        return;
      }
      // Node has written it to the socket, or never will, when this runs.
      const wipe = (): void => void body.fill(0);
      response.once('close', wipe);
      send(response, 200, body);
    } catch (error) {
      this.#refuse(response, error);
    }
  }

  #refuse(response: ServerResponse, error: unknown): void {
    if (!(error instanceof KeyholdError || error instanceof Refused)) this.#options.log.error('container', { error });
    const { code, message } = error instanceof Refused ? error : helpful(toWireError(error));
    const status = error instanceof Refused ? error.status : (STATUS[toWireError(error).code] ?? 403);
    if (status === 401 || error instanceof Refused) this.#warn(message);
    // Some SDKs read these names in small letters, some in capital ones.
    const body = Buffer.from(JSON.stringify({ code, message, Code: code, Message: message }));
    send(response, status, body);
  }

  /** Somebody who is not meant knocks: worth a line, not a thousand. */
  #warn(message: string): void {
    const now = this.#options.clock.monotonic();
    if (now - this.#warnedAt < WARN_MS) return;
    this.#warnedAt = now;
    this.#options.log.warn('a request was refused at the container endpoint', { message });
  }
}

/** What may pass by itself is 503, which SDKs try again; what needs a person is 403 with a sentence that they show. */
const STATUS: Readonly<Partial<Record<ErrorCode, number>>> = {
  Unauthorized: 401,
  Unreachable: 503,
  Timeout: 503,
  HsmCrashed: 503,
  Internal: 500,
};

/** Who reads it has a tool's output before them, and no window of Keyhold's. */
function helpful(error: WireError): WireError {
  if (error.code !== 'Locked' || error.details?.['found'] !== undefined) return error;
  return { code: error.code, message: 'Keyhold is locked. Run "keyhold unlock" and try again.' };
}

class Refused extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

function refuseForeign({ headers, method, url }: IncomingMessage, port: number): void {
  const names = Object.keys(headers);
  if (names.some((name) => name === 'origin' || name.startsWith('sec-fetch-') || name.startsWith('access-control-'))) {
    throw new Refused(403, 'ForeignCaller', 'Web pages get no credentials from Keyhold.');
  }
  if (headers.host !== `127.0.0.1:${port}` && headers.host !== `localhost:${port}`) {
    throw new Refused(
      403,
      'ForeignCaller',
      'The Host header is not this machine’s. Use the address that Keyhold gave.',
    );
  }
  if (method !== 'GET') throw new Refused(405, 'MethodNotAllowed', 'Credentials are fetched with GET.');
  const length = headers['content-length'];
  if ((length !== undefined && length !== '0') || headers['transfer-encoding'] !== undefined) {
    throw new Refused(400, 'MalformedRequest', 'A request for credentials has no body.');
  }
  if (url?.startsWith('/') !== true) throw new Refused(400, 'MalformedRequest', 'This is no proxy.');
}

function send(response: ServerResponse, status: number, body: Buffer): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': body.length,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  response.end(body);
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Put together from bytes, so that it can be wiped; wipes what it is made of. */
function bodyOf({ accessKeyId, secret, token, expiresAt }: ContainerCredentials): Buffer {
  const parts: Uint8Array[] = [
    Buffer.from(`{"AccessKeyId":${JSON.stringify(accessKeyId)},"SecretAccessKey":"`),
    escaped(secret),
    Buffer.from('","Token":"'),
    escaped(token),
    Buffer.from(`","Expiration":${JSON.stringify(new Date(expiresAt).toISOString())}}`),
  ];
  secret.fill(0);
  token.fill(0);
  const body = Buffer.concat(parts);
  for (const part of parts) part.fill(0);
  return body;
}

/** As the inside of a JSON string. Both are visible ASCII: the HSM takes nothing else. */
function escaped(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(bytes.length * 2);
  let length = 0;
  for (const byte of bytes) {
    if (byte === QUOTE || byte === BACKSLASH) out[length++] = BACKSLASH;
    out[length++] = byte;
  }
  const exact = out.slice(0, length);
  out.fill(0);
  return exact;
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function noop(): void {}
