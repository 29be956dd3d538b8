import type { IncomingMessage, ServerResponse } from 'node:http';
import { ClientGone } from '../body/body-chunks.ts';
import { drainRequest } from '../body/drain-request.ts';
import type { DoorParts } from '../door-parts.ts';
import type { Exchange } from '../exchange.ts';
import { AwsError } from '../protocol/aws-error.ts';
import type { UpstreamAnswer } from './send-upstream.ts';

const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'transfer-encoding',
  'upgrade',
]);

/** An answer's raw headers without those that belong to one connection. Names, values, order and repetitions stay. */
export function endToEndHeaders(raw: readonly string[]): string[] {
  const named = new Set<string>();
  for (let i = 0; i < raw.length; i += 2) {
    if (raw[i]?.toLowerCase() !== 'connection') continue;
    for (const option of raw[i + 1]?.split(',') ?? []) named.add(option.trim().toLowerCase());
  }
  const kept: string[] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i] ?? '';
    const lower = name.toLowerCase();
    if (!HOP_BY_HOP.has(lower) && !named.has(lower)) kept.push(name, raw[i + 1] ?? '');
  }
  return kept;
}

/**
 * Passes AWS's answer on untouched: status, raw headers, body bytes, trailers. If the upstream breaks off, so does the client's
 * connection, so that a truncated answer can never look complete.
 * @throws ClientGone when the client left before the end; Error when the upstream did
 */
export async function relayAnswer(
  x: Exchange,
  { answer, upstream }: UpstreamAnswer,
  { clock, limits, passed }: DoorParts,
): Promise<void> {
  const { response } = x;
  const status = answer.statusCode ?? 502;
  x.audit.status = status;
  const headers = endToEndHeaders(answer.rawHeaders);
  // An answer before the whole body was sent ends the connection: the rest of the body must not be read as a next request.
  const early = !upstream.writableFinished;
  if (early) headers.push('Connection', 'close');
  response.sendDate = false;
  response.writeHead(status, answer.statusMessage ?? '', headers);
  answer.on('data', (chunk: Buffer) => {
    x.audit.bytesOut += chunk.length;
    passed?.(chunk.length);
  });
  await pass(answer, response);
  if (answer.rawTrailers.length > 0) response.addTrailers(pairs(answer.rawTrailers));
  if (early && !upstream.writableFinished) {
    upstream.destroy();
    await drainRequest(x, clock, limits.lingerMs);
  }
  response.end();
}

/**
 * Body of an answer, with back-pressure. Written out because `pipeline` costs more than the rest of a small answer, and does not tell
 * which side broke off.
 */
function pass(answer: IncomingMessage, response: ServerResponse): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (error?: Error): void => {
      answer.off('end', ended).off('error', upstreamLeft).off('close', upstreamLeft);
      response.off('close', clientLeft);
      if (error === undefined) {
        resolve();
        return;
      }
      answer.destroy();
      response.destroy();
      reject(error);
    };
    const ended = (): void => settle();
    const upstreamLeft = (cause?: unknown): void =>
      settle(new AwsError('UpstreamUnreachable', 'The upstream broke off its answer.', { cause }));
    const clientLeft = (): void =>
      settle(new ClientGone('The client closed the connection before the answer was complete.'));
    if (response.destroyed) {
      clientLeft();
      return;
    }
    // Stays: whatever the other side does later concerns nobody.
    answer.on('error', () => {});
    answer.on('end', ended).on('error', upstreamLeft).on('close', upstreamLeft);
    response.on('close', clientLeft);
    answer.pipe(response, { end: false });
  });
}

function pairs(raw: readonly string[]): [string, string][] {
  const out: [string, string][] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) out.push([raw[i] ?? '', raw[i + 1] ?? '']);
  return out;
}
