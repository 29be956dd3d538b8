import { request } from 'node:http';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Params } from '../../src/contract/methods.ts';
import {
  createChunkedEncoder,
  createRequestSigner,
  deriveSigningKey,
  type Header,
} from '../../src/core/sigv4/index.ts';
import { startTestCore, type TestCore } from '../support/core.ts';
import { VAULTED_KEY } from '../support/door-backend.ts';
import { createFakeClock, type FakeClock } from '../support/fake-clock.ts';
import { enrolSoftKey, type Finger, finger } from '../support/gate-keys.ts';
import { cleanUp, type Harness, startHarness } from './harness.ts';

let clock: FakeClock;
let core: TestCore;
let hand: Finger;
let key: { accessKeyId: string; secretAccessKey: string };
let harness: Harness;

beforeEach(async () => {
  clock = createFakeClock();
  core = startTestCore({ clock });
  cleanUp(() => core.dispose());
  await core.create();
  await core.client.call('settings.update', { autoLockMinutes: 0 });
  harness = await startHarness({
    clock,
    door: { backend: core.running.doorBackend },
    upstream: { now: () => clock.now() },
  });
  await core.client.call('account.add', {
    ...{ name: 'prod', accountId: '123456789012', kind: 'remote' },
    endpointUrl: harness.upstream.url,
  });
  const { accessKeyId, secretAccessKey } = VAULTED_KEY;
  await core.importKey({ name: 'deploy', account: 'prod', accessKeyId }, secretAccessKey);
  await core.client.call('profile.add', { name: 'prod', account: 'prod', key: 'deploy', region: 'eu-central-1' });
  hand = finger([await enrolSoftKey(core, 'blue')]);
  core.running.core.touch.use(hand.source);
  const issued = await core.addClient({ name: 'tool', profile: 'prod' });
  key = { accessKeyId: issued.accessKeyId, secretAccessKey: issued.secret };
}, 60_000);

const gate = (target: Params<'gate.set'>['target'], withinSeconds = 0) =>
  core.client.call('gate.set', { target, withinSeconds, keys: 'any' });
const ask = (more: object = {}) => harness.send({ key, now: clock.now(), ...more });
const lastRequest = async () => {
  const { entries } = await core.client.call('audit.list', { kind: 'request', limit: 1 });
  return entries[0]?.event;
};

