import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ACCESS_KEY_ID, SECRET_KEY, startTestCore, type TestCore } from '../../support/core.ts';

let core: TestCore;
beforeEach(async () => {
  core = startTestCore();
  await core.create();
});
afterEach(() => core.dispose());

const actions = async () =>
  (await core.client.call('audit.list', {})).entries
    .map(({ event }) => [event.action, event.target, event.reason] as const)
    .reverse();

describe('names', () => {
  test('are unique per kind without regard to case, and keep the spelling they were given', async () => {
    await core.populate();
    await expect(
      core.client.call('account.add', { name: 'PROD', accountId: '210987654321', kind: 'remote' }),
    ).rejects.toMatchObject({ code: 'AlreadyExists', details: { name: 'prod' } });
    await expect(
      core.client.call('profile.add', { name: 'Prod', account: 'prod', key: 'deploy' }),
    ).rejects.toMatchObject({ code: 'AlreadyExists' });
    await core.client.call('account.update', { name: 'PROD', rename: 'Prod' });
    expect((await core.client.call('account.list', {})).accounts).toMatchObject([{ name: 'Prod' }]);
    expect((await core.client.call('key.list', {})).keys).toMatchObject([{ account: 'Prod' }]);
  });

  test('composed and decomposed letters are the same name', async () => {
    await core.client.call('account.add', { name: 'caf\u00e9', accountId: '123456789012', kind: 'remote' });
    await expect(
      core.client.call('account.add', { name: 'cafe\u0301', accountId: '123456789012', kind: 'remote' }),
    ).rejects.toMatchObject({ code: 'AlreadyExists' });
  });

  test('a name that is not there suggests what was meant', async () => {
    await core.populate();
    await expect(core.client.call('profile.update', { name: 'prdo' })).rejects.toMatchObject({
      code: 'NotFound',
      message: 'There is no profile called prdo. Did you mean prod?',
      details: { suggestions: ['prod'] },
    });
    await expect(core.client.call('profile.remove', { name: 'zzzzzz' })).rejects.toMatchObject({
      message: 'There is no profile called zzzzzz.',
    });
  });

  test('of many callers at once, one gets the name', async () => {
    const results = await Promise.allSettled(
      Array.from({ length: 20 }, () =>
        core.client.call('account.add', { name: 'same', accountId: '123456789012', kind: 'remote' }),
      ),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect((await core.client.call('account.list', {})).accounts).toHaveLength(1);
    expect(await core.client.call('vault.check', {})).toMatchObject({ ok: true });
  });
});

describe('access keys', () => {
  beforeEach(() => core.client.call('account.add', { name: 'prod', accountId: '123456789012', kind: 'remote' }));

  test('the same key id twice in one account is refused, in two accounts it is not', async () => {
    await core.client.call('account.add', { name: 'stage', accountId: '210987654321', kind: 'remote' });
    await core.importKey({ name: 'a', account: 'prod', accessKeyId: ACCESS_KEY_ID });
    await expect(core.importKey({ name: 'b', account: 'prod', accessKeyId: ACCESS_KEY_ID })).rejects.toMatchObject({
      code: 'AlreadyExists',
      message: `The account prod already has ${ACCESS_KEY_ID}, as a.`,
    });
    await core.importKey({ name: 'b', account: 'stage', accessKeyId: ACCESS_KEY_ID });
    expect((await core.client.call('key.list', {})).keys).toHaveLength(2);
  });

  test('a client key of our own is not an AWS key', async () => {
    await expect(
      core.importKey({ name: 'a', account: 'prod', accessKeyId: `KHLD${'A'.repeat(16)}` }),
    ).rejects.toMatchObject({ code: 'InvalidInput' });
  });

  test('S3-compatible stores have keys of other shapes; AWS does not', async () => {
    await core.client.call('account.add', {
      name: 'minio',
      accountId: '000000000000',
      kind: 'remote',
      endpointUrl: 'http://127.0.0.1:9000',
    });
    const key = await core.importKey({ name: 'root', account: 'minio', accessKeyId: 'minioadmin' }, 'minioadmin');
    expect(key).toMatchObject({ accessKeyId: 'minioadmin', account: 'minio' });
    await core.client.call('profile.add', { name: 'minio', account: 'minio', key: 'root' });
    const { headers } = await core.client.call('sign.headers', {
      profile: 'minio',
      method: 'GET',
      url: 'http://127.0.0.1:9000/',
      headers: [],
      payloadHash: 'UNSIGNED-PAYLOAD',
      service: 's3',
    });
    expect(headers.find(([name]) => name.toLowerCase() === 'authorization')?.[1]).toContain('Credential=minioadmin/');
    await expect(
      core.importKey({ name: 'wrong', account: 'prod', accessKeyId: 'minioadmin' }, 'minioadmin'),
    ).rejects.toMatchObject({ code: 'InvalidInput', message: expect.stringContaining('capital letters') });
    await expect(
      core.importKey({ name: 'short', account: 'prod', accessKeyId: ACCESS_KEY_ID }, 'x'.repeat(15)),
    ).rejects.toMatchObject({ code: 'InvalidInput', message: expect.stringContaining('16 characters') });
    await core.importKey({ name: 'long', account: 'prod', accessKeyId: ACCESS_KEY_ID }, 'x'.repeat(16));
    await core.client.call('key.remove', { name: 'long' });
    await core.restart();
    await core.unlock();
    expect((await core.client.call('key.list', {})).keys).toMatchObject([{ name: 'root' }]);
  });

  test('tags, note, status and a session token', async () => {
    const key = await core.importKey(
      {
        name: 'temp',
        account: 'prod',
        accessKeyId: 'ASIAIOSFODNN7EXAMPLE',
        tags: { team: 'ops' },
        note: 'short-lived',
      },
      SECRET_KEY,
      'a-session-token/that+is=long',
    );
    expect(key).toMatchObject({ hasSessionToken: true, tags: { team: 'ops' }, note: 'short-lived', status: 'active' });
    await core.client.call('key.update', { name: 'temp', status: 'disabled', tags: {}, note: '' });
    expect((await core.client.call('key.list', {})).keys).toMatchObject([{ status: 'disabled', tags: {}, note: '' }]);
    expect((await actions()).map(([action]) => action)).toContain('key.disable');
  });

  test('a malformed secret is refused before anything is written', async () => {
    await expect(core.importKey({ name: 'a', account: 'prod', accessKeyId: ACCESS_KEY_ID }, '')).rejects.toMatchObject({
      code: 'InvalidInput',
    });
    expect((await core.client.call('key.list', {})).keys).toEqual([]);
    expect(await core.client.call('vault.check', {})).toMatchObject({ ok: true });
  });
});

describe('endpoints', () => {
  const add = (name: string, endpointUrl: string, more: { insecureEndpoint?: boolean } = {}) =>
    core.client.call('account.add', { name, accountId: '000000000000', kind: 'remote', endpointUrl, ...more });

  test('without encryption only to this machine, unless that is meant', async () => {
    await add('own', 'http://127.0.0.1:9000');
    await expect(add('lan', 'http://minio.lab.example')).rejects.toMatchObject({
      code: 'InvalidInput',
      message: expect.stringContaining('--insecure-endpoint'),
    });
    await add('lan', 'http://minio.lab.example', { insecureEndpoint: true });
    // What stands may be sent along with another change.
    await core.client.call('account.update', { name: 'lan', endpointUrl: 'http://minio.lab.example', note: 'x' });
    const elsewhere = { name: 'lan', endpointUrl: 'http://other.lab.example' };
    await expect(core.client.call('account.update', elsewhere)).rejects.toMatchObject({ code: 'InvalidInput' });
    await core.client.call('account.update', { ...elsewhere, insecureEndpoint: true });
    expect((await core.client.call('account.list', {})).accounts.map((one) => one.endpointUrl).sort()).toEqual([
      'http://127.0.0.1:9000',
      'http://other.lab.example',
    ]);
  });

  test('with a password, a query or a fragment, not at all', async () => {
    for (const url of ['https://user:pw@h.example/', 'https://h.example/?q=1', 'https://h.example/#x']) {
      const refused = await add('x', url, { insecureEndpoint: true }).catch((error: unknown) => error);
      expect(refused).toMatchObject({ code: 'InvalidInput' });
      expect(String(refused)).not.toContain('pw');
    }
  });
});

describe('removal', () => {
  beforeEach(async () => {
    await core.populate();
    await core.addClient({ name: 'terraform', profile: 'prod' });
  });

  test.each([
    ['account.remove', 'prod', ['key deploy', 'profile prod', 'client terraform']],
    ['key.remove', 'deploy', ['profile prod', 'client terraform']],
    ['profile.remove', 'prod', ['client terraform']],
  ] as const)('%s of what is in use names the dependents', async (method, name, dependents) => {
    await expect(core.client.call(method, { name })).rejects.toMatchObject({
      code: 'InUse',
      message: expect.stringContaining(dependents.join(', ')),
      details: {
        dependents: dependents.map((text) => ({ kind: text.split(' ')[0], name: text.split(' ')[1] })),
      },
    });
    expect(await core.client.call('vault.check', {})).toMatchObject({ ok: true, records: 7 });
  });

  test('cascade removes everything, key objects too, each with its audit entry', async () => {
    const { accessKeyId } = (await core.client.call('client.list', {})).clients[0] ?? { accessKeyId: '' };
    expect(await core.running.doorBackend.resolveClient(accessKeyId)).not.toBeNull();
    await core.client.call('account.remove', { name: 'prod', cascade: true });
    expect(await core.running.doorBackend.resolveClient(accessKeyId)).toBeNull();
    expect(await core.client.call('vault.check', {})).toMatchObject({ ok: true, records: 1 });
    expect((await actions()).slice(-4)).toEqual([
      ['client.remove', 'terraform', 'removed with account prod'],
      ['profile.remove', 'prod', 'removed with account prod'],
      ['key.remove', 'deploy', 'removed with account prod'],
      ['account.remove', 'prod', undefined],
    ]);
  });
});

describe('profiles', () => {
  beforeEach(() => core.populate());

  test('want a key of their own account', async () => {
    await core.client.call('account.add', { name: 'stage', accountId: '210987654321', kind: 'remote' });
    await expect(core.client.call('profile.add', { name: 'x', account: 'stage', key: 'deploy' })).rejects.toMatchObject(
      { code: 'InvalidInput', message: expect.stringContaining('deploy does not belong') },
    );
    await core.importKey({ name: 'other', account: 'stage', accessKeyId: ACCESS_KEY_ID });
    await expect(core.client.call('profile.update', { name: 'prod', key: 'other' })).rejects.toMatchObject({
      code: 'InvalidInput',
    });
  });

  test('have a default region and can be changed', async () => {
    const made = await core.client.call('profile.add', { name: 'plain', account: 'prod', key: 'deploy' });
    expect(made.region).toBe('us-east-1');
    await core.client.call('profile.update', { name: 'plain', region: 'eu-west-1', output: 'json', rename: 'west' });
    expect((await core.client.call('profile.list', {})).profiles).toContainEqual(
      expect.objectContaining({ name: 'west', region: 'eu-west-1', output: 'json' }),
    );
  });
});

test('changes are pushed: the audit event, and which lists to read again', async () => {
  core.events.length = 0;
  await core.populate();
  expect(
    core.events.map((event) =>
      event.type === 'audit' ? event.event.action : event.type === 'changed' ? event.what : event.type,
    ),
  ).toEqual(['account.add', ['accounts'], 'key.import', ['keys'], 'profile.add', ['profiles']]);
});

describe('key.matches', () => {
  const matches = (name: string, secret: string, token?: string) =>
    core.client.callSealed('key.matches', async (seal) => ({
      name,
      secretAccessKey: await seal('secret-access-key', new TextEncoder().encode(secret)),
      ...(token === undefined ? {} : { sessionToken: await seal('session-token', new TextEncoder().encode(token)) }),
    }));

  test('compares the secret and the session token, and enters a wrong one in the log', async () => {
    await core.populate();
    await core.importKey(
      { name: 'session', account: 'prod', accessKeyId: 'ASIAIOSFODNN7EXAMPLE' },
      SECRET_KEY,
      'token',
    );
    expect(await matches('deploy', SECRET_KEY)).toEqual({ matches: true });
    expect(await matches('session', SECRET_KEY, 'token')).toEqual({ matches: true });
    const before = await actions();
    expect(await matches('deploy', `${SECRET_KEY.slice(0, -1)}x`)).toEqual({ matches: false });
    expect(await matches('deploy', SECRET_KEY, 'token')).toEqual({ matches: false });
    expect(await matches('session', SECRET_KEY, 'another')).toEqual({ matches: false });
    expect(await matches('session', SECRET_KEY)).toEqual({ matches: false });
    expect((await actions()).slice(before.length)).toEqual(
      ['deploy', 'deploy', 'session', 'session'].map((name) => ['key.compare', name, 'another secret']),
    );
    await expect(matches('nope', SECRET_KEY)).rejects.toMatchObject({ code: 'NotFound' });
  });
});
