import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { regionOf } from '../../src/aws/forward/region-of.ts';
import { resolveEndpoint } from '../../src/aws/forward/resolve-endpoint.ts';
import { KeyholdError } from '../../src/contract/errors.ts';
import {
  type Authorization,
  deriveV4aKeyPair,
  finishPresign,
  type Header,
  preparePresign,
  signV4aString,
} from '../../src/core/sigv4/index.ts';
import { ACCESS_KEY_ID, startTestCore } from '../support/core.ts';
import { CLIENT_KEY, VAULTED_KEY } from '../support/door-backend.ts';
import { startUpstream } from '../support/upstream.ts';
import { cleanUp, startHarness } from './harness.ts';

const FORM = 'application/x-www-form-urlencoded; charset=utf-8';
const EVENTS: Header[] = [['X-Amz-Target', 'DynamoDB_20120810.ListTables']];

describe('a SigV4a request through the door', () => {
  it('is verified with the client’s key and arrives signed with the vaulted one, for the same regions', async () => {
    const { send, upstream, fake } = await startHarness();
    const answer = await send({ regionSet: ['*'] });
    expect(upstream.failures).toEqual([]);
    expect(answer.status).toBe(200);
    const [seen] = upstream.seen;
    expect(seen?.by).toMatchObject({
      algorithm: 'AWS4-ECDSA-P256-SHA256',
      accessKeyId: VAULTED_KEY.accessKeyId,
      service: 's3',
      regionSet: '*',
    });
    expect(seen?.by?.signedHeaders).toContain('x-amz-region-set');
    expect(seen?.rawHeaders.join('\n')).not.toContain(CLIENT_KEY.accessKeyId);
    expect(fake.records).toMatchObject([{ decision: 'allowed', service: 's3', region: '*', action: 'ListBuckets' }]);
    expect(fake.calls.sign).toBe(0);
  });

  it('keeps a list of regions as it is', async () => {
    const { send, upstream, fake } = await startHarness();
    await send({ regionSet: ['us-east-1', 'eu-*'] });
    expect(upstream.failures).toEqual([]);
    expect(upstream.seen[0]?.header('x-amz-region-set')).toBe('us-east-1,eu-*');
    expect(fake.records[0]?.region).toBe('us-east-1,eu-*');
  });

  it('with a body that the signature covers undeclared', async () => {
    const { send, upstream } = await startHarness();
    const body = Buffer.from('{"Limit":2}');
    expect((await send({ regionSet: ['*'], method: 'POST', service: 'dynamodb', headers: EVENTS, body })).status).toBe(
      200,
    );
    const form = Buffer.from('Action=GetCallerIdentity&Version=2011-06-15');
    const headers: Header[] = [['Content-Type', FORM]];
    const answer = await send({ regionSet: ['eu-west-1'], method: 'POST', service: 'sts', headers, body: form });
    expect(answer.text).toContain(VAULTED_KEY.accessKeyId);
    expect(upstream.failures).toEqual([]);
  });

  it.each<[string, string | undefined]>([
    ['a declared hash', undefined],
    ['UNSIGNED-PAYLOAD', 'UNSIGNED-PAYLOAD'],
  ])('with a body: %s', async (_name, payloadHash) => {
    const { send, upstream } = await startHarness();
    upstream.s3.buckets.set('b', new Map());
    const body = Buffer.alloc(600_000, 'keyhold ');
    const options = { regionSet: ['*'], method: 'PUT', target: '/b/k', body };
    const put = await send(payloadHash === undefined ? options : { ...options, payloadHash });
    expect(put.status).toBe(200);
    expect((await send({ regionSet: ['*'], target: '/b/k' })).body.equals(body)).toBe(true);
    expect(upstream.failures).toEqual([]);
  });

  it('with an unsigned aws-chunked body and its checksum', async () => {
    const { send, upstream } = await startHarness();
    upstream.s3.buckets.set('b', new Map());
    const data = randomBytes(1000);
    const sum = Buffer.alloc(4);
    sum.writeUInt32BE(crc32(data));
    const answer = await send({
      regionSet: ['*'],
      method: 'PUT',
      target: '/b/k',
      payloadHash: 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
      headers: [
        ['Content-Encoding', 'aws-chunked'],
        ['X-Amz-Decoded-Content-Length', '1000'],
        ['X-Amz-Trailer', 'x-amz-checksum-crc32'],
      ],
      body: Readable.from([
        Buffer.from('3e8\r\n'),
        data,
        Buffer.from(`\r\n0\r\nx-amz-checksum-crc32:${sum.toString('base64')}\r\n\r\n`),
      ]),
    });
    expect(answer.status).toBe(200);
    expect(upstream.failures).toEqual([]);
    expect(upstream.s3.buckets.get('b')?.get('k')?.size).toBe(1000);
  });

  it('adds the session token of a temporary key, signed', async () => {
    const key = { ...VAULTED_KEY, sessionToken: 'IQoJb3JpZ2luX2VjEXAMPLE/token+with=chars' };
    const { send, upstream, fake } = await startHarness({ upstream: { keys: [key] } });
    fake.sessionToken = key.sessionToken;
    expect((await send({ regionSet: ['*'] })).status).toBe(200);
    expect(upstream.failures).toEqual([]);
  });
});

