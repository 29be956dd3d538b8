import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { Header } from '../../src/core/sigv4/index.ts';
import { type Harness, startHarness } from './harness.ts';

const MODE = 'STREAMING-UNSIGNED-PAYLOAD-TRAILER';
const data = randomBytes(300_000);
const HALF = 150_000;

function checksum(bytes: Buffer): string {
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(bytes));
  return `x-amz-checksum-crc32:${sum.toString('base64')}`;
}

/** Two chunks, the last one and a trailer. */
const whole = (): Buffer[] => [
  Buffer.from(`${HALF.toString(16)}\r\n`),
  data.subarray(0, HALF),
  Buffer.from('\r\n'),
  Buffer.from(`${HALF.toString(16)}\r\n`),
  data.subarray(HALF),
  Buffer.from('\r\n'),
  Buffer.from('0\r\n'),
  Buffer.from(`${checksum(data)}\r\n`),
  Buffer.from('\r\n'),
];
const HEADERS: Header[] = [
  ['Content-Encoding', 'aws-chunked'],
  ['X-Amz-Decoded-Content-Length', String(data.length)],
  ['X-Amz-Trailer', 'x-amz-checksum-crc32'],
];

async function withBucket(): Promise<Harness> {
  const harness = await startHarness();
  harness.upstream.s3.buckets.set('b', new Map());
  return harness;
}

function* cut(parts: readonly Buffer[], size: number): Generator<Buffer> {
  const bytes = Buffer.concat(parts);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

describe('an unsigned aws-chunked body', () => {
  it.each([
    ['with its length', 7001, true],
    ['of unknown length', 7001, false],
    ['in one piece', 1_000_000, true],
    ['in pieces that split every header', 3, false],
  ])('passes when its framing is whole: %s', async (_name, size, sized) => {
    const { send, upstream } = await withBucket();
    const body = whole();
    const length: Header[] = sized ? [['Content-Length', String(Buffer.concat(body).length)]] : [];
    const answer = await send({
      method: 'PUT',
      target: '/b/k',
      payloadHash: MODE,
      headers: [...HEADERS, ...length],
      body: Readable.from(cut(body, size)),
    });
    expect([answer.status, upstream.failures]).toEqual([200, []]);
    expect(upstream.seen[0]).toMatchObject({ chunks: 2, complete: true });
    expect(upstream.s3.buckets.get('b')?.get('k')?.size).toBe(data.length);
  });

  const change =
    (index: number, text: string): ((parts: Buffer[]) => Buffer[]) =>
    (parts) =>
      parts.map((part, i) => (i === index ? Buffer.from(text) : part));

  it.each<[string, (parts: Buffer[]) => Buffer[], string]>([
    ['a size that is no number', change(3, 'zz\r\n'), 'InvalidRequest'],
    ['a negative size', change(3, '-1\r\n'), 'InvalidRequest'],
    ['a chunk extension', change(3, `${HALF.toString(16)};x=y\r\n`), 'InvalidRequest'],
    ['a header without CR', change(3, `${HALF.toString(16)}\n`), 'InvalidRequest|InvalidChunkSizeError'],
    ['a chunk that is longer than its size', change(3, `${(HALF - 1).toString(16)}\r\n`), 'InvalidChunkSizeError'],
    ['a chunk that is shorter than its size', change(3, `${(HALF + 1).toString(16)}\r\n`), 'IncompleteBody'],
    ['a size beyond the declared length', change(3, 'ffffffff\r\n'), 'IncompleteBody'],
    ['a chunk missing', (parts) => [...parts.slice(0, 3), ...parts.slice(6)], 'IncompleteBody'],
    ['a chunk too many', (parts) => [...parts.slice(0, 3), ...parts], 'IncompleteBody'],
    ['the last chunk missing', (parts) => parts.slice(0, 6), 'IncompleteBody'],
    ['the trailer missing', (parts) => [...parts.slice(0, 7), Buffer.from('\r\n')], 'MalformedTrailerError'],
    ['another trailer', change(7, 'x-amz-meta-a:b\r\n'), 'MalformedTrailerError'],
    ['the trailer twice', (parts) => [...parts.slice(0, 8), ...parts.slice(7)], 'MalformedTrailerError'],
    ['the end missing', (parts) => parts.slice(0, 8), 'IncompleteBody'],
    ['half of the body', (parts) => [...cut(parts, HALF)].slice(0, 1), 'IncompleteBody'],
    ['bytes after the end', (parts) => [...parts, Buffer.from('GET / HTTP/1.1\r\n\r\n')], 'InvalidRequest'],
    ['a body that is not chunked', () => [data], 'InvalidRequest'],
  ])('with %s is refused, and nothing arrives complete', async (_name, spoil, code) => {
    for (const sized of [true, false]) {
      const harness = await withBucket();
      const body = spoil(whole());
      const length: Header[] = sized ? [['Content-Length', String(Buffer.concat(body).length)]] : [];
      const answer = await harness.send({
        method: 'PUT',
        target: '/b/k',
        payloadHash: MODE,
        headers: [...HEADERS, ...length],
        body: Readable.from(cut(body, 50_000)),
      });
      expect(answer.text).toMatch(new RegExp(`<Code>(${code})</Code>`));
      await expect.poll(() => harness.fake.records.length).toBe(1);
      expect(harness.fake.records[0]).toMatchObject({ answered: answer.status, client: 'laptop' });
      expect(harness.upstream.seen.every(({ complete }) => !complete)).toBe(true);
      expect(harness.upstream.s3.buckets.get('b')?.size).toBe(0);
    }
  });

  it.each<[string, Header[], Buffer, number, string]>([
    [
      'its decoded length',
      HEADERS.filter(([name]) => !name.includes('Decoded')),
      Buffer.concat(whole()),
      411,
      'MissingContentLength',
    ],
    [
      'a decoded length that is a number',
      HEADERS.map(([name, value]) => [name, name.includes('Decoded') ? 'many' : value]),
      Buffer.concat(whole()),
      400,
      'InvalidRequest',
    ],
    ['more than nothing in it', HEADERS, Buffer.alloc(0), 400, 'IncompleteBody'],
  ])('is refused before anything is sent without %s', async (_name, headers, body, status, code) => {
    const { send, upstream } = await withBucket();
    const answer = await send({ method: 'PUT', target: '/b/k', payloadHash: MODE, headers, body });
    expect([answer.status, /<Code>(\w+)</.exec(answer.text)?.[1]]).toEqual([status, code]);
    expect(upstream.connections).toBe(0);
  });

  it('of a client that leaves in the middle never arrives complete', async () => {
    const harness = await withBucket();
    const { headers } = harness.sign({ method: 'PUT', target: '/b/k', payloadHash: MODE, headers: HEADERS });
    const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
    const socket = connect(harness.door.port, '127.0.0.1');
    socket.on('error', () => {});
    socket.write(`PUT /b/k HTTP/1.1\r\n${lines}Transfer-Encoding: chunked\r\n\r\n`);
    const parts = Buffer.concat(whole());
    socket.write(Buffer.concat([Buffer.from(`${parts.length.toString(16)}\r\n`), parts, Buffer.from('\r\n')]));
    await expect.poll(() => harness.upstream.seen.length).toBe(1);
    socket.destroy();
    await expect.poll(() => harness.fake.records.length).toBe(1);
    expect(harness.upstream.seen[0]?.complete).toBe(false);
    expect(harness.upstream.s3.buckets.get('b')?.size).toBe(0);
  });
});
