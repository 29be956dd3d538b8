import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { type Harness, startHarness } from './harness.ts';

const request = (...lines: string[]): string => `${lines.join('\r\n')}\r\n\r\n`;
const status = (answer: string): string => /^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? `no answer: ${answer}`;

/** One refused request: nothing forwarded, one denied audit entry. */
async function expectRefused({ fake, upstream }: Harness): Promise<void> {
  // The entry is written when the connection is done with, which may be after the client has its answer.
  await expect.poll(() => fake.records.length).toBeGreaterThan(0);
  expect(upstream.seen).toEqual([]);
  expect(upstream.connections).toBe(0);
  expect(fake.records).toHaveLength(1);
  expect(fake.records[0]?.decision).toBe('denied');
  expect(fake.records[0]?.reason).toBeTruthy();
}

describe('smuggling and malformed HTTP', () => {
  const post = ['POST / HTTP/1.1', 'Host: localhost'];
  it.each<[string, string, string]>([
    [
      'Content-Length and Transfer-Encoding',
      request(...post, 'Content-Length: 4', 'Transfer-Encoding: chunked') + '0\r\n\r\n',
      '400',
    ],
    [
      'the same the other way round',
      request(...post, 'Transfer-Encoding: chunked', 'Content-Length: 4') + '0\r\n\r\n',
      '400',
    ],
    ['two Content-Length', request(...post, 'Content-Length: 4', 'Content-Length: 5') + 'abcde', '400'],
    ['a list in Content-Length', request(...post, 'Content-Length: 4, 4') + 'abcd', '400'],
    ['a sign in Content-Length', request(...post, 'Content-Length: +4') + 'abcd', '400'],
    ['a negative Content-Length', request(...post, 'Content-Length: -1'), '400'],
    ['hex Content-Length', request(...post, 'Content-Length: 0x4') + 'abcd', '400'],
    ['two Host headers', request('GET / HTTP/1.1', 'Host: localhost', 'Host: evil.example'), '400'],
    ['no Host header', request('GET / HTTP/1.1'), '400'],
    [
      'two Authorization headers',
      request('GET / HTTP/1.1', 'Host: localhost', 'Authorization: a', 'Authorization: b'),
      '400',
    ],
    ['a folded header', request('GET / HTTP/1.1', 'Host: localhost', 'X-A: b', ' folded'), '400'],
    ['a space before the colon', request('GET / HTTP/1.1', 'Host : localhost'), '400'],
    [
      'a space before the colon of Transfer-Encoding',
      request(...post, 'Transfer-Encoding : chunked') + '0\r\n\r\n',
      '400',
    ],
    ['a bare LF', 'GET / HTTP/1.1\nHost: localhost\n\n', '400'],
    ['a bare CR in a value', request('GET / HTTP/1.1', 'Host: localhost', 'X-A: b\rX-C: d'), '400'],
    ['a NUL in a value', request('GET / HTTP/1.1', 'Host: localhost', 'X-A: b\0c'), '400'],
    ['a broken header name', request('GET / HTTP/1.1', 'Host: localhost', 'X(A): b'), '400'],
    ['another Transfer-Encoding', request(...post, 'Transfer-Encoding: gzip, chunked') + '0\r\n\r\n', '501'],
    ['an odd spelling of chunked', request(...post, 'Transfer-Encoding: xchunked'), '400'],
    [
      'Connection naming a signed header',
      request('GET / HTTP/1.1', 'Host: localhost', 'Connection: keep-alive, x-amz-date'),
      '400',
    ],
    ['an unknown Expect', request(...post, 'Expect: 200-ok', 'Content-Length: 0'), '400'],
    ['an absolute-form target', request('GET http://127.0.0.1/latest/meta-data HTTP/1.1', 'Host: localhost'), '400'],
    ['an absolute-form target elsewhere', request('GET http://evil.example/ HTTP/1.1', 'Host: localhost'), '400'],
    ['CONNECT', request('CONNECT sts.amazonaws.com:443 HTTP/1.1', 'Host: localhost'), '405'],
    ['TRACE', request('TRACE / HTTP/1.1', 'Host: localhost'), '405'],
    ['OPTIONS', request('OPTIONS / HTTP/1.1', 'Host: localhost'), '405'],
    ['OPTIONS *', request('OPTIONS * HTTP/1.1', 'Host: localhost'), '405'],
    ['Upgrade', request('GET / HTTP/1.1', 'Host: localhost', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABk'), '501'],
    ['an HTTP/2 preface', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', '400'],
    ['a fragment', request('GET /#x HTTP/1.1', 'Host: localhost'), '400'],
    ['a TLS hello', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', '400'],
    ['garbage', 'hello, world\r\n\r\n', '400'],
  ])('%s', async (_name, bytes, expected) => {
    const harness = await startHarness();
    const answer = await harness.raw(bytes, { end: true });
    expect(status(answer)).toBe(expected);
    expect(answer).toContain('<Message>');
    await expectRefused(harness);
  });

  it('reads nothing after a refused request as a next one', async () => {
    const harness = await startHarness();
    const inner = request('GET /second HTTP/1.1', 'Host: localhost');
    const answer = await harness.raw(
      request('POST / HTTP/1.1', 'Host: localhost', 'Content-Length: 9', 'Transfer-Encoding: chunked') +
        `0\r\n\r\n${inner}`,
    );
    expect(answer.match(/HTTP\/1\.1/g)).toHaveLength(1);
    expect(harness.fake.records).toHaveLength(1);
  });

  it('audits each of two pipelined requests', async () => {
    const harness = await startHarness();
    const one = request('GET / HTTP/1.1', 'Host: localhost');
    const last = request('GET / HTTP/1.1', 'Host: localhost', 'Connection: close');
    const answer = await harness.raw(one + last);
    expect(answer.match(/HTTP\/1\.1 403/g)).toHaveLength(2);
    expect(harness.fake.records).toHaveLength(2);
  });
});

describe('who may talk to the door', () => {
  it.each([
    'localhost',
    'localhost:4587',
    'LOCALHOST:1',
    '127.0.0.1',
    '127.0.0.1:4587',
    '127.8.9.10',
    '[::1]',
    '[::1]:4587',
    'bucket.localhost:4587',
    'my.bucket.localhost',
  ])('lets in the loopback name %s', async (host) => {
    const { send, upstream } = await startHarness();
    expect(
      (await send({ host, service: 'sts', method: 'GET', target: '/?Action=GetCallerIdentity&Version=2011-06-15' }))
        .status,
    ).toBe(200);
    expect(upstream.failures).toEqual([]);
  });

  it.each([
    'evil.example',
    'evil.example:4587',
    'localhost.evil.example',
    'evil-localhost',
    '127.0.0.1.evil.example',
    '128.0.0.1',
    '0.0.0.0',
    '169.254.169.254',
    '[::]',
    '[::1].evil.example',
    'localhost:4587@evil.example',
    'localhost/evil',
    '',
  ])('refuses the host %j', async (host) => {
    const harness = await startHarness();
    const answer = await harness.send({ host });
    expect([400, 403]).toContain(answer.status);
    await expectRefused(harness);
  });

  it.each([
    ['Origin', 'https://evil.example'],
    ['Origin', 'null'],
    ['Origin', 'http://localhost:4587'],
    ['Sec-Fetch-Mode', 'navigate'],
    ['Sec-Fetch-Site', 'same-origin'],
    ['Access-Control-Request-Method', 'PUT'],
  ])('refuses a validly signed request with %s: %s', async (name, value) => {
    const harness = await startHarness();
    const answer = await harness.send({ tamper: (headers) => [...headers, [name, value]] });
    expect(answer.status).toBe(403);
    expect(answer.text).toContain('Web pages');
    expect(answer.headers['access-control-allow-origin']).toBeUndefined();
    await expectRefused(harness);
  });

  it('tells a browser in one plain sentence', async () => {
    const harness = await startHarness();
    const answer = await harness.raw(
      request(
        'GET / HTTP/1.1',
        'Host: localhost:4587',
        'Accept: text/html',
        'Sec-Fetch-Mode: navigate',
        'Connection: close',
      ),
    );
    expect(status(answer)).toBe('403');
    expect(answer).toMatch(/content-type: text\/plain/i);
    expect(answer.split('\r\n\r\n')[1]).toBe(
      'This is the AWS endpoint of Keyhold. Web pages are not allowed to use it.\n',
    );
  });

  it('refuses an unsigned request and says how to sign one', async () => {
    const harness = await startHarness();
    const answer = await harness.raw(request('GET / HTTP/1.1', 'Host: localhost', 'Connection: close'));
    expect(status(answer)).toBe('403');
    expect(answer).toContain('MissingAuthenticationToken');
    expect(answer).toContain('keyhold exec');
    await expectRefused(harness);
  });
});

describe('limits', () => {
  it('431 for headers over 64 KiB', async () => {
    const harness = await startHarness();
    const answer = await harness.raw(request('GET / HTTP/1.1', 'Host: localhost', `X-Big: ${'a'.repeat(70 * 1024)}`));
    expect(status(answer)).toBe('431');
    await expectRefused(harness);
  });

  it('431 for too many headers, none dropped silently', async () => {
    const harness = await startHarness();
    const many = Array.from({ length: 250 }, (_, i) => `X-H${i}: v`);
    const answer = await harness.raw(request('GET / HTTP/1.1', 'Host: localhost', 'Connection: close', ...many));
    expect(status(answer)).toBe('431');
    await expectRefused(harness);
  });

  it('takes headers just under the limits', async () => {
    const harness = await startHarness();
    const answer = await harness.send({ headers: [['x-amz-meta-note', 'a'.repeat(60 * 1024)]], target: '/' });
    expect(answer.status).toBe(200);
  });

  it('408 for headers that trickle in', async () => {
    const harness = await startHarness({ limits: { headersMs: 200 } });
    const answer = await harness.raw('GET / HTTP/1.1\r\nHost: loc');
    expect(status(answer)).toBe('408');
    await expectRefused(harness);
  });

  it('closes a silent connection without an audit entry', async () => {
    const harness = await startHarness({ limits: { headersMs: 200 } });
    expect(await harness.raw('')).toBe('');
    expect(harness.fake.records).toEqual([]);
  });

  it('408 for a held body that stops', async () => {
    const harness = await startHarness({ limits: { bodyIdleMs: 150 } });
    const { headers } = harness.sign({ method: 'POST', service: 'sts', body: Buffer.from('Action=x') });
    const lines = headers.map(([name, value]) => `${name}: ${value}`);
    const answer = await harness.raw(request('POST / HTTP/1.1', ...lines, 'Content-Length: 8') + 'Act');
    expect(status(answer)).toBe('408');
    await expectRefused(harness);
  });

  it('413 for a held body over the limit, declared or not', async () => {
    const harness = await startHarness({ limits: { bodyBufferBytes: 10_000 } });
    const body = Buffer.alloc(20_000);
    const declared = await harness.send({
      method: 'POST',
      service: 'sts',
      body,
      headers: [['Content-Type', 'application/x-www-form-urlencoded']],
    });
    expect(declared.status).toBe(413);
    expect(declared.text).toContain('RequestEntityTooLarge');
    expect(harness.upstream.seen).toEqual([]);
  });

  it('503 when all held bodies together are too much', async () => {
    const harness = await startHarness({ limits: { bodyBufferTotalBytes: 10_000 } });
    const answer = await harness.send({ method: 'POST', service: 'ssm', body: Buffer.alloc(20_000) });
    expect(answer.status).toBe(503);
    await expectRefused(harness);
    const next = await harness.send({ method: 'POST', service: 'sts', body: Buffer.from('Action=GetCallerIdentity') });
    expect(next.status).toBe(200);
  });

  it('drops connections over the limit and serves again afterwards', async () => {
    const harness = await startHarness({ limits: { connections: 3 } });
    const held = await Promise.all(
      Array.from({ length: 3 }, async () => {
        const socket = connect(harness.door.port, '127.0.0.1');
        await new Promise((resolve) => socket.once('connect', resolve));
        // So that the server has it, too.
        socket.write('GET / HTTP/1.1\r\n');
        return socket;
      }),
    );
    await expect(harness.send({})).rejects.toThrow();
    for (const socket of held) {
      socket.destroy();
      await new Promise((resolve) => socket.once('close', resolve));
    }
    await expect.poll(async () => (await harness.send({}).catch(() => ({ status: 0 }))).status).toBe(200);
  });
});
