import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { pipeline } from 'node:stream/promises';
import { KeyholdError } from '../contract/errors.ts';
import type { PreparedRequest } from './curl-options.ts';
import { safeText } from './output.ts';
import { print, standardOutput } from './standard-output.ts';

/** Sends a signed request and writes the answer's body to standard output. Answers the HTTP status. */
export async function sendRequest(request: PreparedRequest, include: boolean): Promise<number> {
  const url = new URL(request.url);
  const send = url.protocol === 'https:' ? requestHttps : requestHttp;
  const headers: Record<string, string | string[]> = {};
  for (const [name, value] of request.headers) {
    const before = headers[name.toLowerCase()];
    headers[name.toLowerCase()] = before === undefined ? value : [before, value].flat();
  }
  if (request.body !== undefined) headers['content-length'] = String(request.body.length);
  const answer = await new Promise<import('node:http').IncomingMessage>((resolve, reject) => {
    // Not the path of the parsed URL, which has no dot segments any more.
    const path = request.url.slice(url.origin.length);
    const outgoing = send(url, { method: request.method, headers, path }, resolve);
    outgoing.on('error', (cause) =>
      reject(new KeyholdError('Unreachable', `${url.host} cannot be reached: ${cause.message}`, undefined, { cause })),
    );
    outgoing.end(request.body);
  });
  if (include) {
    print(`HTTP/${answer.httpVersion} ${answer.statusCode} ${safeText(answer.statusMessage ?? '')}\r\n`);
    for (let index = 0; index + 1 < answer.rawHeaders.length; index += 2) {
      print(`${safeText(answer.rawHeaders[index] ?? '')}: ${safeText(answer.rawHeaders[index + 1] ?? '')}\r\n`);
    }
    print('\r\n');
  }
  await pipeline(answer, standardOutput());
  return answer.statusCode ?? 0;
}
