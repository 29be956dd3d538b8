import { randomUUID } from 'node:crypto';
import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { KeyholdError } from '../contract/errors.ts';
import type { DoorBackend } from '../core/door.ts';
import type { TouchCall, UsedTouch } from '../core/gates/touch-call.ts';
import type { Clock, Logger } from '../core/ports.ts';
import { auditExchange, auditUnreadable } from './audit.ts';
import { ClientGone } from './body/body-chunks.ts';
import type { DoorParts, UnderWay } from './door-parts.ts';
import { createExchange, type Exchange } from './exchange.ts';
import { createUpstreamAgents, type UpstreamAgentOptions } from './forward/agents.ts';
import { DEFAULT_LIMITS, type DoorLimits } from './limits.ts';
import { passThrough } from './pipeline.ts';
import { answerRefusal, rawRefusal } from './protocol/answer-refusal.ts';
import { asRefusal } from './protocol/as-refusal.ts';
import type { AwsError } from './protocol/aws-error.ts';
import { errorCode } from './protocol/error-code.ts';
import { unreadableRequest } from './protocol/unreadable-request.ts';

/** HTTPS has a port of its own. */
export interface TlsOptions {
  /** PEM */
  key: string;
  cert: string;
  /** Default: the system chooses. */
  port?: number;
}

export interface DoorOptions {
  backend: DoorBackend;
  clock: Clock;
  log: Logger;
  /** 0 lets the system choose. */
  port: number;
  /** A loopback address. */
  host?: '127.0.0.1' | '::1';
  /** Also serve HTTPS from the beginning. */
  tls?: TlsOptions;
  limits?: Partial<DoorLimits>;
  upstreamAgentOptions?: UpstreamAgentOptions;
  /** Told of the bytes of an upstream's answer that have been passed on. */
  passed?: (bytes: number) => void;
}

export interface Door {
  readonly port: number;
  /** Undefined while HTTPS is not served. */
  readonly tlsPort: number | undefined;
  /** Serves HTTPS too; HTTP goes on meanwhile. Throws `PortInUse`. */
  openTls(tls: TlsOptions): Promise<void>;
  /** Stops only HTTPS, as `close` does. */
  closeTls(): Promise<void>;
  /** Stops listening, lets requests under way end for a few seconds, then breaks what is left. */
  close(): Promise<void>;
}

/**
 * Opens the AWS endpoint on loopback.
 * @throws KeyholdError `PortInUse`
 */
export async function startDoor(options: DoorOptions): Promise<Door> {
  const { backend, clock, log } = options;
  const limits: DoorLimits = { ...DEFAULT_LIMITS, ...options.limits };
  const host = options.host ?? '127.0.0.1';
  const agents = createUpstreamAgents(options.upstreamAgentOptions);
  const { passed } = options;
  const door: DoorParts = { backend, clock, log, limits, agents, passed, held: { bytes: 0 }, open: new WeakMap() };

  const http = configure(createHttpServer(serverOptions(limits)), door);
  const port = await listen(http, host, options.port);
  let https: { server: Server; port: number } | undefined;
  const opened: Door = {
    port,
    get tlsPort() {
      return https?.port;
    },
    async openTls({ key, cert, port: tlsPort = 0 }) {
      await opened.closeTls();
      const server = configure(createHttpsServer({ ...serverOptions(limits), minVersion: 'TLSv1.2', key, cert }), door);
      https = { server, port: await listen(server, host, tlsPort) };
    },
    async closeTls() {
      const closing = https;
      https = undefined;
      if (closing !== undefined) await closeServers([closing.server], door);
    },
    async close() {
      await closeServers(https === undefined ? [http] : [http, https.server], door);
      agents.destroy();
    },
  };
  try {
    if (options.tls !== undefined) await opened.openTls(options.tls);
    return opened;
  } catch (error) {
    await opened.close();
    throw error;
  }
}

function serverOptions(limits: DoorLimits) {
  return {
    maxHeaderSize: limits.headerBytes,
    headersTimeout: limits.headersMs,
    // A gigabyte over a slow line takes its time; bodies have an idle limit of their own.
    requestTimeout: 0,
    keepAliveTimeout: limits.keepAliveMs,
    connectionsCheckingInterval: Math.min(1000, limits.headersMs),
    insecureHTTPParser: false,
    // Checked in the pipeline, so that the refusal is answered and audited like every other.
    requireHostHeader: false,
    noDelay: true,
  };
}

function configure<S extends Server>(server: S, door: DoorParts): S {
  server.maxConnections = door.limits.connections;
  // Counted in the pipeline: Node would drop what exceeds its own limit without a word.
  server.maxHeadersCount = 0;
  server.on(
    'request',
    (request: IncomingMessage, response: ServerResponse) => void serve(request, response, false, door),
  );
  server.on(
    'checkContinue',
    (request: IncomingMessage, response: ServerResponse) => void serve(request, response, true, door),
  );
  server.on(
    'checkExpectation',
    (request: IncomingMessage, response: ServerResponse) => void serve(request, response, false, door),
  );
  server.on('connect', (request: IncomingMessage, socket: Duplex) => refuseConnect(request, socket, door));
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => refuseUnreadable(error, socket, door));
  server.on('drop', () => {
    door.log.warn('Too many connections to the AWS endpoint; one was closed.', { limit: door.limits.connections });
  });
  return server;
}