describe('with the real HSM', () => {
  it('client and vaulted key are derived there, and the upstream agrees', async () => {
    const secretAccessKey = 'RealSecretOfTheVault/0123456789abcdefGHI';
    const upstream = await startUpstream({ keys: [{ accessKeyId: ACCESS_KEY_ID, secretAccessKey }] });
    cleanUp(() => upstream.close());
    const core = startTestCore();
    cleanUp(() => core.dispose());
    await core.create();
    const account = { name: 'prod', accountId: '123456789012', kind: 'remote' as const, endpointUrl: upstream.url };
    await core.client.call('account.add', account);
    await core.importKey({ name: 'deploy', account: 'prod', accessKeyId: ACCESS_KEY_ID }, secretAccessKey);
    await core.client.call('profile.add', { name: 'prod', account: 'prod', key: 'deploy', region: 'eu-central-1' });
    const { accessKeyId, secret } = await core.addClient({ name: 'tool', profile: 'prod' });
    const { send } = await startHarness({ door: { backend: core.running.doorBackend } });
    const key = { accessKeyId, secretAccessKey: secret };
    expect((await send({ regionSet: ['*'], key })).status).toBe(200);
    expect((await send({ regionSet: ['*'], key: { accessKeyId, secretAccessKey: 'other' } })).status).toBe(403);
    expect(upstream.failures).toEqual([]);
    expect(upstream.seen.map(({ by }) => [by?.accessKeyId, by?.regionSet])).toEqual([[ACCESS_KEY_ID, '*']]);
  });
});

describe('a SigV4a presigned URL', () => {
  function presign(port: number, secretAccessKey = CLIENT_KEY.secretAccessKey): string {
    const { accessKeyId } = CLIENT_KEY;
    const query = 'response-content-type=text%2Fplain';
    const headers: Header[] = [['Host', `127.0.0.1:${port}`]];
    const prepared = preparePresign(
      { method: 'GET', path: '/b/a%20key', query, headers },
      { accessKeyId, region: '', regionSet: ['*'], service: 's3', now: Date.now(), expiresSeconds: 900 },
    );
    const { privateKey } = deriveV4aKeyPair(accessKeyId, secretAccessKey);
    return `/b/a%20key?${finishPresign(prepared, signV4aString(privateKey, prepared.stringToSign))}`;
  }
  const get = (target: string, port: number): string =>
    `GET ${target} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: close\r\n\r\n`;

  it('leaves as one, with our signature in the place of the client’s', async () => {
    const { raw, door, upstream } = await startHarness();
    upstream.s3.buckets.set('b', new Map());
    const answer = await raw(get(presign(door.port), door.port));
    expect(answer).toContain('NoSuchKey');
    expect(upstream.failures).toEqual([]);
    const [seen] = upstream.seen;
    expect(seen?.by).toMatchObject({ presigned: true, regionSet: '*', accessKeyId: VAULTED_KEY.accessKeyId });
    expect(seen?.target.match(/X-Amz-Region-Set=/g)).toHaveLength(1);
    expect(seen?.target).not.toContain(CLIENT_KEY.accessKeyId);
  });

  it.each<[string, (target: string) => string]>([
    ['for other regions', (target) => target.replace('Region-Set=%2A', 'Region-Set=eu-west-1')],
    ['for another object', (target) => target.replace('a%20key', 'b%20key')],
    ['for longer', (target) => target.replace('Expires=900', 'Expires=9000')],
  ])('changed %s is refused', async (_name, change) => {
    const { raw, door, upstream } = await startHarness();
    const target = presign(door.port);
    expect(change(target)).not.toBe(target);
    expect(await raw(get(change(target), door.port))).toContain('<Code>SignatureDoesNotMatch</Code>');
    expect(upstream.seen).toEqual([]);
  });

  it('of another secret is refused', async () => {
    const { raw, door, upstream } = await startHarness();
    expect(await raw(get(presign(door.port, 'other'), door.port))).toContain('<Code>SignatureDoesNotMatch</Code>');
    expect(upstream.seen).toEqual([]);
  });
});

