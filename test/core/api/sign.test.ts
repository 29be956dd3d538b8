import { createHash } from 'node:crypto';
import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ACCESS_KEY_ID, SECRET_KEY, startTestCore, type TestCore } from '../../support/core.ts';
import { createFakeClock, type FakeClock } from '../../support/fake-clock.ts';

const EMPTY = createHash('sha256').digest('hex');
let core: TestCore;
let clock: FakeClock;
beforeEach(async () => {
  clock = createFakeClock();
  core = startTestCore({ clock });
  await core.create();
  await core.populate();
});
afterEach(() => core.dispose());

describe('sign.headers', () => {
  test('is what an independent signer makes of the same request', async () => {
    const url = 'https://sts.eu-west-1.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15';
    const answer = await core.client.call('sign.headers', {
      profile: 'prod',
      method: 'GET',
      url,
      headers: [['accept', 'application/json']],
      payloadHash: EMPTY,
    });
    expect(answer).toMatchObject({ service: 'sts', region: 'eu-west-1' });
    const signer = new SignatureV4({
      credentials: { accessKeyId: ACCESS_KEY_ID, secretAccessKey: SECRET_KEY },
      region: 'eu-west-1',
      service: 'sts',
      sha256: Sha256,
      applyChecksum: false,
    });
    const signed = await signer.sign(
      {
        method: 'GET',
        protocol: 'https:',
        hostname: 'sts.eu-west-1.amazonaws.com',
        path: '/',
        query: { Action: 'GetCallerIdentity', Version: '2011-06-15' },
        headers: { host: 'sts.eu-west-1.amazonaws.com', accept: 'application/json' },
      },
      { signingDate: new Date(clock.now()) },
    );
    const ours = new Map(answer.headers.map(([name, value]) => [name.toLowerCase(), value]));
    expect(ours.get('authorization')).toBe(signed.headers['authorization']);
    expect(ours.get('x-amz-date')).toBe(signed.headers['x-amz-date']);
    expect(JSON.stringify(answer)).not.toContain(SECRET_KEY);
    const { entries } = await core.client.call('audit.list', { limit: 1 });
    expect(entries[0]?.event).toMatchObject({
      action: 'sign.headers',
      profile: 'prod',
      account: 'prod',
      target: 'deploy',
      service: 'sts',
      region: 'eu-west-1',
      upstream: 'sts.eu-west-1.amazonaws.com',
    });
    expect(JSON.stringify(entries[0])).not.toContain('GetCallerIdentity');
  });

  test('a host that says nothing needs --service', async () => {
    const params = {
      profile: 'prod',
      method: 'GET',
      url: 'https://minio.example:9000/a',
      headers: [],
      payloadHash: 'UNSIGNED-PAYLOAD',
    };
    await expect(core.client.call('sign.headers', params)).rejects.toMatchObject({
      code: 'InvalidInput',
      message: expect.stringContaining('--service'),
    });
    expect(await core.client.call('sign.headers', { ...params, service: 's3' })).toMatchObject({
      service: 's3',
      region: 'eu-central-1',
    });
  });

  test('a disabled key signs nothing', async () => {
    await core.client.call('key.update', { name: 'deploy', status: 'disabled' });
    await expect(
      core.client.call('sign.presign', {
        profile: 'prod',
        method: 'GET',
        bucket: 'abc',
        key: 'k',
        expiresInSeconds: 60,
      }),
    ).rejects.toMatchObject({ code: 'HsmRefused' });
  });

  test('a session token goes along', async () => {
    await core.importKey(
      { name: 'temp', account: 'prod', accessKeyId: 'ASIAIOSFODNN7EXAMPLE' },
      SECRET_KEY,
      'TOKEN/+=',
    );
    await core.client.call('profile.update', { name: 'prod', key: 'temp' });
    const { headers } = await core.client.call('sign.headers', {
      profile: 'prod',
      method: 'GET',
      url: 'https://iam.amazonaws.com/',
      headers: [],
      payloadHash: EMPTY,
    });
    expect(headers).toContainEqual(['X-Amz-Security-Token', 'TOKEN/+=']);
  });
});

describe('sign.presign', () => {
  test.each(['plain.txt', 'a b/c:d//é+%.txt', '日本.txt'])('%s is what an independent presigner makes', async (key) => {
    const { url, expiresAt } = await core.client.call('sign.presign', {
      profile: 'prod',
      method: 'GET',
      bucket: 'my-bucket',
      key,
      expiresInSeconds: 900,
    });
    expect(expiresAt).toBe(new Date(clock.now() + 900_000).toISOString());
    const ours = new URL(url);
    expect(ours.host).toBe('my-bucket.s3.eu-central-1.amazonaws.com');
    const encoded = key
      .split('/')
      .map((part) => encodeURIComponent(part))
      .join('/');
    const signer = new SignatureV4({
      credentials: { accessKeyId: ACCESS_KEY_ID, secretAccessKey: SECRET_KEY },
      region: 'eu-central-1',
      service: 's3',
      sha256: Sha256,
      uriEscapePath: false,
      applyChecksum: false,
    });
    const theirs = await signer.presign(
      {
        method: 'GET',
        protocol: 'https:',
        hostname: ours.host,
        path: `/${encoded}`,
        headers: { host: ours.host, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' },
      },
      {
        signingDate: new Date(clock.now()),
        expiresIn: 900,
        unhoistableHeaders: new Set(['x-amz-content-sha256']),
        unsignableHeaders: new Set(['x-amz-content-sha256']),
      },
    );
    expect(ours.searchParams.get('X-Amz-Signature')).toBe(theirs.query?.['X-Amz-Signature']);
  });

  test('an account’s own endpoint is addressed by path', async () => {
    await core.client.call('account.update', { name: 'prod', endpointUrl: 'http://127.0.0.1:9000/base/' });
    const { url } = await core.client.call('sign.presign', {
      profile: 'prod',
      method: 'PUT',
      bucket: 'b.c',
      key: 'k',
      expiresInSeconds: 1,
    });
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:9000\/base\/b\.c\/k\?X-Amz-Algorithm=/);
  });
});
