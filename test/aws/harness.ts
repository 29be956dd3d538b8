import { createHash } from 'node:crypto';
import { type Agent, request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { afterEach } from 'vitest';
import { type Door, type DoorLimits, type DoorOptions, startDoor } from '../../src/aws/index.ts';
import type { Clock } from '../../src/core/ports.ts';
import {
  createRequestSigner,
  deriveV4aKeyPair,
  finishHeaderSigning,
  type Header,
  prepareHeaderSigning,
  signV4aString,
  UNSIGNED_HEADERS,
} from '../../src/core/sigv4/index.ts';
import { CLIENT_KEY, type FakeBackend, fakeDoorBackend, VAULTED_KEY } from '../support/door-backend.ts';
import { silentLogger } from '../support/silent-logger.ts';
import { startUpstream, type Upstream, type UpstreamOptions } from '../support/upstream.ts';

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimer(milliseconds, run) {
    const timer = setTimeout(run, milliseconds);
    return { cancel: () => clearTimeout(timer) };
  },
};

export interface SendOptions {
  method?: string;
  /** Raw path and query. */
  target?: string;
  service?: string;
  region?: string;
  /** Sign with SigV4a for these regions. */
  regionSet?: string[];
  headers?: Header[];
  body?: Buffer | Readable;
  /** Default: the hash of a Buffer body. */
  payloadHash?: string;
  /** Send x-amz-content-sha256. Default: S3 only. */
  declareHash?: boolean;
  key?: { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
  now?: number;
  host?: string;
  /** Change the signed headers before they are sent. */
  tamper?: (headers: Header[]) => Header[];
  agent?: Agent;
  keepBody?: boolean;
}

export interface Answer {
  status: number;
  statusMessage: string;
  headers: IncomingHttpHeaders;
  rawHeaders: string[];
  trailers: NodeJS.Dict<string>;
  body: Buffer;
  text: string;
  bytes: number;
}

export interface Harness {
  door: Door;
  upstream: Upstream;
  fake: FakeBackend;
  sign(options: SendOptions): { target: string; headers: Header[] };
  send(options: SendOptions): Promise<Answer>;
  /** Writes bytes on a fresh connection and answers everything that comes back until it closes. */
  raw(bytes: string | Buffer, options?: { end?: boolean; endAfterMs?: number }): Promise<string>;
}

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});
export const cleanUp = (close: () => Promise<void>): void => void open.push(close);

export async function startHarness(
  options: {
    limits?: Partial<DoorLimits>;
    upstream?: Partial<UpstreamOptions>;
    endpointPath?: string;
    clock?: Clock;
    door?: Partial<DoorOptions>;
  } = {},
): Promise<Harness> {
  const upstream = await startUpstream({ keys: [VAULTED_KEY], ...options.upstream });
  cleanUp(() => upstream.close());
  const fake = fakeDoorBackend(upstream.url + (options.endpointPath ?? ''));
  const door = await startDoor({
    backend: fake.backend,
    clock: options.clock ?? systemClock,
    log: silentLogger,
    port: 0,
    limits: { lingerMs: 300, closeMs: 300, ...options.limits },
    ...options.door,
  });
  cleanUp(() => door.close());

  function sign(input: SendOptions): { target: string; headers: Header[] } {
    const { method = 'GET', target = '/', service = 's3', region = 'eu-central-1', key = CLIENT_KEY } = input;
    const [path = '/', query = ''] = target.split(/\?(.*)/s);
    const payloadHash =
      input.payloadHash ??
      createHash('sha256')
        .update(Buffer.isBuffer(input.body) ? input.body : '')
        .digest('hex');
    const headers: Header[] = [['Host', input.host ?? `127.0.0.1:${door.port}`], ...(input.headers ?? [])];
    const request = { method, path, query, headers, charset: 'latin1' as const };
    const options = {
      now: input.now ?? Date.now(),
      payloadHash,
      unsignedHeaders: new Set([...UNSIGNED_HEADERS, 'content-length', 'range', 'accept']),
      ...(input.declareHash === undefined ? {} : { contentSha256Header: input.declareHash }),
    };
    let signed: Header[];
    if (input.regionSet === undefined) {
      signed = createRequestSigner({ ...key, region, service }).sign(request, options);
    } else {
      const prepared = prepareHeaderSigning(request, {
        ...options,
        ...key,
        region: '',
        service,
        regionSet: input.regionSet,
      });
      const { privateKey } = deriveV4aKeyPair(key.accessKeyId, key.secretAccessKey);
      signed = finishHeaderSigning(prepared, signV4aString(privateKey, prepared.stringToSign));
    }
    return { target, headers: input.tamper?.(signed) ?? signed };
  }

  function send(input: SendOptions): Promise<Answer> {
    const { headers, target } = sign(input);
    const flat = headers.flat();
    const has = (name: string): boolean => headers.some(([one]) => one.toLowerCase() === name);
    if (Buffer.isBuffer(input.body) && !has('content-length')) flat.push('Content-Length', String(input.body.length));
    else if (input.body !== undefined && !has('content-length')) flat.push('Transfer-Encoding', 'chunked');
    return new Promise((resolve, reject) => {
      const request = httpRequest({
        host: '127.0.0.1',
        port: door.port,
        method: input.method ?? 'GET',
        path: target,
        headers: flat,
        setHost: false,
        agent: input.agent ?? false,
      });
      request.on('error', reject);
      request.on('response', (response) => {
        const parts: Buffer[] = [];
        let bytes = 0;
        response.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          if (input.keepBody !== false) parts.push(chunk);
        });
        response.on('error', reject);
        response.on('end', () => {
          const body = Buffer.concat(parts);
          resolve({
            status: response.statusCode ?? 0,
            statusMessage: response.statusMessage ?? '',
            headers: response.headers,
            rawHeaders: response.rawHeaders,
            trailers: response.trailers,
            body,
            text: body.toString('utf8'),
            bytes,
          });
        });
      });
      if (input.body === undefined || Buffer.isBuffer(input.body)) request.end(input.body);
      else pipeline(input.body, request).catch(() => {});
    });
  }

  function raw(
    bytes: string | Buffer,
    { end = false, endAfterMs }: { end?: boolean; endAfterMs?: number } = {},
  ): Promise<string> {
    return new Promise((resolve) => {
      const socket = connect(door.port, '127.0.0.1');
      let seen = '';
      socket.on('data', (chunk) => {
        seen += chunk.toString('latin1');
      });
      socket.on('error', () => {});
      socket.on('close', () => resolve(seen));
      socket.write(bytes);
      if (end) socket.end();
      if (endAfterMs !== undefined) {
        const timer = setTimeout(() => socket.end(), endAfterMs);
        socket.on('close', () => clearTimeout(timer));
      }
    });
  }

  return { door, upstream, fake, sign, send, raw };
}
