import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { KeyholdError } from '../../contract/errors.ts';
import type { Endpoint } from '../forward/resolve-endpoint.ts';
import { upstreamError } from '../forward/upstream-error.ts';
import type { RemoteParts } from './query-remote.ts';

const TIMEOUT_MS = 20_000;
const MOST_BYTES = 1024 * 1024;

export interface RemoteRequest {
  method: 'GET' | 'POST';
  /** With its query. */
  path: string;
  /** Names and values in turn, `Host` among them. */
  headers: readonly string[];
  body?: Uint8Array;
  /** Of the answer; one that is longer is refused. */
  mostBytes?: number;
}

export interface RemoteAnswer {
  status: number;
  date: string | undefined;
  /** X-Amzn-ErrorType, of REST services. */
  errorType: string | undefined;
  bytes: Buffer;
}

/** One request and its whole answer, whose bytes are the caller's to wipe. Throws `Unreachable` and `Timeout`. */
export function sendRemote(
  endpoint: Pick<Endpoint, 'protocol' | 'hostname' | 'port' | 'host'>,
  { method, path, headers, body, mostBytes = MOST_BYTES }: RemoteRequest,
  { agents, clock }: Pick<RemoteParts, 'agents' | 'clock'>,
): Promise<RemoteAnswer> {
  const secure = endpoint.protocol === 'https:';
  return new Promise((resolve, reject) => {
    const upstream = (secure ? httpsRequest : httpRequest)({
      agent: secure ? agents.https : agents.http,
      host: endpoint.hostname,
      port: endpoint.port === '' ? (secure ? 443 : 80) : Number(endpoint.port),
      method,
      path,
      headers: [...headers, ...(body === undefined ? [] : ['Content-Length', String(body.length)])],
      setHost: false,
    });
    const timer = clock.setTimer(TIMEOUT_MS, () => {
      upstream.destroy();
      reject(new KeyholdError('Timeout', `${endpoint.host} did not answer in time. Try again.`));
    });
    const fail = (error: unknown): void => {
      timer.cancel();
      const cause = upstreamError(error, endpoint.host);
      reject(new KeyholdError('Unreachable', cause.message, undefined, { cause: error }));
    };
    upstream.on('error', fail);
    upstream.once('response', (answer) => {
      collect(answer, mostBytes).then((bytes) => {
        timer.cancel();
        resolve({ status: answer.statusCode ?? 0, date: answer.headers.date, errorType: errorTypeOf(answer), bytes });
      }, fail);
    });
    upstream.end(body);
  });
}

function errorTypeOf({ headers }: IncomingMessage): string | undefined {
  const type = headers['x-amzn-errortype'];
  return typeof type === 'string' ? type : undefined;
}

async function collect(answer: IncomingMessage, mostBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of answer) {
      const bytes = Buffer.from(chunk);
      // What came may hold a secret, and the copy is ours to wipe.
      if (chunk instanceof Uint8Array) chunk.fill(0);
      length += bytes.length;
      if (length > mostBytes) throw new Error('the answer is too long');
      chunks.push(bytes);
    }
    return Buffer.concat(chunks);
  } finally {
    for (const chunk of chunks) chunk.fill(0);
  }
}