describe('what SigV4a is refused for', () => {
  it.each<[string, Parameters<Awaited<ReturnType<typeof startHarness>>['send']>[0], number, string]>([
    ['a wrong secret', { key: { ...CLIENT_KEY, secretAccessKey: 'other' } }, 403, 'SignatureDoesNotMatch'],
    ['an unknown client', { key: { ...CLIENT_KEY, accessKeyId: 'AKIDUNKNOWN' } }, 403, 'InvalidAccessKeyId'],
    ['its age', { now: Date.now() - 600_000 }, 403, 'RequestTimeTooSkewed'],
    [
      'other regions than the signed ones',
      {
        tamper: (headers) => headers.map(([name, value]) => [name, name === 'X-Amz-Region-Set' ? 'us-east-1' : value]),
      },
      403,
      'SignatureDoesNotMatch',
    ],
    [
      'a region set that is not signed',
      { tamper: (headers) => headers.map(([name, value]) => [name, value.replace('x-amz-region-set', 'x-amz-zzz')]) },
      403,
      'AccessDenied',
    ],
    [
      'chunks signed with SigV4a, which the door does not take',
      { payloadHash: 'STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD', method: 'PUT' },
      501,
      'NotImplemented',
    ],
    [
      'the same with trailers',
      { payloadHash: 'STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER', method: 'PUT' },
      501,
      'NotImplemented',
    ],
    [
      'chunks signed with the other algorithm',
      { payloadHash: 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD', method: 'PUT' },
      400,
      'InvalidRequest',
    ],
  ])('%s', async (_name, options, status, code) => {
    const { send, upstream, fake } = await startHarness();
    const answer = await send({ regionSet: ['*'], target: '/b/k', ...options });
    expect([answer.status, /<Code>(\w+)</.exec(answer.text)?.[1]]).toEqual([status, code]);
    if (status === 501)
      expect(answer.text).toContain('Declare the body with its SHA-256, UNSIGNED-PAYLOAD or STREAMING');
    expect(upstream.seen).toEqual([]);
    expect(fake.records).toMatchObject([{ decision: 'denied' }]);
  });

  it('a vaulted key that is bound to regions, with the HSM’s own sentence', async () => {
    const { send, fake } = await startHarness();
    fake.failWith = new KeyholdError('HsmRefused', 'This key is bound to regions and cannot sign for a set of them.');
    const answer = await send({ regionSet: ['*'], service: 'sts', target: '/?Action=GetCallerIdentity' });
    expect([answer.status, answer.text]).toEqual([403, expect.stringContaining('bound to regions')]);
  });
});

describe('where a SigV4a request goes', () => {
  const asked = (...regionSet: string[]): string => {
    const authorization: Authorization = {
      algorithm: 'AWS4-ECDSA-P256-SHA256',
      location: 'header',
      accessKeyId: 'A',
      scope: { date: '20260115', service: 's3' },
      scopeText: '20260115/s3/aws4_request',
      regionSet,
      timestamp: '20260115T120000Z',
      signedAt: 0,
      signedHeaders: ['host'],
      signature: '30',
    };
    return regionOf(authorization, 'eu-central-1');
  };
  it.each<[string[], string]>([
    [['us-west-2'], 'us-west-2'],
    [['*'], 'eu-central-1'],
    [['eu-*'], 'eu-central-1'],
    [['*-central-*'], 'eu-central-1'],
    [['us-east-1', 'eu-central-1'], 'eu-central-1'],
    [['us-east-1', 'eu-*'], 'eu-central-1'],
    [['us-east-1', 'us-west-2'], 'us-east-1'],
    [['us-*', 'ap-south-1'], 'ap-south-1'],
    [['us-*'], 'eu-central-1'],
    [['eu-central-1*1'], 'eu-central-1'],
  ])('%j: %s', (regionSet, region) => {
    expect(asked(...regionSet)).toBe(region);
  });

  it('never to a host that a region set makes up', () => {
    const question = { service: 's3', method: 'GET', path: '/', region: asked('evil-host') };
    expect(() => resolveEndpoint(question)).toThrow(/not a region of any AWS partition/);
  });
});