function noop(): void {}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  expectsContinue: boolean,
  door: DoorParts,
): Promise<void> {
  const x = createExchange(randomUUID(), request, response, expectsContinue);
  const startedAt = door.clock.monotonic();
  // A connection that breaks is found out by whoever reads or writes; without a listener it would end the daemon.
  request.on('error', noop);
  response.on('error', noop);
  const underWay = underWayOn(request.socket, door);
  underWay.exchange = x;
  try {
    await door.backend.onBehalfOf(new OnBehalfOf(x), () => passThrough(x, door));
  } catch (error) {
    await refuse(x, error, door);
  } finally {
    if (underWay.exchange === x) underWay.exchange = undefined;
    auditExchange(x, startedAt, door);
  }
}

/**
 * A class for its getter: an object literal with one would be given a hidden class of its own each time, and by way of that V8 keeps the request and all that it came with until the
 * next full collection.
 */
class OnBehalfOf implements TouchCall {
  readonly touches: UsedTouch[];
  readonly #x: Exchange;

  constructor(x: Exchange) {
    this.#x = x;
    this.touches = x.audit.touches;
  }

  what(): string {
    return describeUse(this.#x);
  }

  get signal(): AbortSignal {
    return whenGone(this.#x.response);
  }
}

function underWayOn(socket: Duplex, { open }: DoorParts): UnderWay {
  const known = open.get(socket);
  if (known !== undefined) return known;
  const underWay: UnderWay = { exchange: undefined };
  open.set(socket, underWay);
  return underWay;
}

/** Aborts when the client has gone. Made when somebody asks for it, which a touch of a security key does and few requests ever do. */
function whenGone(response: ServerResponse): AbortSignal {
  const gone = new AbortController();
  if (response.closed) gone.abort();
  else response.once('close', () => gone.abort());
  return gone.signal;
}

/** For who is asked to touch a security key: `let aws-cli use deploy (s3 ListBuckets)`. */
function describeUse({ client, audit }: Exchange): string {
  const asked = [audit.service, audit.action].filter((part) => part !== undefined).join(' ');
  if (client === null) return `let somebody do ${asked}`;
  return `let ${client.name} use ${client.kind === 'remote' && client.key !== undefined ? client.key.name : client.account.name} (${asked})`;
}

async function refuse(x: Exchange, error: unknown, door: DoorParts): Promise<void> {
  if (error instanceof ClientGone) {
    x.audit.reason ??= error.message;
    x.response.destroy();
    return;
  }
  const refusal: AwsError = asRefusal(error);
  x.audit.reason = refusal.message;
  x.audit.refusal = refusal.refusal;
  if (refusal.refusal === 'Internal') {
    door.log.error('A request to the AWS endpoint failed inside Keyhold.', { requestId: x.id, error: describe(error) });
  }
  try {
    await answerRefusal(x, refusal, door);
  } catch (failure) {
    door.log.warn('A refusal could not be sent.', { requestId: x.id, error: describe(failure) });
    x.response.destroy();
  }
}

function refuseConnect(request: IncomingMessage, socket: Duplex, door: DoorParts): void {
  const id = randomUUID();
  const refusal = unreadableRequest('CONNECT');
  socket.on('error', () => {});
  socket.end(rawRefusal(refusal, id));
  auditUnreadable(id, refusal, request.method, door);
}

function refuseUnreadable(error: NodeJS.ErrnoException, socket: Duplex, door: DoorParts): void {
  // A reset, or a connection that never sent a byte, is not a request.
  if (error.code === 'ECONNRESET' || !socket.writable || bytesRead(socket) === 0) {
    socket.destroy();
    return;
  }
  const refusal = unreadableRequest(error.code ?? '');
  const x = door.open.get(socket)?.exchange;
  if (x === undefined) {
    const id = randomUUID();
    socket.end(rawRefusal(refusal, id));
    auditUnreadable(id, refusal, undefined, door);
    return;
  }
  // The body of a request under way turned out to be malformed: its own audit entry says so.
  if (!x.response.headersSent) {
    socket.end(rawRefusal(refusal, x.id));
    x.audit.answered = errorCode(refusal, 's3').status;
  } else if (x.audit.allowed) socket.destroy();
  else socket.end();
  x.audit.reason ??= refusal.message;
  x.audit.refusal ??= refusal.refusal;
}

function bytesRead(socket: Duplex): number {
  return 'bytesRead' in socket && typeof socket.bytesRead === 'number' ? socket.bytesRead : 0;
}

function describe(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : 'unknown error';
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException): void => {
      reject(
        error.code === 'EADDRINUSE' || error.code === 'EACCES'
          ? new KeyholdError(
              'PortInUse',
              `Port ${port} on ${host} is ${error.code === 'EACCES' ? 'not allowed' : 'taken'}; choose another with \`keyhold serve --port N\`.`,
              { port },
              { cause: error },
            )
          : error,
      );
    };
    server.once('error', failed);
    server.listen({ host, port, exclusive: true }, () => {
      server.off('error', failed);
      server.on('error', () => {});
      const address: AddressInfo | string | null = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

async function closeServers(servers: readonly Server[], { clock, limits }: DoorParts): Promise<void> {
  const closed = servers.map(
    (server) =>
      new Promise<void>((resolve) => {
        if (!server.listening) return resolve();
        server.close(() => resolve());
        server.closeIdleConnections();
      }),
  );
  const timer = clock.setTimer(limits.closeMs, () => {
    for (const server of servers) server.closeAllConnections();
  });
  await Promise.all(closed);
  timer.cancel();
}
