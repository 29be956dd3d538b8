import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { get } from 'node:https';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { ACCESS_KEY_ID, SECRET_KEY } from '../support/core.ts';
import { pinnedNode, startTestDaemon, type TestDaemon } from '../support/daemon.ts';
import { PASSWORD } from '../support/hsm.ts';
import { createKmsWire } from '../support/kms-wire.ts';
import { DAEMON_PROGRAM } from '../support/programs.ts';
import { policyOf, whyNoPolicies } from '../support/scheduling.ts';

let daemons: TestDaemon[] = [];
let folders: string[] = [];
afterEach(async () => {
  for (const one of daemons) if (one.process.exitCode === null && one.process.signalCode === null) await one.stop();
  daemons = [];
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  folders = [];
});

async function start(options: Parameters<typeof startTestDaemon>[0] = {}): Promise<TestDaemon> {
  const daemon = await startTestDaemon(options);
  daemons.push(daemon);
  return daemon;
}

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'kh-home-'));
  folders.push(made);
  return made;
}

/** Runs the daemon until it ends by itself. */
function runToEnd(home: string, args: string[]): Promise<{ code: number | null; stderr: string }> {
  return new Promise((resolve) => {
    const child = spawn(pinnedNode(), [DAEMON_PROGRAM, ...args], { env: { KEYHOLD_HOME: home, KEYHOLD_KDF: 'floor' } });
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    child.once('exit', (code) => resolve({ code, stderr }));
  });
}

function childrenOf(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return text === '' ? [] : text.split(' ').map(Number);
}

const alive = (pid: number): boolean => existsSync(`/proc/${pid}/status`);

test('starts, serves, and leaves nothing behind on SIGTERM', async () => {
  const home = folder();
  const daemon = await start({ home });
  expect(daemon.endpoint).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect(daemon.ui).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect(daemon.pid).toBe(daemon.process.pid);
  await daemon.create();
  expect(await daemon.call('status.get', {})).toMatchObject({ state: 'unlocked', home, endpoint: daemon.endpoint });
  const children = childrenOf(daemon.pid);
  expect(children).toHaveLength(1);
  expect(await daemon.stop()).toBe(0);
  expect(children.filter(alive)).toEqual([]);
  expect(existsSync(join(home, 'control.sock'))).toBe(false);
  expect(existsSync(join(home, 'vault.keyhold-wal'))).toBe(false);
  expect(existsSync(join(home, 'anchor.json'))).toBe(true);
  for (const name of ['vault.keyhold', 'anchor.json', 'daemon.log']) {
    expect([name, statSync(join(home, name)).mode & 0o077]).toEqual([name, 0]);
  }
});

test('what was done is there after a restart, and the log holds no secret', async () => {
  const home = folder();
  const first = await start({ home });
  await first.create();
  await first.call('account.add', { name: 'prod', accountId: '123456789012', kind: 'remote' });
  await first.importKey({ name: 'deploy', account: 'prod', accessKeyId: ACCESS_KEY_ID }, SECRET_KEY);
  await first.call('profile.add', { name: 'prod', account: 'prod', key: 'deploy' });
  const client = await first.addClient({ name: 'tool', profile: 'prod' });
  await first.stop();
  const second = await start({ home });
  expect(await second.call('status.get', {})).toMatchObject({ state: 'locked', lockReason: 'start' });
  await second.unlock();
  expect((await second.call('profile.list', {})).profiles).toMatchObject([
    { name: 'prod', region: 'us-east-1', clients: 1 },
  ]);
  expect(await second.call('vault.check', {})).toMatchObject({ ok: true });
  const log = readFileSync(join(home, 'daemon.log'), 'utf8');
  for (const secret of [SECRET_KEY, PASSWORD, client.secret]) expect(log).not.toContain(secret);
});

test('kill -9 of the HSM process locks the vault, says so, and loses nothing', async () => {
  const daemon = await start();
  await daemon.create();
  await daemon.call('account.add', { name: 'prod', accountId: '123456789012', kind: 'remote' });
  await daemon.client.subscribe();
  const [hsm] = childrenOf(daemon.pid);
  if (hsm === undefined) throw new Error('there is no HSM process');
  process.kill(hsm, 'SIGKILL');
  while ((await daemon.call('status.get', {})).state === 'unlocked') await new Promise((next) => setTimeout(next, 5));
  expect(await daemon.call('status.get', {})).toMatchObject({ state: 'locked', lockReason: 'hsm-crashed' });
  expect(daemon.client.events.map((event) => event.type)).toContain('notice');
  await daemon.unlock();
  expect((await daemon.call('account.list', {})).accounts).toMatchObject([{ name: 'prod' }]);
  expect(await daemon.call('vault.check', {})).toMatchObject({ ok: true });
  const { entries } = await daemon.call('audit.list', {});
  expect(entries.map(({ event }) => event.action)).toContain('hsm.crash');
});

test('a second daemon on the same folder says who holds it and changes nothing', async () => {
  const daemon = await start();
  await daemon.create();
  const second = await runToEnd(daemon.home, ['--port', '0']);
  expect(second.code).toBe(1);
  expect(second.stderr).toContain(`process ${daemon.pid}`);
  expect(await daemon.call('status.get', {})).toMatchObject({ state: 'unlocked' });
});

test('a port that was asked for and is taken is an error that names it', async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  const address = taken.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const home = folder();
  try {
    const { code, stderr } = await runToEnd(home, ['--port', String(port)]);
    expect(code).toBe(1);
    expect(stderr).toContain(String(port));
    expect(existsSync(join(home, 'control.sock'))).toBe(false);
  } finally {
    taken.close();
  }
});

