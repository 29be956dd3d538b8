import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { pipeline } from 'node:stream/promises';
import { ClientGone } from '../body/body-chunks.ts';
import type { DoorParts } from '../door-parts.ts';
import type { Exchange } from '../exchange.ts';
import { AwsError } from '../protocol/aws-error.ts';
import type { SignedRequest } from './resign.ts';
import type { Endpoint } from './resolve-endpoint.ts';
import { upstreamError } from './upstream-error.ts';

/** What is to be sent: bytes at hand, or a stream whose length the client declared (undefined: chunked). */
export type OutgoingBody =
  | { kind: 'none' }
  | { kind: 'held'; bytes: Buffer }
  | { kind: 'stream'; source: () => AsyncIterable<Uint8Array>; expectContinue: boolean };

export interface UpstreamAnswer {
  answer: IncomingMessage;
  upstream: ClientRequest;
}

const NO_BODY_METHODS = new Set(['GET', 'HEAD', 'DELETE']);

/** Flat name, value list as Node writes it, unchanged in case and order. */
function rawHeaders(signed: SignedRequest, body: OutgoingBody): string[] {
  const flat: string[] = [];
  let framed = false;
  for (const [name, value] of signed.headers) {
    if (name.toLowerCase() === 'content-length') {
      // The length of a held body is what was read; a stream keeps the declared one.
      if (body.kind !== 'stream') continue;
      framed = true;
    }
    flat.push(name, value);
  }
  if (body.kind === 'held') flat.push('Content-Length', String(body.bytes.length));
  else if (body.kind === 'stream' && !framed) flat.push('Transfer-Encoding', 'chunked');
  else if (body.kind === 'none' && !NO_BODY_METHODS.has(signed.method)) flat.push('Content-Length', '0');
  if (body.kind === 'stream' && body.expectContinue) flat.push('Expect', '100-continue');
  return flat;
}

/**
 * Sends a signed request and answers as soon as the upstream's headers are in, while the body may still be on its way.
 *
 * Nothing is ever sent twice. A kept connection that AWS has just closed fails with a reset before the answer, and although most such
 * requests never arrived, that cannot be proved from here: the client gets a 502, which every SDK retries by its own rules.
 * @throws AwsError `UpstreamUnreachable`, `UpstreamTimeout`, and what the body's source throws
 */
export function sendUpstream(
  x: Exchange,
  signed: SignedRequest,
  endpoint: Endpoint,
  body: OutgoingBody,
  { agents, limits, clock }: DoorParts,
): Promise<UpstreamAnswer> {
  const secure = endpoint.protocol === 'https:';
  const upstream = (secure ? httpsRequest : httpRequest)({
    agent: secure ? agents.https : agents.http,
    host: endpoint.hostname,
    port: endpoint.port === '' ? (secure ? 443 : 80) : Number(endpoint.port),
    method: signed.method,
    path: signed.target,
    headers: rawHeaders(signed, body),
    setHost: false,
  });
  return new Promise((resolve, reject) => {
    const fail = (error: unknown): void => {
      upstream.destroy();
      reject(upstreamError(error, endpoint.host));
    };
    x.response.once('close', () => {
      if (!x.response.writableFinished)
        fail(new ClientGone('The client closed the connection before it was answered.'));
    });
    upstream.once('response', (answer) => resolve({ answer, upstream }));
    upstream.once('upgrade', (_answer, socket) => {
      socket.destroy();
      fail(new AwsError('UpstreamUnreachable', `${endpoint.host} switched protocols, which nobody asked it for.`));
    });
    // Stays for the whole life of the request: an error after the answer is seen by whoever reads the answer.
    upstream.on('error', fail);
    upstream.once('socket', (socket) => {
      if (!socket.connecting) return;
      const timer = clock.setTimer(limits.upstreamConnectMs, () => {
        fail(new AwsError('UpstreamTimeout', `Connecting to ${endpoint.host} took too long.`));
      });
      const connected = (): void => timer.cancel();
      socket.once(secure ? 'secureConnect' : 'connect', connected);
      socket.once('close', connected);
    });
    sendBody(upstream, body, limits.upstreamContinueMs, clock).catch(fail);
  });
}

async function sendBody(
  upstream: ClientRequest,
  body: OutgoingBody,
  continueMs: number,
  clock: DoorParts['clock'],
): Promise<void> {
  if (body.kind === 'none') {
    upstream.end();
    return;
  }
  if (body.kind === 'held') {
    upstream.end(body.bytes);
    return;
  }
  if (body.expectContinue && !(await mayContinue(upstream, continueMs, clock))) return;
  await pipeline(body.source(), upstream);
}

/** Waits for `100 Continue`; false when the upstream answered without wanting the body. Some upstreams never say 100. */
function mayContinue(upstream: ClientRequest, continueMs: number, clock: DoorParts['clock']): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = clock.setTimer(continueMs, () => resolve(true));
    const settle = (go: boolean) => (): void => {
      timer.cancel();
      resolve(go);
    };
    upstream.once('continue', settle(true));
    upstream.once('response', settle(false));
    upstream.once('close', settle(false));
  });
}
