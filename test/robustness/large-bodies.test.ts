import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  chunkedLength,
  createChunkedEncoder,
  deriveSigningKey,
  finishHeaderSigning,
  formatAmzDate,
  prepareHeaderSigning,
  scopeText,
  signString,
} from '../../src/core/sigv4/index.ts';
import { type Scenario, startScenario } from '../support/scenario.ts';

const MIB = 1 << 20;
const SIZE = (process.env['KEYHOLD_TEST_FULL'] === '1' ? 1024 : 256) * MIB;
/** What the daemon may grow by: sockets' and streams' buffers, and the collector's slack; far below a body. */
const GROWTH = 64 * MIB;
const PIECE = Buffer.alloc(MIB, 'keyhold!');
const CHUNK = PIECE.subarray(0, 64 * 1024);

describe(`bodies of ${SIZE / MIB} MiB`, () => {
  let scenario: Scenario;
  let tool: { accessKeyId: string; secret: string };
  let received = 0;

  beforeAll(async () => {
    scenario = await startScenario();
    tool = await scenario.daemon.addClient({ name: 'mover', profile: 'prod' });
    scenario.upstream.onHead = (incoming, answer) => {
      if (incoming.method === 'PUT') {
        received = 0;
        incoming.on('data', (bytes: Buffer) => {
          received += bytes.length;
        });
        incoming.on('end', () => answer.end());
        return true;
      }
      answer.writeHead(200, { 'content-length': SIZE });
      // A client that leaves early ends the pipeline; the reading side tells the test.
      pipeline(Readable.from(pieces()), answer).catch(() => undefined);
      return true;
    };
    // Warm: caches, code and connection pools belong to the daemon's idle size.
    await upload(8 * MIB);
    await read(await open('GET', 'UNSIGNED-PAYLOAD'), 8 * MIB);
  });
  afterAll(() => scenario.close());

  const resident = () => {
    const line = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${scenario.daemon.pid}/status`, 'latin1'));
    return Number(line?.[1]) * 1024;
  };

  /** The largest growth of the daemon's resident memory while `work` runs. */
  async function growthDuring(work: Promise<unknown>): Promise<number> {
    const before = resident();
    let most = before;
    const timer = setInterval(() => {
      most = Math.max(most, resident());
    }, 20);
    try {
      await work;
    } finally {
      clearInterval(timer);
    }
    return Math.max(most, resident()) - before;
  }

  function start(method: string, payloadHash: string, extra: [string, string][] = []) {
    const now = Date.now();
    const { accessKeyId, secret } = tool;
    const prepared = prepareHeaderSigning(
      {
        method,
        path: '/bucket/large',
        query: '',
        headers: [['host', new URL(scenario.daemon.endpoint).host], ...extra],
      },
      { accessKeyId, region: 'eu-central-1', service: 's3', now, payloadHash, contentSha256Header: true },
    );
    const signingKey = deriveSigningKey(secret, prepared.scope);
    const signature = signString(signingKey, prepared.stringToSign);
    const headers = Object.fromEntries(finishHeaderSigning(prepared, signature));
    const context = {
      timestamp: formatAmzDate(now),
      scopeText: scopeText(prepared.scope),
      signingKey,
      seedSignature: signature,
    };
    return { outgoing: request(`${scenario.daemon.endpoint}/bucket/large`, { method, headers }), context };
  }

  const answerOf = (outgoing: ClientRequest) =>
    new Promise<IncomingMessage>((resolve, reject) => {
      outgoing.on('response', resolve);
      outgoing.on('error', reject);
    });

  function open(method: string, payloadHash: string) {
    const { outgoing } = start(method, payloadHash);
    outgoing.end();
    return answerOf(outgoing);
  }

  async function read(answer: IncomingMessage, atMost = Number.POSITIVE_INFINITY): Promise<number> {
    let count = 0;
    for await (const bytes of answer) {
      count += (bytes as Buffer).length;
      if (count >= atMost) break;
    }
    return count;
  }

  async function write(outgoing: ClientRequest, parts: Uint8Array[]): Promise<void> {
    for (const part of parts) if (!outgoing.write(part)) await once(outgoing, 'drain');
  }

  async function upload(size: number): Promise<number> {
    const { outgoing } = start('PUT', 'UNSIGNED-PAYLOAD', [['content-length', String(size)]]);
    const answer = answerOf(outgoing);
    for (let sent = 0; sent < size; sent += PIECE.length) await write(outgoing, [PIECE]);
    outgoing.end();
    const { statusCode } = (await answer).resume();
    return statusCode ?? 0;
  }

  it('go up without growing the daemon', async () => {
    const done = upload(SIZE);
    const growth = await growthDuring(done);
    expect(await done).toBe(200);
    expect(received).toBe(SIZE);
    expect(growth).toBeLessThan(GROWTH);
  });

  it('go up in signed chunks, each verified and signed anew, without growing the daemon', async () => {
    const length = chunkedLength(SIZE, CHUNK.length, true);
    const { outgoing, context } = start('PUT', 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD', [
      ['content-encoding', 'aws-chunked'],
      ['content-length', String(length)],
      ['x-amz-decoded-content-length', String(SIZE)],
    ]);
    const answer = answerOf(outgoing);
    const encoder = createChunkedEncoder(context);
    const work = (async () => {
      for (let sent = 0; sent < SIZE; sent += CHUNK.length) await write(outgoing, encoder.chunk(CHUNK));
      await write(outgoing, encoder.end());
      outgoing.end();
      return (await answer).resume().statusCode;
    })();
    const growth = await growthDuring(work);
    expect(await work).toBe(200);
    expect(received).toBe(length);
    expect(growth).toBeLessThan(GROWTH);
  });

  it('come down without growing the daemon', async () => {
    const work = open('GET', 'UNSIGNED-PAYLOAD').then((answer) => read(answer));
    const growth = await growthDuring(work);
    expect(await work).toBe(SIZE);
    expect(growth).toBeLessThan(GROWTH);
  });

  it('wait for a client that does not read', async () => {
    const answer = await open('GET', 'UNSIGNED-PAYLOAD');
    const growth = await growthDuring(sleep(2000));
    expect(growth).toBeLessThan(GROWTH);
    expect(await read(answer)).toBe(SIZE);
  });
});

function* pieces(): Generator<Buffer> {
  for (let sent = 0; sent < SIZE; sent += PIECE.length) yield PIECE;
}