describe('a request that wants a touch', () => {
  it.each<[string, Params<'gate.set'>['target'], string]>([
    ['client', { kind: 'client', name: 'tool' }, 'deploy'],
    ['profile', { kind: 'profile', name: 'prod' }, 'deploy'],
    ['access key', { kind: 'key', name: 'deploy' }, 'deploy'],
  ])('by its %s goes out after one, and not without', async (_what, target) => {
    expect((await ask()).status).toBe(200);
    await gate(target);
    expect((await ask()).status).toBe(200);
    expect(hand.asked.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^Touch “blue” to let tool use deploy \(s3 \w+\)\.$/),
    ]);
    expect(await lastRequest()).toMatchObject({ decision: 'allowed', mfa: [{ key: 'blue' }] });
    hand.does = 'refuse';
    const refused = await ask();
    expect([refused.status, refused.text]).toEqual([403, expect.stringContaining('<Code>AccessDenied</Code>')]);
    expect(refused.text).toContain('This wants a touch of a security key. The security key said no.');
    const event = await lastRequest();
    expect(event).toMatchObject({ decision: 'denied', reason: expect.stringContaining('wants a touch') });
    expect(event).not.toHaveProperty('mfa');
  });

  it('gets one for a while', async () => {
    await gate({ kind: 'client', name: 'tool' }, 60);
    await gate({ kind: 'key', name: 'deploy' }, 60);
    expect((await ask()).status).toBe(200);
    expect((await ask()).status).toBe(200);
    expect(hand.asked).toHaveLength(2);
    clock.advance(60_000);
    hand.does = 'refuse';
    expect((await ask()).status).toBe(403);
  });

  it('asks nobody for a forged signature', async () => {
    await gate({ kind: 'client', name: 'tool' });
    const forged = await ask({ key: { ...key, secretAccessKey: 'x'.repeat(40) } });
    expect([forged.status, forged.text]).toEqual([403, expect.stringContaining('SignatureDoesNotMatch')]);
    expect(hand.asked).toEqual([]);
  });

  it('asks nobody for a disabled client, nor for SigV4a', async () => {
    await gate({ kind: 'client', name: 'tool' });
    const v4a = await ask({ regionSet: ['*'] });
    expect([v4a.status, v4a.text]).toEqual([501, expect.stringContaining('Sign them whole, with SigV4.')]);
    await core.client.call('client.update', { name: 'tool', enabled: false });
    expect((await ask()).status).toBe(403);
    expect(hand.asked).toEqual([]);
  });

  it('asks nobody for the touch of its profile when the request is refused anyway', async () => {
    await core.client.call('account.add', { name: 'cloud', accountId: '210987654321', kind: 'remote' });
    const { secretAccessKey } = VAULTED_KEY;
    await core.importKey({ name: 'cloud', account: 'cloud', accessKeyId: 'AKIDCLOUD00000000001' }, secretAccessKey);
    await core.client.call('profile.add', { name: 'cloud', account: 'cloud', key: 'cloud', region: 'eu-central-1' });
    const issued = await core.addClient({ name: 'cloud tool', profile: 'cloud' });
    await gate({ kind: 'profile', name: 'cloud' });
    const own = { accessKeyId: issued.accessKeyId, secretAccessKey: issued.secret };
    const nowhere = await ask({ key: own, service: 'nosuchservice' });
    expect([nowhere.status >= 400, nowhere.text]).toEqual([true, expect.stringContaining('endpointUrl')]);
    expect(hand.asked).toEqual([]);
  });

  it('names no touch in the log of a forgery', async () => {
    await gate({ kind: 'client', name: 'tool' }, 60);
    expect((await ask()).status).toBe(200);
    clock.advance(120_000);
    expect((await ask({ key: { ...key, secretAccessKey: 'x'.repeat(40) } })).status).toBe(403);
    expect((await ask()).status).toBe(200);
    const { entries } = await core.client.call('audit.list', { kind: 'request', limit: 10 });
    const denied = entries.map(({ event }) => event).filter(({ decision }) => decision === 'denied');
    expect(denied).toHaveLength(1);
    expect(denied[0]).not.toHaveProperty('mfa');
  });

  it('does not profit from the key that was known before the gate', async () => {
    expect((await ask()).status).toBe(200);
    await gate({ kind: 'client', name: 'tool' });
    hand.does = 'refuse';
    expect((await ask()).status).toBe(403);
  });

  it('signs a whole upload, chunk by chunk, for one touch; a client with a gate cannot ask so', async () => {
    harness.upstream.s3.buckets.set('b', new Map());
    await gate({ kind: 'key', name: 'deploy' });
    expect(await upload(300_000)).toBe(200);
    expect(hand.asked).toHaveLength(1);
    expect(harness.upstream.s3.buckets.get('b')?.size).toBe(1);
    await gate({ kind: 'client', name: 'tool' });
    expect(await upload(300_000)).toBe(501);
    expect(hand.asked).toHaveLength(1);
  });
});

/** Uploads so many bytes as the AWS SDK for Java does: in signed chunks. Answers the status. */
function upload(length: number): Promise<number> {
  const region = 'eu-central-1';
  const own: Header[] = [
    ['Host', `127.0.0.1:${harness.door.port}`],
    ['Content-Encoding', 'aws-chunked'],
    ['X-Amz-Decoded-Content-Length', String(length)],
  ];
  const headers = createRequestSigner({ ...key, region, service: 's3' }).sign(
    { method: 'PUT', path: '/b/k', query: '', headers: own },
    { now: clock.now(), payloadHash: 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD' },
  );
  const value = (name: string): string => headers.find(([one]) => one.toLowerCase() === name)?.[1] ?? '';
  const timestamp = value('x-amz-date');
  const scope = { date: timestamp.slice(0, 8), region, service: 's3' };
  const encoder = createChunkedEncoder({
    signingKey: deriveSigningKey(key.secretAccessKey, scope),
    timestamp,
    scopeText: `${scope.date}/${region}/s3/aws4_request`,
    seedSignature: /Signature=(\w+)/.exec(value('authorization'))?.[1] ?? '',
  });
  const parts: Uint8Array[] = [];
  for (let at = 0; at < length; at += 65_536) parts.push(...encoder.chunk(Buffer.alloc(Math.min(65_536, length - at))));
  const body = Buffer.concat([...parts, ...encoder.end(undefined)]);
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        ...{ host: '127.0.0.1', port: harness.door.port, method: 'PUT', path: '/b/k', agent: false },
        headers: { ...Object.fromEntries(headers), 'Content-Length': String(body.length) },
      },
      (answer) => answer.resume().on('end', () => resolve(answer.statusCode ?? 0)),
    );
    sent.on('error', reject);
    sent.end(body);
  });
}
