import { randomBytes } from 'node:crypto';
import { Agent, request } from 'node:http';
import { connect, createServer, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { startDoor } from '../../src/aws/index.ts';
import { fakeDoorBackend } from '../support/door-backend.ts';
import { silentLogger } from '../support/silent-logger.ts';
import { cleanUp, type Harness, startHarness, systemClock } from './harness.ts';

const MIB = 1024 * 1024;

/** An upstream that answers every connection with given bytes, verbatim. */
async function scripted(
  bytes: string | Buffer,
  after: 'keep' | 'end' | 'reset' = 'end',
): Promise<{ harness: Harness; sockets: Socket[] }> {
  const harness = await startHarness();
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      if (!chunk.includes('\r\n\r\n')) return;
      socket.write(bytes, () => {
        if (after === 'end') socket.end();
        else if (after === 'reset') socket.resetAndDestroy();
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanUp(
    () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  );
  const address = server.address();
  harness.fake.client.account.endpointUrl = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  return { harness, sockets };
}

describe('the answer is passed on untouched', () => {
  it('status line, raw headers in order and case, repetitions, no Date of ours', async () => {
    const { harness } = await scripted(
      'HTTP/1.1 299 Quite Fine\r\nX-Amz-Request-Id: ABC\r\nx-AMZ-weird: b\r\nSet-Cookie: a=1\r\nset-cookie: b=2\r\nConnection: close, X-Private\r\nX-Private: hop\r\nKeep-Alive: timeout=9\r\nContent-Length: 2\r\n\r\nok',
    );
    const answer = await harness.send({});
    expect([answer.status, answer.statusMessage, answer.text]).toEqual([299, 'Quite Fine', 'ok']);
    expect(answer.rawHeaders.slice(0, 10)).toEqual([
      'X-Amz-Request-Id',
      'ABC',
      'x-AMZ-weird',
      'b',
      'Set-Cookie',
      'a=1',
      'set-cookie',
      'b=2',
      'Content-Length',
      '2',
    ]);
    expect(answer.rawHeaders.join('\n')).not.toMatch(/^(x-private|date)$|timeout=9/im);
  });

  it('compressed bytes stay compressed', async () => {
    const body = gzipSync('x'.repeat(10_000));
    const { harness } = await scripted(
      Buffer.concat([
        Buffer.from(`HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: ${body.length}\r\n\r\n`),
        body,
      ]),
    );
    expect((await harness.send({})).body.equals(body)).toBe(true);
  });

  it('chunked bodies and trailers', async () => {
    const { harness } = await scripted(
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: x-amz-checksum-crc32\r\n\r\n5\r\nhello\r\n0\r\nx-amz-checksum-crc32: NhCmhg==\r\n\r\n',
    );
    const answer = await harness.send({});
    expect([answer.text, answer.trailers]).toEqual(['hello', { 'x-amz-checksum-crc32': 'NhCmhg==' }]);
  });

  it('an AWS error stays AWS’s error', async () => {
    const xml = '<Error><Code>AccessDenied</Code><Message>from AWS</Message></Error>';
    const { harness } = await scripted(
      `HTTP/1.1 403 Forbidden\r\nContent-Type: application/xml\r\nContent-Length: ${xml.length}\r\n\r\n${xml}`,
    );
    const answer = await harness.send({});
    expect([answer.status, answer.text]).toEqual([403, xml]);
    expect(harness.fake.records[0]).toMatchObject({ decision: 'allowed', status: 403, answered: 403 });
  });

  it.each([
    ['HEAD', 'HTTP/1.1 200 OK\r\nContent-Length: 1234\r\nETag: "x"\r\n\r\n', '1234'],
    ['HEAD', 'HTTP/1.1 404 Not Found\r\nX-A: b\r\n\r\n', undefined],
    ['DELETE', 'HTTP/1.1 204 No Content\r\nX-A: b\r\n\r\n', undefined],
    ['GET', 'HTTP/1.1 304 Not Modified\r\nETag: "x"\r\n\r\n', undefined],
  ])('%s without a body: %s', async (method, bytes, length) => {
    const { harness } = await scripted(bytes);
    const answer = await harness.send({ method, target: '/b/k' });
    expect(answer.headers['content-length']).toBe(length);
    expect(answer.headers['transfer-encoding']).toBeUndefined();
    expect(answer.body).toHaveLength(0);
  });
});

describe('when one side breaks off', () => {
  it.each([
    ['with Content-Length', 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this', 'end' as const],
    ['chunked', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n', 'end' as const],
    ['by a reset', 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this', 'reset' as const],
  ])('a truncated answer never looks complete: %s', async (_name, bytes, after) => {
    const { harness } = await scripted(bytes, after);
    await expect(harness.send({})).rejects.toThrow(/aborted|ECONNRESET|socket hang up/);
    await expect.poll(() => harness.fake.records.length).toBe(1);
    expect(harness.fake.records[0]).toMatchObject({
      decision: 'allowed',
      status: 200,
      reason: 'The upstream broke off its answer.',
    });
  });

  it('502, once, when the upstream resets before it answers; nothing is sent twice', async () => {
    const { harness, sockets } = await scripted('', 'reset');
    const answer = await harness.send({ method: 'PUT', target: '/b/k', body: Buffer.from('x') });
    expect(answer.status).toBe(502);
    expect(answer.text).toContain('<Code>ServiceUnavailable</Code>');
    expect(sockets).toHaveLength(1);
  });

  it('502, once, on a kept connection that the upstream has closed meanwhile', async () => {
    const { harness, sockets } = await scripted('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok', 'keep');
    expect((await harness.send({})).status).toBe(200);
    // The reset is noticed only when the next request is written.
    for (const socket of sockets) socket.removeAllListeners('data').on('data', () => socket.resetAndDestroy());
    expect((await harness.send({})).status).toBe(502);
    expect(sockets).toHaveLength(1);
  });

  it('a client that leaves during a download ends the upstream request', async () => {
    const { harness, sockets } = await scripted(
      `HTTP/1.1 200 OK\r\nContent-Length: ${100 * MIB}\r\n\r\n${'x'.repeat(MIB)}`,
      'keep',
    );
    const { headers } = harness.sign({ target: '/b/k' });
    const closed = new Promise<void>((resolve) => {
      const poll = setInterval(() => {
        if (sockets[0]?.destroyed !== true) return;
        clearInterval(poll);
        resolve();
      }, 5);
    });
    const client = request({
      port: harness.door.port,
      host: '127.0.0.1',
      path: '/b/k',
      headers: headers.flat(),
      setHost: false,
      agent: false,
    });
    client.on('error', () => {});
    client.on('response', (response) => response.once('data', () => client.destroy()));
    client.end();
    await closed;
    await expect.poll(() => harness.fake.records.length).toBe(1);
    expect(harness.fake.records[0]?.reason).toMatch(/client closed/);
  });

  it('a client that leaves before it is answered ends the upstream request', async () => {
    const harness = await startHarness();
    const left = new Promise<void>((resolve) => {
      harness.upstream.script = (_seen, _request, response) => {
        response.once('close', () => resolve());
        socket.resetAndDestroy();
        return true;
      };
    });
    const { headers } = harness.sign({});
    const socket = connect(harness.door.port, '127.0.0.1');
    socket.write(`GET / HTTP/1.1\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`);
    await left;
    await expect.poll(() => harness.fake.records.length).toBe(1);
    expect(harness.fake.records[0]?.reason).toMatch(/client closed/);
  });

  it.each([
    ['held', 1000],
    ['streamed', 5 * MIB],
  ])('a client that leaves during an upload: nothing complete is forwarded (%s)', async (_name, size) => {
    const harness = await startHarness();
    harness.upstream.s3.buckets.set('b', new Map());
    const { headers } = harness.sign({ method: 'PUT', target: '/b/k', payloadHash: 'UNSIGNED-PAYLOAD' });
    const socket = connect(harness.door.port, '127.0.0.1');
    const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
    socket.write(`PUT /b/k HTTP/1.1\r\n${lines}Content-Length: ${size}\r\n\r\n`);
    socket.write(Buffer.alloc(size / 2), () => socket.resetAndDestroy());
    await expect.poll(() => harness.fake.records.length).toBe(1);
    expect(harness.fake.records[0]?.reason).toMatch(/client closed/);
    expect(harness.fake.records[0]).not.toHaveProperty('answered');
    expect(harness.upstream.seen.every(({ complete }) => !complete)).toBe(true);
  });

  it('a malformed chunk in the middle of a body: 400, one audit entry, nothing complete forwarded', async () => {
    const harness = await startHarness();
    const { headers } = harness.sign({ method: 'PUT', target: '/b/k', payloadHash: 'UNSIGNED-PAYLOAD' });
    const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
    const answer = await harness.raw(
      `PUT /b/k HTTP/1.1\r\n${lines}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 400/);
    await expect.poll(() => harness.fake.records.length).toBe(1);
    expect(harness.fake.records[0]?.reason).toMatch(/malformed/);
    expect(harness.upstream.seen.every(({ complete }) => !complete)).toBe(true);
  });

  it('an answer before the whole body was sent still reaches the client', async () => {
    const harness = await startHarness();
    // As S3 does: answers at once, and takes no more than its buffers hold.
    harness.upstream.onHead = (_request, response) => {
      response.writeHead(403, { 'content-length': '6' }).write('denied');
      return true;
    };
    function* endless(): Generator<Buffer> {
      for (let i = 0; i < 400; i++) yield Buffer.alloc(65536);
    }
    const answer = await harness.send({
      method: 'PUT',
      target: '/b/k',
      payloadHash: 'UNSIGNED-PAYLOAD',
      body: Readable.from(endless()),
    });
    expect([answer.status, answer.text]).toEqual([403, 'denied']);
    expect(answer.headers.connection).toBe('close');
  });
});

describe('large bodies', () => {
  it('256 MiB up and down do not grow memory', async () => {
    const size = 256 * MIB;
    const piece = randomBytes(MIB);
    function* pieces(): Generator<Buffer> {
      for (let sent = 0; sent < size; sent += MIB) yield piece;
    }
    const harness = await startHarness({ upstream: { keepBodies: false } });
    let peak = 0;
    const start = process.memoryUsage().rss;
    const watch = setInterval(() => {
      peak = Math.max(peak, process.memoryUsage().rss);
    }, 20);
    try {
      harness.upstream.script = (_seen, _request, response) => {
        response.writeHead(200, { 'content-length': '0' }).end();
        return true;
      };
      const put = await harness.send({
        method: 'PUT',
        target: '/b/k',
        body: Readable.from(pieces()),
        headers: [['Content-Length', String(size)]],
        payloadHash: 'UNSIGNED-PAYLOAD',
      });
      expect([put.status, harness.upstream.seen[0]?.bodyBytes]).toEqual([200, size]);

      harness.upstream.script = (_seen, _request, response) => {
        response.writeHead(200, { 'content-length': String(size) });
        Readable.from(pieces()).pipe(response);
        return true;
      };
      const got = await harness.send({ target: '/b/k', keepBody: false });
      expect([got.status, got.bytes]).toEqual([200, size]);
    } finally {
      clearInterval(watch);
    }
    expect(harness.upstream.failures).toEqual([]);
    expect(harness.fake.records.map(({ bytesIn, bytesOut }) => [bytesIn, bytesOut])).toEqual([
      [size, 0],
      [0, size],
    ]);
    // Client, door and upstream share this process; a body held whole by any of them would show.
    expect(peak - start).toBeLessThan(160 * MIB);
  });

  it('a slow reader holds the upstream back', async () => {
    const harness = await startHarness();
    let written = 0;
    harness.upstream.script = (_seen, _request, response) => {
      response.writeHead(200, { 'content-length': String(200 * MIB) });
      const go = (): void => {
        while (written < 200 * MIB && !response.destroyed) {
          written += MIB;
          if (!response.write(Buffer.alloc(MIB))) {
            response.once('drain', go);
            return;
          }
        }
      };
      go();
      return true;
    };
    const { headers } = harness.sign({ target: '/b/k' });
    const socket = connect(harness.door.port, '127.0.0.1').pause();
    const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
    socket.write(`GET /b/k HTTP/1.1\r\n${lines}\r\n`);
    await expect.poll(() => written).toBeGreaterThan(0);
    // Until nothing moves any more.
    for (let before = -1; before !== written; ) {
      before = written;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    expect(written).toBeLessThan(60 * MIB);
    socket.destroy();
    await expect.poll(() => harness.fake.records.length).toBe(1);
  });
});

describe('the listener', () => {
  const options = () => ({ backend: fakeDoorBackend().backend, clock: systemClock, log: silentLogger });

  it('says which port is taken', async () => {
    const first = await startDoor({ ...options(), port: 0 });
    cleanUp(() => first.close());
    await expect(startDoor({ ...options(), port: first.port })).rejects.toMatchObject({
      code: 'PortInUse',
      details: { port: first.port },
    });
  });

  it('listens on loopback only', async () => {
    const door = await startDoor({ ...options(), port: 0 });
    cleanUp(() => door.close());
    const refused = await new Promise((resolve) => {
      connect(door.port, '127.0.0.2')
        .on('error', () => resolve(true))
        .on('connect', () => resolve(false));
    });
    expect(refused).toBe(true);
  });

  it('close lets a request under way end, and then the port is free', async () => {
    const harness = await startHarness({ limits: { closeMs: 5000 } });
    let release = (): void => {};
    harness.upstream.script = (_seen, _request, response) => {
      release = () => response.end('late');
      return true;
    };
    const agent = new Agent({ keepAlive: true });
    const pending = harness.send({ agent });
    await expect.poll(() => harness.upstream.seen.length).toBe(1);
    const closed = harness.door.close();
    release();
    expect((await pending).text).toBe('late');
    agent.destroy();
    await closed;
    const again = await startDoor({ ...options(), port: harness.door.port });
    await again.close();
  });

  it('close breaks what does not end in time', async () => {
    const harness = await startHarness({ limits: { closeMs: 100 } });
    harness.upstream.script = () => true;
    const pending = harness.send({});
    await expect.poll(() => harness.upstream.seen.length).toBe(1);
    const outcome = expect(pending).rejects.toThrow();
    await harness.door.close();
    await outcome;
    await expect.poll(() => harness.fake.records.length).toBe(1);
  });
});
