import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { Socket } from 'node:net';
import { type AwsReply, answerAws, reply, type S3State, s3Error, type Tables } from './upstream-services.ts';
import {
  BadSignature,
  checkSignature,
  decodeChunked,
  readSignature,
  type SignedBy,
  type UpstreamKey,
} from './upstream-verify.ts';

/** What the upstream saw of one request. */
export interface SeenRequest {
  method: string;
  /** Raw path and query. */
  target: string;
  rawHeaders: string[];
  header(name: string): string | undefined;
  by: SignedBy | null;
  /** Bytes on the wire, chunk framing included. */
  bodyBytes: number;
  bodySha256: string;
  /** Chunks of a signed or unsigned aws-chunked body, and its trailers. */
  chunks?: number;
  trailers?: Record<string, string>;
  /** null: the signature was verified with the real key. */
  failure: string | null;
  /** The body arrived whole. */
  complete: boolean;
}

export interface UpstreamOptions {
  /** Real keys; a request signed with any other is refused. */
  keys: UpstreamKey[];
  tls?: { key: string; cert: string };
  /** Default: the system's. */
  now?: () => number;
  port?: number;
  /** Keep bodies (needed by S3). Off: they are hashed and dropped. */
  keepBodies?: boolean;
}

export interface Upstream {
  url: string;
  port: number;
  seen: SeenRequest[];
  /** Reasons why requests were refused. Empty at the end of a good test. */
  failures: string[];
  /** Connections accepted so far. */
  connections: number;
  s3: S3State;
  tables: Tables;
  /** Put in the place of the services: gets the verified request. Answers false to leave it to the services. */
  script: ((seen: SeenRequest, request: IncomingMessage, response: ServerResponse) => boolean) | null;
  /** Called as soon as headers are in, before the body; true if it takes the request over. */
  onHead: ((request: IncomingMessage, response: ServerResponse) => boolean) | null;
  close(): Promise<void>;
}

/**
 * A small AWS on loopback that checks the SigV4 signature of every request with a library of its own and then answers for STS, S3, IAM,
 * DynamoDB, SSM and Lambda from memory.
 */
export async function startUpstream(options: UpstreamOptions): Promise<Upstream> {
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    handle(request, response).catch((error: unknown) => {
      upstream.failures.push(String(error));
      response.destroy();
    });
  };
  const server: Server =
    options.tls === undefined
      ? createServer({ maxHeaderSize: 1 << 17 }, listener)
      : createHttpsServer({ maxHeaderSize: 1 << 17, ...options.tls }, listener);
  server.requestTimeout = 0;
  server.keepAliveTimeout = 60_000;
  const sockets = new Set<Socket>();
  server.on(options.tls === undefined ? 'connection' : 'secureConnection', (socket: Socket) => {
    upstream.connections++;
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (upstream.onHead?.(request, response) === true) return;
    const parts: Buffer[] = [];
    const hash = createHash('sha256');
    let bodyBytes = 0;
    const seen: SeenRequest = {
      method: request.method ?? '',
      target: request.url ?? '',
      rawHeaders: request.rawHeaders,
      header: (name) => {
        const value = request.headers[name];
        return Array.isArray(value) ? value.join(',') : value;
      },
      by: null,
      bodyBytes: 0,
      bodySha256: '',
      failure: null,
      complete: false,
    };
    upstream.seen.push(seen);
    const keep = options.keepBodies !== false;
    try {
      for await (const chunk of request) {
        if (!Buffer.isBuffer(chunk)) throw new TypeError('bytes expected');
        bodyBytes += chunk.length;
        seen.bodyBytes = bodyBytes;
        hash.update(chunk);
        if (keep || bodyBytes < 1_000_000) parts.push(chunk);
      }
    } catch {
      // The door broke the request off; that is for the test to judge.
      return;
    }
    seen.complete = true;
    const raw = Buffer.concat(parts);
    seen.bodySha256 = hash.digest('hex');
    let answer: AwsReply;
    try {
      const by = readSignature(request);
      seen.by = by;
      const key = options.keys.find(({ accessKeyId }) => accessKeyId === by.accessKeyId);
      if (key === undefined) throw new BadSignature(`unknown key ${by.accessKeyId}`);
      await checkSignature(request, by, key, raw, options.now?.() ?? Date.now());
      if (by.payload !== undefined && /^[0-9a-f]{64}$/.test(by.payload) && by.payload !== seen.bodySha256) {
        throw new BadSignature('XAmzContentSHA256Mismatch');
      }
      let body: Buffer = raw;
      if (by.payload?.startsWith('STREAMING-') === true) {
        const decoded = await decodeChunked(raw, by, key);
        if (String(decoded.data.length) !== seen.header('x-amz-decoded-content-length'))
          throw new BadSignature('decoded length');
        body = decoded.data;
        seen.chunks = decoded.chunks;
        seen.trailers = decoded.trailers;
      }
      if (upstream.script?.(seen, request, response) === true) return;
      const [path = '/', query = ''] = seen.target.split(/\?(.*)/s);
      answer = answerAws(
        { by, method: seen.method, path, query: new URLSearchParams(query), header: seen.header, body },
        upstream,
      );
    } catch (error) {
      if (!(error instanceof BadSignature)) throw error;
      seen.failure = error.message;
      upstream.failures.push(`${seen.method} ${seen.target}: ${error.message}`);
      answer =
        seen.by === null || seen.by.service === 's3'
          ? s3Error(403, 'SignatureDoesNotMatch', error.message)
          : reply(
              403,
              'text/xml',
              `<ErrorResponse><Error><Type>Sender</Type><Code>SignatureDoesNotMatch</Code><Message>${error.message}</Message></Error></ErrorResponse>`,
            );
    }
    await send(answer, seen.method, response);
  }

  const upstream: Upstream = {
    url: '',
    port: 0,
    seen: [],
    failures: [],
    connections: 0,
    s3: { buckets: new Map(), uploads: new Map() },
    tables: new Map(),
    script: null,
    onHead: null,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve));
  const address = server.address();
  upstream.port = typeof address === 'object' && address !== null ? address.port : 0;
  upstream.url = `${options.tls === undefined ? 'http' : 'https'}://127.0.0.1:${upstream.port}`;
  return upstream;
}

async function send(answer: AwsReply, method: string, response: ServerResponse): Promise<void> {
  const length = answer.body.reduce((sum, part) => sum + part.length, 0);
  const headers = { ...answer.headers };
  if (answer.status !== 204) headers['content-length'] ??= String(length);
  response.writeHead(answer.status, headers);
  if (method !== 'HEAD') {
    for (const part of answer.body) {
      // In pieces: one write of 100 MB would sit in memory twice.
      for (let at = 0; at < part.length; at += 1 << 18) {
        if (response.destroyed) return;
        if (!response.write(part.subarray(at, at + (1 << 18)))) {
          await new Promise<void>((resolve) => {
            const go = (): void => {
              response.off('drain', go).off('close', go);
              resolve();
            };
            response.on('drain', go).on('close', go);
          });
        }
      }
    }
  }
  response.end();
}
