import { createHash } from 'node:crypto';
import { Agent } from 'node:http';
import { describe, expect, it } from 'vitest';
import { VAULTED_KEY } from '../support/door-backend.ts';
import { startHarness } from './harness.ts';

const FORM = 'application/x-www-form-urlencoded; charset=utf-8';

describe('a request through the door', () => {
  it('arrives signed with the vaulted key, and the answer comes back untouched', async () => {
    const { send, upstream, fake } = await startHarness();
    const body = Buffer.from('Action=GetCallerIdentity&Version=2011-06-15');
    const answer = await send({ method: 'POST', service: 'sts', headers: [['Content-Type', FORM]], body });
    expect(answer.text).toContain(`<UserId>${VAULTED_KEY.accessKeyId}</UserId>`);
    expect(answer.status).toBe(200);
    expect(upstream.failures).toEqual([]);
    const seen = upstream.seen[0];
    expect(seen?.by?.accessKeyId).toBe(VAULTED_KEY.accessKeyId);
    expect(seen?.by?.region).toBe('eu-central-1');
    expect(seen?.header('host')).toBe(`127.0.0.1:${upstream.port}`);
    expect(fake.records).toHaveLength(1);
    expect(fake.records[0]).toMatchObject({
      by: 'laptop',
      action: 'GetCallerIdentity',
      decision: 'allowed',
      service: 'sts',
      region: 'eu-central-1',
      method: 'POST',
      client: 'laptop',
      profile: 'prod',
      account: 'production',
      upstream: `127.0.0.1:${upstream.port}`,
      status: 200,
      answered: 200,
      bytesIn: body.length,
      bytesOut: answer.body.length,
    });
    expect(fake.calls.touch).toBe(1);
  });

  it.each([
    ['small, held', 1000],
    ['large, streamed', 3_000_000],
  ])('S3 put and get with a declared hash: %s', async (_name, size) => {
    const { send, upstream } = await startHarness();
    upstream.s3.buckets.set('b', new Map());
    const body = Buffer.alloc(size, 'keyhold ');
    const put = await send({ method: 'PUT', target: '/b/key', body });
    expect(put.status).toBe(200);
    const got = await send({ target: '/b/key' });
    expect(createHash('sha256').update(got.body).digest('hex')).toBe(createHash('sha256').update(body).digest('hex'));
    expect(upstream.failures).toEqual([]);
  });

  it('adds the session token of a temporary key, signed', async () => {
    const key = { ...VAULTED_KEY, sessionToken: 'IQoJb3JpZ2luX2VjEXAMPLE/token+with=chars' };
    const { send, upstream, fake } = await startHarness({ upstream: { keys: [key] } });
    fake.sessionToken = key.sessionToken;
    const answer = await send({ target: '/' });
    expect(upstream.failures).toEqual([]);
    expect(answer.status).toBe(200);
  });

  it('keeps a path prefix of the endpointUrl', async () => {
    const { send, upstream } = await startHarness({ endpointPath: '/gateway/v1/' });
    await send({ service: 'lambda', target: '/2015-03-31/functions?MaxItems=1' });
    expect(upstream.seen[0]?.target).toBe('/gateway/v1/2015-03-31/functions?MaxItems=1');
    expect(upstream.failures).toEqual([]);
  });

  it('forwards user-agent and SDK headers as sent, and none of the client’s credentials', async () => {
    const { send, upstream } = await startHarness();
    await send({
      headers: [
        ['User-Agent', 'aws-cli/2.30 md/keyhold#1'],
        ['amz-sdk-invocation-id', '9f6b'],
        ['X-Amzn-Trace-Id', 'Root=1-2-3'],
        ['TE', 'trailers'],
        ['Keep-Alive', 'timeout=5'],
      ],
    });
    const seen = upstream.seen[0];
    expect(upstream.failures).toEqual([]);
    expect(seen?.header('user-agent')).toBe('aws-cli/2.30 md/keyhold#1');
    expect(seen?.header('amz-sdk-invocation-id')).toBe('9f6b');
    expect(seen?.by?.signedHeaders).toContain('amz-sdk-invocation-id');
    expect(seen?.header('x-amzn-trace-id')).toBe('Root=1-2-3');
    const all = seen?.rawHeaders.join('\n').toLowerCase() ?? '';
    expect(all).not.toContain('khakclient');
    expect(all).not.toMatch(/^te$|timeout=5/m);
  });

  it('reuses upstream connections', async () => {
    const { send, upstream } = await startHarness();
    const agent = new Agent({ keepAlive: true });
    for (let i = 0; i < 20; i++) expect((await send({ agent })).status).toBe(200);
    agent.destroy();
    expect(upstream.connections).toBe(1);
  });

  it('serves 32 at a time, each audited once', async () => {
    const { send, upstream, fake } = await startHarness();
    upstream.s3.buckets.set('b', new Map());
    const all = Array.from({ length: 320 }, (_, i) => i);
    const worker = async (): Promise<void> => {
      for (let i = all.pop(); i !== undefined; i = all.pop()) {
        const body = Buffer.from(`object ${i}`);
        const put = await send({ method: 'PUT', target: `/b/k${i}`, body });
        const got = await send({ target: `/b/k${i}` });
        expect([put.status, got.status, got.text]).toEqual([200, 200, `object ${i}`]);
      }
    };
    await Promise.all(Array.from({ length: 32 }, worker));
    expect(upstream.failures).toEqual([]);
    expect(fake.records).toHaveLength(640);
    expect(new Set(fake.records.map(({ requestId }) => requestId)).size).toBe(640);
    expect(fake.records.every(({ decision, status }) => decision === 'allowed' && status === 200)).toBe(true);
  });
});

describe('S3 keys arrive byte for byte', () => {
  it.each([
    '/b/a:b',
    '/b/a%3Ab',
    '/b//double//slash',
    '/b/with%20space',
    '/b/caf%C3%A9/%E6%97%A5%E6%9C%AC',
    '/b/plus+sign',
    '/b/%2Fencoded%2Fslash',
    '/b/dot/../dots/./x',
    "/b/it's(1)!*",
    '/b/tilde~at@eq=amp&semi;comma,dollar$',
    '/b/%e2%82%ac-lower-hex',
    '/b/key?versionId=a%2Fb&response-content-type=text%2Fplain',
    '/b/key?x-id=GetObject&empty=&flag',
  ])('%s', async (target) => {
    const { send, upstream } = await startHarness();
    upstream.script = (_seen, _request, response) => {
      response.end('ok');
      return true;
    };
    const answer = await send({ target });
    expect(upstream.failures).toEqual([]);
    expect(upstream.seen[0]?.target).toBe(target);
    expect(answer.text).toBe('ok');
  });
});
