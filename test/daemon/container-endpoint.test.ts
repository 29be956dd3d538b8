import { request } from 'node:http';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { KeyholdError } from '../../src/contract/errors.ts';
import { ContainerEndpoint } from '../../src/daemon/container-endpoint.ts';
import { systemClock } from '../../src/daemon/system-ports.ts';
import { silentLogger } from '../support/silent-logger.ts';

const ID = 'ab'.repeat(16);
const SECRET = 'wJalr"XUtn\\FEMI/K7MDENG';
let endpoint: ContainerEndpoint;
let url: string;
let asked: string[][];
let handed: Uint8Array[];
let answer: (gone: AbortSignal) => void | Promise<void>;

beforeEach(async () => {
  asked = [];
  handed = [];
  answer = () => undefined;
  endpoint = new ContainerEndpoint({
    clock: systemClock,
    log: silentLogger,
    async fetch(id, token, gone) {
      asked.push([id, token]);
      await answer(gone);
      const [secret, sessionToken] = [Buffer.from(SECRET), Buffer.from('IQoJb3JpZ2luX2Vj==')];
      handed.push(secret, sessionToken);
      return { accessKeyId: 'ASIAEXAMPLE', secret, token: sessionToken, expiresAt: 1_700_000_000_000 };
    },
  });
  url = await endpoint.open();
});
afterEach(() => endpoint.close());

interface Asked {
  method?: string;
  path?: string;
  headers?: Record<string, string>;
  body?: string;
}

function ask({ method = 'GET', path = `/v1/credentials/${ID}`, headers = {}, body }: Asked = {}) {
  const { port } = new URL(url);
  return new Promise<{ status: number; json: Record<string, unknown> }>((resolve, reject) => {
    const sent = request(
      { host: '127.0.0.1', port, method, path, headers: { authorization: 'token', ...headers }, agent: false },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, json: JSON.parse(text) }));
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

it('answers as Amazon ECS does, and keeps nothing of it', async () => {
  expect(await ask()).toEqual({
    status: 200,
    json: {
      AccessKeyId: 'ASIAEXAMPLE',
      SecretAccessKey: SECRET,
      Token: 'IQoJb3JpZ2luX2Vj==',
      Expiration: '2023-11-14T22:13:20.000Z',
    },
  });
  expect(asked).toEqual([[ID, 'token']]);
  expect(handed.every((bytes) => bytes.every((byte) => byte === 0))).toBe(true);
});

it('keeps nothing for who has gone before it comes', async () => {
  const bodies = vi.spyOn(Buffer, 'concat');
  const left = Promise.withResolvers<void>();
  const { port } = new URL(url);
  answer = (gone) => {
    bodies.mockClear();
    gone.addEventListener('abort', () => left.resolve(), { once: true });
    sent.destroy();
    return left.promise;
  };
  const sent = request({ host: '127.0.0.1', port, path: `/v1/credentials/${ID}`, headers: { authorization: 'token' } });
  sent.on('error', () => undefined);
  sent.end();
  await vi.waitUntil(() => handed.length > 0, { timeout: 5000 });
  await vi.waitUntil(() => handed.every((bytes) => bytes.every((byte) => byte === 0)), { timeout: 5000 });
  const made = bodies.mock.results.map(({ value }) => value);
  bodies.mockRestore();
  expect(made.length).toBeGreaterThan(0);
  expect(made.every((body) => Buffer.isBuffer(body) && body.every((byte) => byte === 0))).toBe(true);
});

it.each<[string, Asked, number]>([
  ['a name that was bound to this machine', { headers: { host: 'evil.example' } }, 403],
  ['another port', { headers: { host: '127.0.0.1:1' } }, 403],
  ['a web page by its Origin', { headers: { origin: 'https://evil.example' } }, 403],
  ['a web page by what browsers add', { headers: { 'sec-fetch-site': 'cross-site' } }, 403],
  ['a preflight', { method: 'OPTIONS', headers: { 'access-control-request-method': 'GET' } }, 403],
  ['another method', { method: 'POST' }, 405],
  ['a body', { method: 'GET', body: 'x', headers: { 'content-length': '1' } }, 400],
  ['no token', { headers: { authorization: '' } }, 401],
  ['a token without end', { headers: { authorization: 'x'.repeat(300) } }, 401],
  ['another path', { path: '/latest/meta-data/iam/security-credentials/' }, 404],
  ['a query', { path: `/v1/credentials/${ID}?x` }, 404],
  ['a proxy request', { path: 'http://169.254.170.2/v2/credentials' }, 400],
])('refuses %s before anybody is asked', async (_what, asks, status) => {
  const refused = await ask(asks);
  expect(refused.status).toBe(status);
  expect(refused.json).toMatchObject({ message: expect.stringMatching(/\.$/), Message: refused.json['message'] });
  expect(asked).toEqual([]);
});

it.each<[ConstructorParameters<typeof KeyholdError>[0], number]>([
  ['Unauthorized', 401],
  ['HsmRefused', 403],
  ['TouchRequired', 403],
  ['Unreachable', 503],
])('says why there is nothing: %s is %i', async (code, status) => {
  answer = () => {
    throw new KeyholdError(code, 'A sentence.');
  };
  expect(await ask()).toEqual({
    status,
    json: { code, message: 'A sentence.', Code: code, Message: 'A sentence.' },
  });
});

it('says how to unlock a locked vault', async () => {
  answer = () => {
    throw new KeyholdError('Locked', 'The vault is locked. Unlock it first.');
  };
  expect(await ask()).toMatchObject({
    status: 403,
    json: { code: 'Locked', message: 'Keyhold is locked. Run "keyhold unlock" and try again.' },
  });
});

it('does not tell what went wrong inside', async () => {
  answer = () => {
    throw new Error('secret detail');
  };
  const answered = await ask();
  expect(answered.status).toBe(500);
  expect(JSON.stringify(answered.json)).not.toContain('secret detail');
});

it('listens on loopback at a port of its own, and no more once it is closed', async () => {
  const { hostname } = new URL(url);
  expect(hostname).toBe('127.0.0.1');
  expect(await endpoint.open()).toBe(url);
  await endpoint.close();
  await expect(ask()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  url = await endpoint.open();
  expect((await ask()).status).toBe(200);
});
