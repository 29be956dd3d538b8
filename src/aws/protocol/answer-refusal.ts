import { STATUS_CODES } from 'node:http';
import { drainRequest } from '../body/drain-request.ts';
import type { DoorParts } from '../door-parts.ts';
import type { Exchange } from '../exchange.ts';
import type { AwsError } from './aws-error.ts';
import { apiOf } from './dialect.ts';
import { renderError } from './render-error.ts';

/**
 * Writes a refusal in the client's dialect. A body that is still arriving ends the connection after the answer, so that its rest is
 * never read as a next request. When an answer is already on its way the connection is broken instead.
 */
export async function answerRefusal(x: Exchange, refusal: AwsError, { clock, limits }: DoorParts): Promise<void> {
  const { request, response } = x;
  if (response.headersSent) {
    response.destroy();
    return;
  }
  if (response.destroyed) return;
  const { status, headers, body } = renderError(refusal, x.dialect, x.id, apiOf(x));
  const unread = !request.complete;
  const flat = headers.flat();
  flat.push('Content-Length', String(body.length));
  if (unread) flat.push('Connection', 'close');
  response.writeHead(status, STATUS_CODES[status] ?? 'Error', flat);
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  x.audit.bytesOut += body.length;
  if (!unread || x.expectsContinue) {
    response.end(body);
    return;
  }
  response.write(body);
  await drainRequest(x, clock, limits.lingerMs);
  response.end();
}

/** The bytes of a refusal where there is no parsed request to answer. */
export function rawRefusal(refusal: AwsError, requestId: string): string {
  const { status, headers, body } = renderError(refusal, 's3', requestId);
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Error'}`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
    `Content-Length: ${body.length}`,
    'Connection: close',
  ];
  return `${lines.join('\r\n')}\r\n\r\n${Buffer.from(body).toString('utf8')}`;
}
