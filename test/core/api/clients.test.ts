import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { deriveSigningKey } from '../../../src/core/sigv4/derive-key.ts';
import { deriveV4aKeyPair } from '../../../src/core/sigv4/v4a/derive-key-pair.ts';
import { ACCESS_KEY_ID, SECRET_KEY, startTestCore, type TestCore } from '../../support/core.ts';
import { createFakeClock, type FakeClock } from '../../support/fake-clock.ts';

const HOUR = 3_600_000;
const SCOPE = { date: '20261123', region: 'eu-central-1', service: 's3' };
let core: TestCore;
let clock: FakeClock;
beforeEach(async () => {
  clock = createFakeClock();
  core = startTestCore({ clock });
  await core.create();
  await core.client.call('settings.update', { autoLockMinutes: 0 });
  await core.populate();
});
afterEach(() => core.dispose());

const list = async () => (await core.client.call('client.list', {})).clients;

describe('a tool’s client key', () => {
  test('is shown once and signs what the door can verify', async () => {
    const issued = await core.addClient({ name: 'tool', profile: 'prod' });
    const backend = core.running.doorBackend;
    const client = await backend.resolveClient(issued.accessKeyId);
    if (client?.kind !== 'remote') throw new Error('the client is unknown');
    expect(client).toMatchObject({
      name: 'tool',
      profile: { name: 'prod', region: 'eu-central-1' },
      account: { accountId: '123456789012' },
      key: { name: 'deploy', status: 'active' },
    });
    const expected = deriveSigningKey(issued.secret, SCOPE);
    expect(Buffer.from(await backend.clientSigningKey(client, SCOPE))).toEqual(Buffer.from(expected));
    // Twice: from the cache, and still whole though the first copy was wiped by its user.
    (await backend.clientSigningKey(client, SCOPE)).fill(0);
    expect(Buffer.from(await backend.clientSigningKey(client, SCOPE))).toEqual(Buffer.from(expected));
  });

  test('has a SigV4a public key, which is asked for once and let go with the client', async () => {
    const issued = await core.addClient({ name: 'tool', profile: 'prod' });
    const backend = core.running.doorBackend;
    const client = await backend.resolveClient(issued.accessKeyId);
    if (client?.kind !== 'remote') throw new Error('the client is unknown');
    const key = await backend.clientPublicKey(client);
    const expected = deriveV4aKeyPair(issued.accessKeyId, issued.secret).publicKey;
    expect(key.export({ format: 'jwk' })).toEqual(expected.export({ format: 'jwk' }));
    expect(key.type).toBe('public');
    expect(await backend.clientPublicKey(client)).toBe(key);
    await core.client.call('vault.lock', {});
    await core.unlock();
    expect(await backend.resolveClient(issued.accessKeyId)).not.toBeNull();
    expect(await backend.clientPublicKey(client)).not.toBe(key);
    await core.client.call('client.remove', { name: 'tool' });
    const refusal = { code: 'HsmRefused', message: 'The client "tool" has been removed from Keyhold.' };
    await expect(async () => backend.clientPublicKey(client)).rejects.toMatchObject(refusal);
    await expect(async () => backend.clientSigningKey(client, SCOPE)).rejects.toMatchObject(refusal);
  });

  test('cannot be made when the door is closed', async () => {
    core.door.endpoint = null;
    core.door.error = 'Port 4587 is taken.';
    await expect(core.addClient({ name: 'tool', profile: 'prod' })).rejects.toMatchObject({
      code: 'PortInUse',
      message: 'Port 4587 is taken.',
    });
    expect(await list()).toEqual([]);
  });

  test('disable, rename by name or key id, enable, remove', async () => {
    const issued = await core.addClient({ name: 'tool', profile: 'prod' });
    await core.client.call('client.update', { name: issued.accessKeyId, enabled: false });
    expect(await core.running.doorBackend.resolveClient(issued.accessKeyId)).toMatchObject({ enabled: false });
    await core.client.call('client.update', { name: 'tool', rename: 'Tool 2', enabled: true });
    expect(await list()).toMatchObject([{ name: 'Tool 2', enabled: true }]);
    await core.client.call('client.remove', { name: 'tool 2' });
    expect(await core.running.doorBackend.resolveClient(issued.accessKeyId)).toBeNull();
    await expect(core.client.call('client.remove', { name: 'tool 2' })).rejects.toMatchObject({ code: 'NotFound' });
  });

  test('expires, stays in the list as expired, and its key is refused by the HSM too', async () => {
    const issued = await core.addClient({ name: 'tool', profile: 'prod', expiresInSeconds: 60 });
    const backend = core.running.doorBackend;
    clock.advance(61_000);
    expect(await list()).toMatchObject([{ name: 'tool', expired: true }]);
    const client = await backend.resolveClient(issued.accessKeyId);
    if (client?.kind !== 'remote') throw new Error('the client is unknown');
    expect(client.expiresAt).toBeLessThanOrEqual(clock.now());
    await expect(backend.clientSigningKey(client, SCOPE)).rejects.toMatchObject({ code: 'HsmRefused' });
  });
});

