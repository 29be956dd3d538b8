import { createServer, type Server } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { KeyholdError } from '../../src/contract/errors.ts';
import type { Config } from '../../src/core/config.ts';
import type { DoorBackend } from '../../src/core/door.ts';
import { DoorHost, portToRemember } from '../../src/daemon/door-host.ts';
import { systemClock } from '../../src/daemon/system-ports.ts';
import { silentLogger } from '../support/silent-logger.ts';

const backend: DoorBackend = {
  state: () => 'locked',
  lockDetail: () => undefined,
  resolveClient: () => Promise.resolve(null),
  clientSigningKey: () => Promise.reject(new Error('not asked here')),
  isSignatureOf: () => Promise.reject(new Error('not asked here')),
  passProfile: () => Promise.reject(new Error('not asked here')),
  touchAge: () => Promise.resolve(undefined),
  onBehalfOf: (_call, work) => work(),
  clientPublicKey: () => Promise.reject(new Error('not asked here')),
  sign: () => Promise.reject(new Error('not asked here')),
  signV4a: () => Promise.reject(new Error('not asked here')),
  signChunks: () => Promise.reject(new Error('not asked here')),
  credentials: () => Promise.reject(new Error('not asked here')),
  session: () => {
    throw new Error('not asked here');
  },
  record() {},
  sessionEnded() {},
  sessionDenied() {},
  noteDate() {},
  touch() {},
};

let hosts: DoorHost[] = [];
let servers: Server[] = [];
let config: Config;
let diskFull: boolean;
beforeEach(() => {
  diskFull = false;
  config = {};
});
afterEach(async () => {
  for (const host of hosts) await host.close();
  for (const server of servers) server.close();
  hosts = [];
  servers = [];
});

function make(port?: number): DoorHost {
  const host = new DoorHost({
    backend,
    clock: systemClock,
    log: silentLogger,
    config: {
      get: () => config,
      update(patch) {
        if (diskFull) throw new KeyholdError('DiskFull', 'The disk is full.');
        config = { ...config, ...patch };
      },
    },
    port,
    issueTls: () => Promise.reject(new Error('not asked here')),
  });
  hosts.push(host);
  return host;
}

/** A port that somebody else has. */
async function occupy(): Promise<number> {
  const server = createServer();
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** A port that was free a moment ago. */
async function free(): Promise<number> {
  const port = await occupy();
  const server = servers.pop();
  await new Promise((resolve) => server?.close(resolve));
  return port;
}

const portOf = (host: DoorHost) => Number(new URL(host.state().endpoint ?? '').port);

test('a port given on the command line is used and remembered', async () => {
  const port = await free();
  const host = make(port);
  await host.open();
  expect([portOf(host), config.port, host.state().error]).toEqual([port, port, undefined]);
});

test('a port given on the command line that is taken is an error, and nothing is remembered', async () => {
  const port = await occupy();
  await expect(make(port).open()).rejects.toMatchObject({ code: 'PortInUse', details: { port } });
  expect(config.port).toBeUndefined();
});

test('the default port is remembered when it is asked for after another one', () => {
  const remembered = (wanted: number | undefined, before: number | undefined, opened: number) =>
    portToRemember({ wanted, remembered: before, opened });
  expect(remembered(4587, 4600, 4587)).toBe(4587);
  expect(remembered(4600, undefined, 4600)).toBe(4600);
  expect(remembered(4600, 4600, 4600)).toBeUndefined();
  // Any free port is nobody's choice, and neither is the default that nobody asked for.
  expect(remembered(0, 4600, 51_234)).toBeUndefined();
  expect(remembered(undefined, undefined, 4587)).toBeUndefined();
  expect(remembered(undefined, undefined, 4588)).toBe(4588);
  expect(remembered(undefined, 4600, 4601)).toBeUndefined();
});

test('turning HTTPS off does not move a door that is elsewhere than the settings say', async () => {
  config = { port: await free() };
  const host = make(0);
  await host.open();
  const port = portOf(host);
  await host.move(undefined, false);
  expect([portOf(host), host.state().httpsEndpoint]).toEqual([port, null]);
  const other = await free();
  await host.move(other, false);
  expect(portOf(host)).toBe(other);
});

test('a full disk keeps the port from being remembered, not the door from opening', async () => {
  const port = await free();
  const host = make(port);
  diskFull = true;
  await host.open();
  expect(portOf(host)).toBe(port);
});

test('a remembered port that is taken moves the door for this time, says so, and stays remembered', async () => {
  const port = await occupy();
  config = { port };
  const host = make();
  await host.open();
  expect(portOf(host)).not.toBe(port);
  expect(host.state().error).toContain(`Port ${port} is taken`);
  expect(config.port).toBe(port);
});

test('moving opens the new door before it closes the old one; a taken port leaves it where it was', async () => {
  const host = make(await free());
  await host.open();
  const before = portOf(host);
  await expect(host.move(await occupy(), false)).rejects.toMatchObject({ code: 'PortInUse' });
  expect(portOf(host)).toBe(before);
  const next = await free();
  await host.move(next, false);
  expect(portOf(host)).toBe(next);
  await expect(fetch(`http://127.0.0.1:${before}/`)).rejects.toThrow();
  expect((await fetch(`http://127.0.0.1:${next}/`)).status).toBeGreaterThanOrEqual(400);
});
