import { Agent, createServer, get, type Server } from 'node:http';
import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ACCESS_KEY_ID, SECRET_KEY } from '../support/core.ts';
import { startTestDaemon, type TestDaemon } from '../support/daemon.ts';

const CLIENTS = 8;
const REQUESTS = 40;

const agent = new Agent({ keepAlive: true });
let daemon: TestDaemon;
let upstream: Server;
/** The signatures that reached the upstream, and whether the vaulted key made them. */
const arrived: { authorization: string; genuine: boolean }[] = [];

beforeAll(async () => {
  upstream = createServer((request, response) => {
    void genuine(request.headers, request.url ?? '').then((ok) => {
      arrived.push({ authorization: request.headers.authorization ?? '', genuine: ok });
      response.end('{"ok":true}');
    });
  });
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
  const address = upstream.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  daemon = await startTestDaemon();
  await daemon.create();
  await daemon.call('account.add', {
    name: 'prod',
    accountId: '123456789012',
    kind: 'remote',
    endpointUrl: `http://127.0.0.1:${port}`,
  });
  await daemon.importKey({ name: 'deploy', account: 'prod', accessKeyId: ACCESS_KEY_ID }, SECRET_KEY);
  await daemon.call('profile.add', { name: 'prod', account: 'prod', key: 'deploy', region: 'eu-central-1' });
}, 60_000);
afterAll(async () => {
  agent.destroy();
  await daemon.stop();
  upstream.close();
});

function signerOf(accessKeyId: string, secretAccessKey: string): SignatureV4 {
  return new SignatureV4({
    credentials: { accessKeyId, secretAccessKey },
    region: 'eu-central-1',
    service: 'lambda',
    sha256: Sha256,
  });
}

/** Signs again what arrived, with the real key and an independent library. */
async function genuine(headers: NodeJS.Dict<string | string[]>, path: string): Promise<boolean> {
  const authorization = String(headers['authorization'] ?? '');
  const names = /SignedHeaders=([^,]+)/.exec(authorization)?.[1]?.split(';') ?? [];
  const signed = Object.fromEntries(names.map((name) => [name, String(headers[name] ?? '')]));
  const date = String(headers['x-amz-date'] ?? '');
  const iso = date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z');
  const again = await signerOf(ACCESS_KEY_ID, SECRET_KEY).sign(
    { method: 'GET', protocol: 'http:', hostname: String(headers['host'] ?? ''), path, headers: signed },
    { signingDate: new Date(iso), signableHeaders: new Set(names) },
  );
  return again.headers['authorization'] === authorization;
}

async function ask(
  client: { accessKeyId: string; secret: string },
  path: string,
): Promise<{ status: number; text: string }> {
  const { host } = new URL(daemon.endpoint);
  const signed = await signerOf(client.accessKeyId, client.secret).sign({
    method: 'GET',
    protocol: 'http:',
    hostname: '127.0.0.1',
    path,
    headers: { host },
  });
  // Not fetch: it sends Sec-Fetch-Mode as a page would, and the door refuses pages.
  return new Promise((resolve, reject) => {
    const asked = get(`${daemon.endpoint}${path}`, { headers: signed.headers, agent }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
      response.on('error', reject);
    });
    asked.on('error', reject);
  });
}

test('parallel clients: every request arrives signed with the vaulted key, is recorded, and is counted', async () => {
  const clients = await Promise.all(
    Array.from({ length: CLIENTS }, (_, index) => daemon.addClient({ name: `tool-${index}`, profile: 'prod' })),
  );
  const answers = await Promise.all(
    clients.map(async (client) => {
      const statuses: number[] = [];
      for (let index = 0; index < REQUESTS; index += 1) {
        const answer = await ask(client, '/2015-03-31/functions');
        statuses.push(answer.status);
      }
      return statuses;
    }),
  );
  expect(answers.flat().filter((status) => status !== 200)).toEqual([]);
  expect(arrived).toHaveLength(CLIENTS * REQUESTS);
  expect(arrived.filter((one) => !one.genuine)).toEqual([]);
  for (const { authorization } of arrived) expect(authorization).toContain(`Credential=${ACCESS_KEY_ID}/`);

  let before: number | undefined;
  const recorded: string[] = [];
  do {
    const page = await daemon.call('audit.list', {
      kind: 'request',
      limit: 1000,
      ...(before === undefined ? {} : { before }),
    });
    recorded.push(...page.entries.map(({ event }) => `${event.client} ${event.decision} ${event.status}`));
    before = page.nextBefore ?? undefined;
  } while (before !== undefined);
  expect(recorded.sort()).toEqual(
    clients.flatMap(({ client }) => Array(REQUESTS).fill(`${client.name} allowed 200`)).sort(),
  );
  expect(await daemon.call('audit.verify', {})).toMatchObject({ ok: true });
  const list = await daemon.call('client.list', {});
  expect(list.clients.map(({ requests }) => requests)).toEqual(Array(CLIENTS).fill(REQUESTS));
  expect((await daemon.call('key.list', {})).keys).toMatchObject([{ lastUsedService: 'lambda' }]);
});

test('a disabled, a removed and an unknown client key, and a locked vault, reach nothing', async () => {
  const client = await daemon.addClient({ name: 'short-lived', profile: 'prod' });
  const path = '/2015-03-31/functions';
  arrived.length = 0;
  expect((await ask(client, path)).status).toBe(200);
  await daemon.call('client.update', { name: 'short-lived', enabled: false });
  expect((await ask(client, path)).status).toBe(403);
  await daemon.call('client.remove', { name: 'short-lived' });
  expect((await ask(client, path)).status).toBe(403);
  const other = await daemon.addClient({ name: 'other', profile: 'prod' });
  expect((await ask({ ...other, secret: SECRET_KEY }, path)).status).toBe(403);
  await daemon.call('vault.lock', {});
  const locked = await ask(other, path);
  expect(locked.status).toBeGreaterThanOrEqual(400);
  expect(locked.text).toContain('locked');
  expect(arrived).toHaveLength(1);
});