describe('ephemeral client keys', () => {
  test('exec gets a new one each time, for twelve hours', async () => {
    const one = await core.issue({ profile: 'prod', purpose: 'exec', label: 'terraform apply' });
    const two = await core.issue({ profile: 'prod', purpose: 'exec' });
    expect(one.accessKeyId).not.toBe(two.accessKeyId);
    expect(one.client.name).toMatch(/^terraform-apply-prod-[a-z2-7]{6}$/);
    expect(Date.parse(one.client.expiresAt ?? '')).toBe(clock.now() + 12 * HOUR);
  });

  test('credential-process gets the same one, with the same secret, until half of its life is over', async () => {
    const first = await core.issue({ profile: 'prod', purpose: 'credential-process' });
    clock.advance(5.9 * HOUR);
    const again = await core.issue({ profile: 'prod', purpose: 'credential-process' });
    expect([again.accessKeyId, again.secret]).toEqual([first.accessKeyId, first.secret]);
    clock.advance(0.2 * HOUR);
    const next = await core.issue({ profile: 'prod', purpose: 'credential-process' });
    expect(next.accessKeyId).not.toBe(first.accessKeyId);
    // A tool may still hold the old one.
    expect(await core.running.doorBackend.resolveClient(first.accessKeyId)).not.toBeNull();
  });

  test('credential-process never gets a key that lives longer than was asked', async () => {
    const issue = (expiresInSeconds?: number) =>
      core.issue({
        profile: 'prod',
        purpose: 'credential-process',
        ...(expiresInSeconds === undefined ? {} : { expiresInSeconds }),
      });
    const long = await issue();
    const short = await issue(900);
    expect(short.accessKeyId).not.toBe(long.accessKeyId);
    expect(Date.parse(short.client.expiresAt ?? '')).toBe(clock.now() + 900_000);
    expect((await issue(900)).accessKeyId).toBe(short.accessKeyId);
    // Who does not say how long gets the one that lasts longest.
    expect((await issue()).accessKeyId).toBe(long.accessKeyId);
    clock.advance(HOUR);
    const third = await issue(900);
    expect(Date.parse(third.client.expiresAt ?? '')).toBe(clock.now() + 900_000);
    expect((await issue(12 * 3600)).accessKeyId).toBe(long.accessKeyId);
    await core.client.call('client.update', { name: long.client.name, enabled: false });
    await expect(issue(900)).rejects.toMatchObject({ code: 'Unauthorized' });
  });

  test('only the secret that is asked for again can be sealed again', async () => {
    const session = core.running.core.session();
    for (const [purpose, extractable] of [
      ['exec', false],
      ['env', false],
      ['credential-process', true],
    ] as const) {
      const { client } = await core.issue({ profile: 'prod', purpose });
      const { value } = session.things.byName('client', client.name);
      const { attributes } = await session.hsm.call('objectInfo', { key: session.objectRef(value.secret.id) });
      expect([purpose, attributes.extractable]).toEqual([purpose, extractable]);
    }
  });

  test('a disabled credential-process client is not replaced behind its owner’s back', async () => {
    const first = await core.issue({ profile: 'prod', purpose: 'credential-process' });
    await core.client.call('client.update', { name: first.client.name, enabled: false });
    await expect(core.issue({ profile: 'prod', purpose: 'credential-process' })).rejects.toMatchObject({
      code: 'Unauthorized',
    });
  });

  test('expired ones go within the hour and at unlock; a person’s own stay', async () => {
    await core.issue({ profile: 'prod', purpose: 'exec', expiresInSeconds: 60 });
    await core.addClient({ name: 'tool', profile: 'prod', expiresInSeconds: 60 });
    await core.client.call('vault.lock', {});
    await core.unlock();
    expect(await list()).toHaveLength(2);
    await core.issue({ profile: 'prod', purpose: 'env', expiresInSeconds: 1800 });
    clock.advance(HOUR);
    // The periodic work is under way; a write queues behind it.
    await core.client.call('account.update', { name: 'prod', note: 'x' });
    expect((await list()).map(({ name }) => name)).toEqual(['tool']);
    expect(await core.client.call('vault.check', {})).toMatchObject({ ok: true });
  });
});

