import type { Exchange } from '../exchange.ts';
import { AwsError } from '../protocol/aws-error.ts';

/** Headers that decide who asks, where it goes or how long it is: a second one is an attempt to be read two ways. */
const ONCE = new Set([
  'host',
  'content-length',
  'transfer-encoding',
  'authorization',
  'content-type',
  'content-encoding',
  'connection',
  'expect',
  'x-amz-date',
  'date',
  'x-amz-content-sha256',
  'x-amz-decoded-content-length',
  'x-amz-security-token',
  'x-amz-target',
  'x-amz-account-id',
  'smithy-protocol',
]);
/** What may not be meant by a name that is spelled with underscores: to many a server (CGI's way) both are one. */
const MEANINGFUL = /^(?:x-amz-.*|proxy-connection|keep-alive|te|trailer|upgrade)$/;
const CONNECTION_OPTIONS = new Set(['close', 'keep-alive', 'te']);

/**
 * Refuses every request that two parsers could take for two different ones. Node's strict parser has refused broken lines, folded
 * headers, bad characters and bad chunk sizes before.
 * @throws AwsError `MalformedRequest`, `HeadersTooLarge`, `NotSupported`
 */
export function refuseAmbiguousFraming(x: Exchange, headerCount: number): void {
  // HTTP/1.0 knows neither chunks nor an end of an answer that can be told from a broken connection; Node takes 2.0 for 1.1.
  if (x.request.httpVersion !== '1.1') {
    throw new AwsError('MalformedRequest', 'Keyhold speaks HTTP/1.1 and no other version.');
  }
  const { headers } = x.wire;
  // Node would silently drop what exceeds its own count, signed headers included.
  if (headers.length > headerCount) {
    throw new AwsError('HeadersTooLarge', `The request has more than ${headerCount} headers.`);
  }
  const seen = new Set<string>();
  for (const [rawName] of headers) {
    const name = rawName.toLowerCase();
    if (name.includes('_')) {
      const dashed = name.replaceAll('_', '-');
      if (ONCE.has(dashed) || MEANINGFUL.test(dashed)) {
        throw new AwsError('MalformedRequest', `Write the header ${rawName} with hyphens.`);
      }
    }
    if (!ONCE.has(name)) continue;
    if (seen.has(name)) throw new AwsError('MalformedRequest', `The request has more than one ${rawName} header.`);
    seen.add(name);
  }
  if (seen.has('content-length') && seen.has('transfer-encoding')) {
    throw new AwsError('MalformedRequest', 'The request has both Content-Length and Transfer-Encoding.');
  }
  const length = x.header('content-length');
  if (length !== undefined && !/^(?:0|[1-9]\d{0,14})$/.test(length)) {
    throw new AwsError('MalformedRequest', 'Content-Length is not a number.');
  }
  const encoding = x.header('transfer-encoding');
  if (encoding !== undefined && encoding.toLowerCase() !== 'chunked') {
    throw new AwsError('NotSupported', 'The only Transfer-Encoding that Keyhold reads is chunked.');
  }
  // A Connection header may not name (and so remove on the way) a header that means something.
  for (const option of x.header('connection')?.split(',') ?? []) {
    if (!CONNECTION_OPTIONS.has(option.trim().toLowerCase())) {
      throw new AwsError('MalformedRequest', 'The Connection header may only say close or keep-alive.');
    }
  }
  const expect = x.header('expect');
  if (expect !== undefined && expect.toLowerCase() !== '100-continue') {
    throw new AwsError('MalformedRequest', 'The only Expect that Keyhold knows is 100-continue.');
  }
}
