import type { IncomingMessage, ServerResponse } from 'node:http';
import type { DoorClient } from '../core/door.ts';
import type { UsedTouch } from '../core/gates/touch-call.ts';
import type { Header, SigV4Request } from '../core/sigv4/index.ts';
import type { Refusal } from './protocol/aws-error.ts';
import type { Dialect } from './protocol/dialect.ts';

/** What the audit log will say about a request; filled in as the pipeline learns it. */
export interface AuditFacts {
  action: string;
  reason?: string;
  /** ARNs of what a local service was asked about. */
  target?: string;
  /** Access key id that the request names, once its signature has been parsed. */
  clientKeyId?: string;
  service?: string;
  region?: string;
  upstream?: string;
  /** Access key id of the session that signed it, and the role that the session is of. */
  sessionKeyId?: string;
  assumedRole?: string | undefined;
  /** Upstream's status. */
  status?: number;
  /** The signature was found right: the client of the exchange is who asks. */
  proven: boolean;
  /** What kind of refusal it came to, if any. */
  refusal?: Refusal;
  /** What the client was answered where that went past the response: its bytes stopped making sense. */
  answered?: number;
  /** The pipeline let the request through to the upstream. */
  allowed: boolean;
  /** Security keys that were touched for it. */
  touches: UsedTouch[];
  bytesIn: number;
  bytesOut: number;
}

/** One request and its answer on their way through the pipeline. */
export interface Exchange {
  readonly id: string;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** The request as it stands on the wire: nothing decoded, one character per byte. */
  readonly wire: SigV4Request;
  /** All values of a header, joined by a comma. */
  header(name: string): string | undefined;
  /** The client holds its body back until it reads `100 Continue`. */
  readonly expectsContinue: boolean;
  /** S3 bucket in the Host header (`bucket.localhost`). */
  hostPrefix: string | undefined;
  dialect: Dialect;
  client: DoorClient | null;
  /** Its body took its time: what was known of the client before may not be so any more. */
  waited: boolean;
  readonly audit: AuditFacts;
}

/** `rawHeaders` as pairs, in the order received. */
export function headerPairs(raw: readonly string[]): Header[] {
  const pairs: Header[] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) pairs.push([raw[i] ?? '', raw[i + 1] ?? '']);
  return pairs;
}

/** Wraps a request that Node's parser has accepted. Judges nothing. */
export function createExchange(
  id: string,
  request: IncomingMessage,
  response: ServerResponse,
  expectsContinue: boolean,
): Exchange {
  const target = request.url ?? '';
  const mark = target.indexOf('?');
  const headers = headerPairs(request.rawHeaders);
  const byName = new Map<string, string>();
  for (const [rawName, value] of headers) {
    const name = rawName.toLowerCase();
    const earlier = byName.get(name);
    byName.set(name, earlier === undefined ? value : `${earlier},${value}`);
  }
  return {
    id,
    request,
    response,
    wire: {
      method: request.method ?? '',
      path: mark === -1 ? target : target.slice(0, mark),
      query: mark === -1 ? '' : target.slice(mark + 1),
      headers,
      charset: 'latin1',
    },
    header: (name) => byName.get(name),
    expectsContinue,
    hostPrefix: undefined,
    dialect: 's3',
    client: null,
    waited: false,
    audit: { action: 'unknown', proven: false, allowed: false, touches: [], bytesIn: 0, bytesOut: 0 },
  };
}