describe('the door’s backend', () => {
  const request = (more: object = {}) => ({
    time: new Date(clock.now()).toISOString(),
    action: 's3:ListBuckets',
    decision: 'allowed' as const,
    service: 's3',
    region: 'eu-central-1',
    ...more,
  });

  test('signs with the vaulted key', async () => {
    const { accessKeyId } = await core.addClient({ name: 'tool', profile: 'prod' });
    const backend = core.running.doorBackend;
    const client = await backend.resolveClient(accessKeyId);
    if (client?.kind !== 'remote') throw new Error('the client is unknown');
    const { createHmac } = await import('node:crypto');
    const expected = createHmac('sha256', deriveSigningKey(SECRET_KEY, SCOPE)).update('to sign').digest('hex');
    const credentials = await backend.credentials(client);
    expect(credentials).toMatchObject({ accessKeyId: ACCESS_KEY_ID, session: false });
    expect(credentials).not.toHaveProperty('sessionToken');
    expect(await backend.sign(credentials, SCOPE, 'to sign')).toBe(expected);
    expect(
      await backend.signV4a(
        credentials,
        `AWS4-ECDSA-P256-SHA256\n20261123T000000Z\n20261123/s3/aws4_request\n${'0'.repeat(64)}`,
      ),
    ).toMatch(/^30[0-9a-f]+$/);
  });

  test('hands out the session token of temporary credentials', async () => {
    await core.importKey(
      { name: 'temp', account: 'prod', accessKeyId: 'ASIAIOSFODNN7EXAMPLE' },
      SECRET_KEY,
      'TOKEN/+=',
    );
    await core.client.call('profile.update', { name: 'prod', key: 'temp' });
    const { accessKeyId } = await core.addClient({ name: 'tool', profile: 'prod' });
    const client = await core.running.doorBackend.resolveClient(accessKeyId);
    if (client?.kind !== 'remote') throw new Error('the client is unknown');
    expect(await core.running.doorBackend.credentials(client)).toMatchObject({
      accessKeyId: 'ASIAIOSFODNN7EXAMPLE',
      sessionToken: 'TOKEN/+=',
      session: false,
    });
  });

  test('records each request, counts it, and writes the counts within a minute', async () => {
    const { accessKeyId } = await core.addClient({ name: 'tool', profile: 'prod' });
    const backend = core.running.doorBackend;
    const client = await backend.resolveClient(accessKeyId);
    backend.record(request({ status: 200 }), client);
    backend.record(request({ status: 403 }), client);
    backend.record(request({ decision: 'denied', reason: 'no such client' }), null);
    expect(core.events.filter((event) => event.type === 'audit' && event.event.actor === 'door')).toHaveLength(3);
    expect(await list()).toMatchObject([{ requests: 2, lastUsedAt: new Date(clock.now()).toISOString() }]);
    expect((await core.client.call('key.list', {})).keys).toMatchObject([{ lastUsedService: 's3' }]);
    await core.client.call('vault.lock', {});
    await core.unlock();
    expect(await list()).toMatchObject([{ requests: 2 }]);
    expect((await core.client.call('key.list', {})).keys).toMatchObject([{ lastUsedRegion: 'eu-central-1' }]);
    const { entries } = await core.client.call('audit.list', { kind: 'request' });
    expect(entries.map(({ event }) => event.decision)).toEqual(['denied', 'allowed', 'allowed']);
    expect(await core.client.call('audit.verify', {})).toMatchObject({ ok: true });
  });

  describe('under a flood of refusals', () => {
    const refused = () =>
      request({ decision: 'denied', reason: 'unknown client', service: undefined, region: undefined });
    const requests = async () => (await core.client.call('audit.list', { kind: 'request', limit: 1000 })).entries;
    const accounted = (entries: Awaited<ReturnType<typeof requests>>): number =>
      entries.reduce((sum, { event }) => sum + (event.count ?? 1), 0);

    test('counts those of callers that proved nothing, in the log and for those who watch', async () => {
      const backend = core.running.doorBackend;
      for (let i = 0; i < 5000; i++) backend.record(refused(), null, 'UnknownClient tool');
      expect(await requests()).toHaveLength(20);
      clock.advance(60_000);
      const entries = await requests();
      expect(entries).toHaveLength(21);
      expect(entries[0]?.event).toMatchObject({ action: 'refused', decision: 'denied', actor: 'door', count: 4980 });
      expect(accounted(entries)).toBe(5000);
      expect(core.events.filter((event) => event.type === 'audit' && event.event.actor === 'door')).toHaveLength(21);
      expect(await core.client.call('audit.verify', {})).toMatchObject({ ok: true });
    });

    test('writes each request that a client signed, and counts it for the client', async () => {
      const { accessKeyId } = await core.addClient({ name: 'tool', profile: 'prod' });
      const backend = core.running.doorBackend;
      const client = await backend.resolveClient(accessKeyId);
      for (let i = 0; i < 100; i++) {
        backend.record(request({ decision: 'denied', reason: 'expired' }), client);
        backend.record(
          request({ decision: 'denied', reason: 'wrong signature' }),
          client,
          'SignatureDoesNotMatch tool',
        );
        backend.record(refused(), null, 'UnknownClient tool');
      }
      expect(await list()).toMatchObject([{ requests: 100 }]);
      clock.advance(60_000);
      const entries = await requests();
      expect(entries.filter(({ event }) => event.reason === 'expired')).toHaveLength(100);
      expect(entries.flatMap(({ event }) => event.count ?? [])).toEqual([80, 80]);
      expect(accounted(entries)).toBe(300);
    });

    test('enters what it has counted before a lock, and after a lock too', async () => {
      const backend = core.running.doorBackend;
      for (let i = 0; i < 50; i++) backend.record(refused(), null, 'UnknownClient tool');
      await core.client.call('vault.lock', {});
      for (let i = 0; i < 70; i++) backend.record(refused(), null, 'Locked tool');
      await core.restart();
      await core.unlock();
      const entries = await requests();
      expect(entries.flatMap(({ event }) => event.count ?? [])).toEqual([50, 30]);
      expect(entries.find(({ event }) => event.count === 30)?.event.reason).not.toContain('recorded while locked');
      expect(accounted(entries)).toBe(120);
    });
  });

  test('answers Locked when locked, and still records', async () => {
    const { accessKeyId } = await core.addClient({ name: 'tool', profile: 'prod' });
    const backend = core.running.doorBackend;
    const client = await backend.resolveClient(accessKeyId);
    if (client?.kind !== 'remote') throw new Error('the client is unknown');
    const credentials = await backend.credentials(client);
    await core.client.call('vault.lock', {});
    expect(backend.state()).toBe('locked');
    await expect(backend.resolveClient(accessKeyId)).rejects.toMatchObject({ code: 'Locked' });
    await expect(backend.credentials(client)).rejects.toMatchObject({ code: 'Locked' });
    await expect(backend.sign(credentials, SCOPE, 'x')).rejects.toMatchObject({ code: 'Locked' });
    await expect(async () => backend.clientSigningKey(client, SCOPE)).rejects.toMatchObject({ code: 'Locked' });
    await expect(async () => backend.clientPublicKey(client)).rejects.toMatchObject({ code: 'Locked' });
    backend.record(request({ decision: 'denied', reason: 'the vault is locked' }), null);
    clock.advance(1000);
    await core.unlock();
    const { entries } = await core.client.call('audit.list', { kind: 'request' });
    expect(entries.map(({ event }) => event.reason)).toEqual(['the vault is locked (recorded while locked)']);
  });
});