test.each(['0x10', '70000', 'abc', '-1'])('--port %s is refused', async (port) => {
  const { code, stderr } = await runToEnd(folder(), [`--port=${port}`]);
  expect(code).toBe(1);
  expect(stderr).toContain('port');
});

test('daemon.stop answers and then stops', async () => {
  const daemon = await start();
  expect(await daemon.call('daemon.stop', {})).toEqual({});
  const code = await new Promise((resolve) => daemon.process.once('exit', resolve));
  expect(code).toBe(0);
});

test('ui.open gives a link that signs a page in once', async () => {
  const daemon = await start();
  const { url } = await daemon.call('ui.open', {});
  const { origin, hash } = new URL(url);
  const body = JSON.stringify({ token: hash.replace('#token=', '') });
  const post = () =>
    fetch(`${origin}/api/session`, { method: 'POST', body, headers: { origin, 'content-type': 'application/json' } });
  const answer = await post();
  expect(answer.status).toBe(200);
  expect((await post()).status).toBe(401);
  const cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? '';
  const { result } = (await answer.json()) as { result: { pageKey: string } };
  const called = await fetch(`${origin}/api/call`, {
    method: 'POST',
    body: '{"method":"status.get","params":{}}',
    headers: { origin, cookie, 'x-keyhold-session': result.pageKey, 'content-type': 'application/json' },
  });
  expect(await called.json()).toMatchObject({ result: { state: 'none', shell: 'serve' } });
});

test('a damaged config.json is named and the defaults are used', async () => {
  const home = folder();
  writeFileSync(join(home, 'config.json'), '{"port": 99999999}');
  const daemon = await start({ home });
  expect(await daemon.call('settings.get', {})).toMatchObject({ https: false, theme: 'system' });
  expect(daemon.stderr()).toContain('config.json has a bad value for "port"');
});

test('vaults of tests are cheap to open, and the log says so', async () => {
  const daemon = await start();
  await daemon.create();
  const { slots } = await daemon.call('slot.list', {});
  expect(slots[0]?.kdf).toEqual({ memoryKiB: 65_536, passes: 3, parallelism: 1 });
  expect(daemon.stderr()).toContain('KEYHOLD_KDF=floor');
});

test('a folder that others may enter is made private', async () => {
  const home = folder();
  execFileSync('chmod', ['755', home]);
  await start({ home });
  expect(statSync(home).mode & 0o777).toBe(0o700);
});

test('a home folder whose path is too long for a socket still works', async () => {
  const home = join(folder(), 'x'.repeat(120));
  const daemon = await start({ home });
  expect(existsSync(join(home, 'control.path'))).toBe(true);
  expect(await daemon.call('status.get', {})).toMatchObject({ state: 'none' });
});

test('nothing in arguments or environment of the processes is a secret', async () => {
  const daemon = await start();
  await daemon.create();
  for (const pid of [daemon.pid, ...childrenOf(daemon.pid)]) {
    const text = readFileSync(`/proc/${pid}/environ`, 'utf8') + readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    expect(text).not.toContain(PASSWORD);
  }
});

test('HTTPS under the vault’s own CA, at once and after a restart', async () => {
  const home = folder();
  const first = await start({ home });
  await first.create();
  const { pem } = await first.call('ca.export', {});
  expect(pem).toContain('BEGIN CERTIFICATE');
  const { port } = new URL(first.endpoint);
  await first.call('settings.update', { https: true, port: Number(port) });
  const status = await first.call('status.get', {});
  expect(status.httpsEndpoint).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
  expect(await askOverTls(status.httpsEndpoint ?? '', pem)).toBe(403);
  await expect(askOverTls(status.httpsEndpoint ?? '', undefined)).rejects.toThrow();
  await first.stop();
  const second = await start({ home, port: Number(port) });
  expect((await second.call('status.get', {})).httpsEndpoint).toBeNull();
  await second.unlock();
  // The unlock does not wait for HTTPS, but whoever gets a key is told the address it is at.
  await expect.poll(async () => (await second.call('status.get', {})).httpsEndpoint).toBe(status.httpsEndpoint);
  expect((await second.call('ca.export', {})).pem).toBe(pem);
  expect(await askOverTls(status.httpsEndpoint ?? '', pem)).toBe(403);
  expect(await second.call('vault.check', {})).toMatchObject({ ok: true });
  await second.call('settings.update', { https: false });
  expect((await second.call('status.get', {})).httpsEndpoint).toBeNull();
});

function askOverTls(url: string, ca: string | undefined): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = get(url, { agent: false, ...(ca === undefined ? {} : { ca }) }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    asked.on('error', reject);
  });
}

test.skipIf(whyNoPolicies() !== null)(
  'while the door is busy the HSM process leaves the processor to whoever wakes it',
  async () => {
    const daemon = await start();
    await daemon.create();
    const [hsm = 0] = childrenOf(daemon.pid);
    await daemon.call('account.add', { name: 'lab', accountId: '123456789012', kind: 'local', region: 'eu-west-1' });
    const { accessKeyId, secret } = await daemon.addClient({ name: 'busy', account: 'lab' });
    const wire = createKmsWire({
      ...{ endpoint: daemon.endpoint, region: 'eu-west-1', connections: 8 },
      ...{ accessKeyId, secretAccessKey: secret },
    });
    try {
      expect(policyOf(hsm)).toBe('other');
      await vi.waitUntil(
        async () => {
          await Promise.all(Array.from({ length: 100 }, () => wire.call('ListKeys', {})));
          return policyOf(hsm) === 'batch';
        },
        { timeout: 20_000 },
      );
      await vi.waitUntil(() => policyOf(hsm) === 'other', { timeout: 20_000 });
    } finally {
      wire.close();
    }
  },
);
