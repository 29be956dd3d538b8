import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { resolveEndpoint } from '../../src/aws/forward/resolve-endpoint.ts';
import { AwsError } from '../../src/aws/protocol/aws-error.ts';
import { refuseAmbiguousPath } from '../../src/aws/steps/refuse-ambiguous-path.ts';
import { createRequestSigner } from '../../src/core/sigv4/index.ts';
import { CLIENT_KEY } from '../support/door-backend.ts';
import { type Harness, type SendOptions, startHarness } from './harness.ts';

interface Change {
  /** Request line's version. */
  version?: string;
  /** Request line's target, in the place of the signed one. */
  target?: string;
  method?: string;
  /** Header lines after the signed ones. */
  extra?: string[];
  body?: string;
}

/** A request that is signed well, with what an intermediary or a liar makes of it, as bytes. */
function bytesOf(harness: Harness, options: SendOptions, change: Change = {}): Buffer {
  const { headers, target } = harness.sign(options);
  const line = `${change.method ?? options.method ?? 'GET'} ${change.target ?? target} ${change.version ?? 'HTTP/1.1'}`;
  const lines = [line, ...headers.map(([name, value]) => `${name}: ${value}`), ...(change.extra ?? [])];
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${change.body ?? ''}`, 'latin1');
}
const statuses = (answer: string): string[] =>
  [...answer.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status = '']) => status);
const PUT: SendOptions = { method: 'PUT', target: '/b/k', payloadHash: 'UNSIGNED-PAYLOAD' };

async function withBucket(): Promise<Harness> {
  const harness = await startHarness({ limits: { bodyIdleMs: 300 } });
  harness.upstream.s3.buckets.set('b', new Map());
  return harness;
}

describe('well signed, and refused all the same', () => {
  it.each<[string, SendOptions, Change, string]>([
    ['HTTP/1.0', {}, { version: 'HTTP/1.0' }, '400'],
    ['HTTP/1.0 kept alive', {}, { version: 'HTTP/1.0', extra: ['Connection: keep-alive'] }, '400'],
    [
      'HTTP/1.0 with chunks',
      PUT,
      { version: 'HTTP/1.0', extra: ['Transfer-Encoding: chunked'], body: '2\r\nhi\r\n0\r\n\r\n' },
      '400',
    ],
    ['HTTP/2.0 in a request line', {}, { version: 'HTTP/2.0' }, '400'],
    ['HTTP/1.2', {}, { version: 'HTTP/1.2' }, '400'],
    [
      'Content-Length and chunks',
      PUT,
      { extra: ['Content-Length: 2', 'Transfer-Encoding: chunked'], body: '2\r\nhi\r\n0\r\n\r\n' },
      '400',
    ],
    ['chunked twice', PUT, { extra: ['Transfer-Encoding: chunked, chunked'], body: '2\r\nhi\r\n0\r\n\r\n' }, '400'],
    [
      'two Transfer-Encoding',
      PUT,
      { extra: ['Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'], body: '0\r\n\r\n' },
      '400',
    ],
    ['Transfer-Encoding: identity', PUT, { extra: ['Transfer-Encoding: identity'], body: 'hi' }, '400'],
    ['a vertical tab before chunked', PUT, { extra: ['Transfer-Encoding: \x0bchunked'], body: '0\r\n\r\n' }, '400'],
    ['Content-Length with zeros before it', PUT, { extra: ['Content-Length: 002'], body: 'hi' }, '400'],
    ['Content-Length that is empty', PUT, { extra: ['Content-Length: '] }, '400'],
    ['content_length', PUT, { extra: ['Content-Length: 2', 'content_length: 0'], body: 'hi' }, '400'],
    ['transfer_encoding', PUT, { extra: ['Content-Length: 2', 'Transfer_Encoding: chunked'], body: 'hi' }, '400'],
    ['a chunk size with a sign', PUT, { extra: ['Transfer-Encoding: chunked'], body: '+2\r\nhi\r\n0\r\n\r\n' }, '400'],
    ['a chunk size with 0x', PUT, { extra: ['Transfer-Encoding: chunked'], body: '0x2\r\nhi\r\n0\r\n\r\n' }, '400'],
    [
      'a space before a chunk size',
      PUT,
      { extra: ['Transfer-Encoding: chunked'], body: ' 2\r\nhi\r\n0\r\n\r\n' },
      '400',
    ],
    [
      'a space after a chunk size',
      PUT,
      { extra: ['Transfer-Encoding: chunked'], body: '2 \r\nhi\r\n0\r\n\r\n' },
      '400',
    ],
    [
      'a chunk size over 64 bits',
      PUT,
      { extra: ['Transfer-Encoding: chunked'], body: '10000000000000002\r\nhi\r\n0\r\n\r\n' },
      '400',
    ],
    ['chunks that end with LF', PUT, { extra: ['Transfer-Encoding: chunked'], body: '2\nhi\n0\n\n' }, '400'],
    ['an extension with LF', PUT, { extra: ['Transfer-Encoding: chunked'], body: '2;a\nhi\r\n0\r\n\r\n' }, '400'],
    [
      'an x-amz header that is not signed',
      PUT,
      { extra: ['X-AMZ-ACL: public-read', 'Content-Length: 2'], body: 'hi' },
      '403',
    ],
    ['the same with underscores', PUT, { extra: ['x_amz_acl: public-read', 'Content-Length: 2'], body: 'hi' }, '400'],
    [
      'a second value for a signed header',
      { ...PUT, headers: [['x-amz-acl', 'private']] },
      { extra: ['x-amz-acl: public-read', 'Content-Length: 2'], body: 'hi' },
      '403',
    ],
    ['a second Host', {}, { extra: ['Host: evil.example'] }, '400'],
    ['a second X-Amz-Date', {}, { extra: ['x-amz-date: 20300101T000000Z'] }, '400'],
    ['two Content-Type', {}, { extra: ['Content-Type: a', 'Content-Type: b'] }, '400'],
    ['Connection that removes a signed header', {}, { extra: ['Connection: close, x-amz-date'] }, '400'],
    ['Connection that removes Host', {}, { extra: ['Connection: host'] }, '400'],
    ['two Connection', {}, { extra: ['Connection: close', 'Connection: x-amz-date'] }, '400'],
    ['Upgrade', {}, { extra: ['Upgrade: websocket'] }, '501'],
    ['Upgrade as browsers ask for it', {}, { extra: ['Connection: Upgrade', 'Upgrade: websocket'] }, '400'],
    ['two Expect', PUT, { extra: ['Expect: 100-continue', 'Expect: 100-continue', 'Content-Length: 2'] }, '400'],
    ['an absolute target of this host', {}, { target: 'http://127.0.0.1/' }, '400'],
    ['an absolute target elsewhere', {}, { target: 'https://evil.example/' }, '400'],
    ['an authority as its target', {}, { target: 'evil.example:80' }, '400'],
    ['a target without a slash', {}, { target: '?x' }, '400'],
    ['a space in its target', {}, { target: '/a b' }, '400'],
    ['a method in lower case', {}, { method: 'get' }, '400'],
    ['a method no AWS API has', { method: 'PURGE' }, {}, '405'],
    ['another that Node knows', { method: 'M-SEARCH' }, {}, '405'],
    ['a bucket of dots in Host', { host: '...localhost' }, {}, '403'],
    ['an empty label in Host', { host: 'a..localhost' }, {}, '403'],
    ['a user in Host', { host: 'evil@localhost' }, {}, '403'],
    ['dot segments outside S3, signed', { service: 'lambda', target: '/a/../x' }, {}, '400'],
    ['dot segments outside S3, put in', { service: 'lambda', target: '/x' }, { target: '/a/../x' }, '400'],
    ['a path above the bucket', { target: '/b/../../x' }, {}, '400'],
    ['the same escaped', { target: '/b/%2e%2E/x' }, {}, '400'],
    ['the same with escaped slashes', { target: '/b/a%2F..%2F..%2Fx' }, {}, '400'],
    ['dots in the place of the bucket', { target: '/../x' }, {}, '400'],
  ])('%s', async (_name, options, change, status) => {
    const harness = await withBucket();
    const answer = await harness.raw(bytesOf(harness, options, change), { end: true });
    expect(statuses(answer)).toEqual([status]);
    await expect.poll(() => harness.fake.records.length).toBe(1);
    expect(harness.fake.records[0]).toMatchObject({ answered: Number(status), reason: expect.stringMatching(/./) });
    // A body turns out wrong when it is on its way already.
    const { version, extra = [] } = change;
    const inBody = version === undefined && extra.length === 1 && extra[0] === 'Transfer-Encoding: chunked';
    if (!inBody) expect([harness.fake.records[0]?.decision, harness.upstream.connections]).toEqual(['denied', 0]);
    expect(harness.upstream.seen.every(({ complete }) => !complete)).toBe(true);
    expect(harness.upstream.s3.buckets.get('b')?.size).toBe(0);
  });

  it('a presigned URL with an x-amz header that it does not cover', async () => {
    const harness = await withBucket();
    const host = `127.0.0.1:${harness.door.port}`;
    const signer = createRequestSigner({ ...CLIENT_KEY, region: 'eu-central-1', service: 's3' });
    const request = { method: 'PUT', path: '/b/k', query: '', headers: [['Host', host]] as [string, string][] };
    const query = signer.presign(request, { now: Date.now(), expiresSeconds: 60 });
    const answer = await harness.raw(
      `PUT /b/k?${query} HTTP/1.1\r\nHost: ${host}\r\nx-amz-acl: public-read\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`,
    );
    expect(answer).toContain('There were headers present in the request which were not signed');
    expect(harness.upstream.connections).toBe(0);
  });
});

describe('the upstream is always the account’s own', () => {
  it.each([
    '//evil.example/x',
    '///evil.example',
    '/\\evil.example/x',
    '/@evil.example/x',
    '/http://evil.example/',
    '/x?url=http://evil.example/#',
    '/%00',
    '/;evil.example',
    '/%2F%2Fevil.example',
  ])('%s goes there byte for byte, as a path', async (target) => {
    const harness = await startHarness();
    const answer = await harness.raw(bytesOf(harness, { target }, { extra: ['Connection: close'] }));
    if (target.includes('#')) {
      expect(statuses(answer)).toEqual(['400']);
      expect(harness.upstream.connections).toBe(0);
      return;
    }
    expect(harness.upstream.failures).toEqual([]);
    expect(harness.upstream.seen).toMatchObject([{ target }]);
    expect(harness.upstream.seen[0]?.header('host')).toBe(`127.0.0.1:${harness.upstream.port}`);
  });

  it.each([
    ['s3', 'evil.example'],
    ['s3', 'eu-central-1.evil.example'],
    ['s3', 'localhost'],
    ['s3', '127.0.0.1'],
    ['s3', '..'],
    ['s3.evil.example', 'eu-central-1'],
    ['evil', 'eu-central-1'],
    ['__proto__', 'eu-central-1'],
    ['constructor', 'eu-central-1'],
    ['169.254.169.254', 'eu-central-1'],
  ])('a scope of %s in %s makes no host', async (service, region) => {
    const harness = await startHarness();
    harness.fake.client.account = { ...harness.fake.client.account };
    Reflect.deleteProperty(harness.fake.client.account, 'endpointUrl');
    const answer = await harness.send({ service, region, target: '/x' });
    expect(answer.status).toBe(400);
    expect(answer.text).toContain('endpointUrl');
    await expect.poll(() => harness.fake.records.length).toBe(1);
    expect(harness.fake.records[0]).not.toHaveProperty('upstream');
  });

  it('nor does a bucket in Host or an account id in a header (property)', () => {
    const bucket = fc.stringMatching(/^[a-z0-9_-]{1,20}(\.[a-z0-9_-]{1,20}){0,3}$/);
    const accountId = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('evil.example/', '123456789012', '$&', '{r}'),
    );
    fc.assert(
      fc.property(bucket, accountId, fc.constantFrom('/', '/v20180820/jobs', '/b/k'), (name, id, path) => {
        const question = { service: 's3', region: 'eu-central-1', method: 'GET', path, bucket: name, accountId: id };
        const { hostname } = resolveEndpoint(question);
        expect(hostname).toMatch(/^([a-z0-9_-]+\.){0,2}s3(-control)?\.eu-central-1\.amazonaws\.com$/);
      }),
      { seed: 4587 },
    );
  });
});

describe('what an intermediary adds does not go on', () => {
  const rewriting = [
    'X-Forwarded-Host: evil.example',
    'X_Forwarded_For: 1.2.3.4',
    'Forwarded: host=evil.example',
    'X-Original-URL: /other',
    'X-Rewrite-URL: /other',
    'X-HTTP-Method-Override: DELETE',
    'X-Host: evil.example',
  ];
  it('headers that rewrite host, path or method, unless the client signed them', async () => {
    const harness = await startHarness();
    await harness.raw(bytesOf(harness, {}, { extra: [...rewriting, 'X-Other: kept', 'Connection: close'] }));
    const [first] = harness.upstream.seen;
    expect(first?.header('x-other')).toBe('kept');
    expect(first?.rawHeaders.join('\n')).not.toMatch(/evil|other$|1\.2\.3\.4|DELETE/m);
    await harness.send({ headers: [['X-HTTP-Method-Override', 'PATCH']] });
    expect(harness.upstream.seen[1]?.header('x-http-method-override')).toBe('PATCH');
    expect(harness.upstream.failures).toEqual([]);
  });

  it('trailers of the body', async () => {
    const harness = await withBucket();
    const extra = ['Transfer-Encoding: chunked', 'Trailer: x-amz-acl', 'Connection: close'];
    const body = '2\r\nhi\r\n0\r\nx-amz-acl: public-read\r\nX-Other: evil\r\n\r\n';
    let trailers: NodeJS.Dict<string> | undefined;
    harness.upstream.script = (_seen, request, response) => {
      trailers = request.trailers;
      response.end('ok');
      return true;
    };
    const answer = await harness.raw(bytesOf(harness, PUT, { extra, body }));
    expect([statuses(answer), trailers, harness.upstream.failures]).toEqual([['200'], {}, []]);
    expect(harness.upstream.seen[0]?.header('trailer')).toBeUndefined();
  });

  it.each([
    'Proxy-Connection: x-amz-date',
    'Keep-Alive: timeout=1',
    'TE: trailers',
    'Proxy-Authorization: Basic eA==',
    'Trailer: x-amz-acl',
    'HTTP2-Settings: AAMAAABk',
  ])('%s', async (line) => {
    const harness = await startHarness();
    const answer = await harness.raw(bytesOf(harness, {}, { extra: [line, 'Connection: close'] }));
    expect([statuses(answer), harness.upstream.failures]).toEqual([['200'], []]);
    expect(harness.upstream.seen[0]?.header(line.split(':')[0]?.toLowerCase() ?? '')).toBeUndefined();
  });

  it('a request behind a signed one is one of its own, and is refused on its own', async () => {
    const harness = await withBucket();
    const inner = 'DELETE /b/k HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';
    const answer = await harness.raw(bytesOf(harness, PUT, { extra: ['Content-Length: 2'], body: `hi${inner}` }));
    expect(statuses(answer)).toEqual(['200', '403']);
    expect(harness.upstream.seen).toMatchObject([{ method: 'PUT', bodyBytes: 2 }]);
    expect(harness.fake.records.map(({ decision }) => decision)).toEqual(expect.arrayContaining(['allowed', 'denied']));
  });

  it('Expect: 100-continue without a body is answered at once', async () => {
    const harness = await startHarness();
    const answer = await harness.raw(bytesOf(harness, {}, { extra: ['Expect: 100-continue', 'Connection: close'] }));
    expect(statuses(answer)).toEqual(['200']);
    expect(harness.upstream.seen[0]?.header('expect')).toBeUndefined();
  });
});

describe('an upstream that', () => {
  it('switches protocols is refused, and its connection closed', async () => {
    const harness = await startHarness();
    harness.upstream.onHead = (_request, response) => {
      response.socket?.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
      return true;
    };
    const answer = await harness.send({});
    expect([answer.status, answer.text]).toEqual([502, expect.stringContaining('switched protocols')]);
    expect(harness.fake.records).toMatchObject([{ answered: 502 }]);
  });
});

describe('a path', () => {
  it.each<[string, string, boolean, boolean]>([
    ['/b/dot/../dots/./x', 's3', false, true],
    ['/b/a/b/../../c', 's3', false, true],
    ['/b/a/b/../../../c', 's3', false, false],
    ['/b/..', 's3', false, false],
    ['/b/...', 's3', false, true],
    ['/./x', 's3', false, false],
    ['/a/../c', 's3', true, true],
    ['/../c', 's3', true, false],
    ['/b//../c', 's3', false, false],
    ['/', 's3', false, true],
    ['', 's3', false, true],
    ['/b/%', 's3', false, true],
    ['/2015-03-31/functions', 'lambda', false, true],
    ['/a//b', 'lambda', false, true],
    ['/a/./b', 'lambda', false, false],
    ['/a/%2e%2e/b', 'lambda', false, true],
    ['/%2e%2e/b', 'lambda', false, false],
    ['/a/..b/.c/d..', 'lambda', false, true],
  ])('%s of %s', (path, service, bucketInHost, allowed) => {
    const check = (): void => refuseAmbiguousPath(path, service, bucketInHost);
    if (allowed) expect(check).not.toThrow();
    else expect(check).toThrow(AwsError);
  });
});
