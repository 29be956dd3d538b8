import { linkSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { KeyholdError } from '../../src/contract/errors.ts';
import type { DaemonEvent } from '../../src/contract/events.ts';
import { type Contract, type ControlSocket, startControlSocket } from '../../src/daemon/control-socket.ts';
import { lockFile } from '../../src/daemon/file-lock.ts';
import { silentLogger } from '../support/silent-logger.ts';

let folder: string;
let path: string;
let running: ControlSocket[] = [];
const listeners = new Set<(event: DaemonEvent) => void>();

let connections: (AbortSignal | undefined)[] = [];

const contract: Contract = {
  async call(method, params, actor, connection) {
    connections.push(connection);
    if (method === 'fail') throw new KeyholdError('NotFound', 'There is no such thing.', { a: 1 });
    if (method === 'crash') throw new Error('with a secret inside');
    if (method === 'slow') await new Promise((resolve) => setTimeout(resolve, 50));
    if (method === 'status.get') return { pid: 4242 };
    return { method, params, actor };
  },
  subscribe(listener) {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};

async function start(
  options: { maxFrameBytes?: number; frameTimeoutMs?: number; startPatienceMs?: number } = {},
): Promise<ControlSocket> {
  const socket = await startControlSocket({ path, contract, log: silentLogger, ...options });
  running.push(socket);
  return socket;
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kh-'));
  path = join(folder, 'control.sock');
});
afterEach(async () => {
  for (const one of running) await one.stop();
  running = [];
  listeners.clear();
  connections = [];
  rmSync(folder, { recursive: true, force: true });
});

/** Sends raw bytes and gathers everything until the other side closes or `frames` lines have come. */
function exchange(pieces: (string | Uint8Array)[], frames = Number.POSITIVE_INFINITY): Promise<unknown[]> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    let text = '';
    const finish = () => {
      socket.destroy();
      resolve(lines(text));
    };
    socket.on('data', (chunk) => {
      text += chunk.toString();
      if (lines(text).length >= frames) finish();
    });
    socket.on('error', reject);
    socket.on('close', finish);
    socket.on('connect', async () => {
      for (const piece of pieces) {
        socket.write(piece);
        await new Promise((next) => setImmediate(next));
      }
    });
  });
}

function lines(text: string): unknown[] {
  return text
    .split('\n')
    .slice(0, -1)
    .map((line): unknown => JSON.parse(line));
}

const call = (id: number, method: string, params: unknown = {}) => `${JSON.stringify({ id, method, params })}\n`;

describe('the control socket', () => {
  test('is readable and writable by its owner alone', async () => {
    await start();
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test('answers calls in whatever order they finish, each with its id', async () => {
    await start();
    const answers = await exchange([call(1, 'slow') + call(2, 'echo', { a: 'ü' })], 2);
    expect(answers).toEqual([
      { id: 2, result: { method: 'echo', params: { a: 'ü' }, actor: 'cli' } },
      { id: 1, result: { method: 'slow', params: {}, actor: 'cli' } },
    ]);
  });

  test('calls of a connection are told when it has ended', async () => {
    await start();
    await exchange([call(1, 'echo') + call(2, 'echo')], 2);
    await exchange([call(1, 'echo')], 1);
    const [first, second, other] = connections;
    expect(first).toBe(second);
    expect(first).not.toBe(other);
    await expect.poll(() => connections.map((one) => one?.aborted)).toEqual([true, true, true]);
    const kept = connect(path);
    kept.write(call(1, 'echo'));
    await new Promise((resolve) => kept.once('data', resolve));
    expect(connections[3]?.aborted).toBe(false);
    kept.destroy();
    await expect.poll(() => connections[3]?.aborted).toBe(true);
  });

  test('errors keep their code and details; what is not ours keeps its text to itself', async () => {
    await start();
    const answers = await exchange([call(1, 'fail'), call(2, 'crash')], 2);
    expect(answers[0]).toEqual({
      id: 1,
      error: { code: 'NotFound', message: 'There is no such thing.', details: { a: 1 } },
    });
    expect(answers[1]).toMatchObject({ id: 2, error: { code: 'Internal' } });
    expect(JSON.stringify(answers[1])).not.toContain('secret');
  });

  test('takes a frame byte by byte, across a split multi-byte character', async () => {
    await start();
    const bytes = Buffer.from(call(7, 'echo', { name: 'Schlüssel 🔑' }));
    const answers = await exchange(
      Array.from(bytes, (_, at) => bytes.subarray(at, at + 1)),
      1,
    );
    expect(answers).toEqual([{ id: 7, result: { method: 'echo', params: { name: 'Schlüssel 🔑' }, actor: 'cli' } }]);
  });

  test.each([
    ['not JSON', 'hello\n'],
    ['an HTTP request', 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'],
    ['JSON of another shape', '{"id":1}\n'],
    ['an array', '[1,2]\n'],
    ['a negative id', '{"id":-1,"method":"x","params":{}}\n'],
    ['an unknown member', '{"id":1,"method":"x","params":{},"actor":"app"}\n'],
    ['bytes that are not UTF-8', Buffer.from([0x22, 0xff, 0xfe, 0x22, 0x0a])],
    ['an empty line', '\n'],
  ])('%s is refused and the connection closed', async (_, garbage) => {
    await start();
    const answers = await exchange([garbage, call(9, 'echo')]);
    expect(answers.at(-1)).toMatchObject({ id: -1, error: { code: 'InvalidInput' } });
    expect(answers).toHaveLength(1);
    expect(await exchange([call(1, 'echo')], 1)).toHaveLength(1);
  });

  test('a frame over the limit is refused without being gathered', async () => {
    await start({ maxFrameBytes: 1000 });
    const answers = await exchange(['x'.repeat(600), 'x'.repeat(600)]);
    expect(answers).toMatchObject([{ id: -1, error: { code: 'InvalidInput' } }]);
    expect(await exchange([call(1, 'echo', 'y'.repeat(800))], 1)).toHaveLength(1);
  });

  test('a frame that is never finished ends the connection', async () => {
    await start({ frameTimeoutMs: 30 });
    expect(await exchange(['{"id":1,'])).toMatchObject([{ id: -1, error: { code: 'Timeout' } }]);
  });

  test('a caller that closes its side first still gets its answers', async () => {
    await start();
    const answers = await new Promise<unknown[]>((resolve) => {
      const socket = connect({ path, allowHalfOpen: true });
      let text = '';
      socket.on('data', (chunk) => {
        text += chunk.toString();
      });
      socket.on('close', () => resolve(lines(text)));
      socket.end(call(1, 'slow') + call(2, 'echo'));
    });
    expect(answers).toHaveLength(2);
  });

  test('events go to those who subscribed, once each, and to nobody after they left', async () => {
    await start();
    const socket = connect(path);
    const frames: unknown[] = [];
    let text = '';
    const seen = (count: number) =>
      new Promise<void>((resolve) => {
        const look = () => (frames.length >= count ? resolve() : setTimeout(look, 2));
        look();
      });
    socket.on('data', (chunk) => {
      text += chunk.toString();
      frames.push(...lines(text));
      text = text.slice(text.lastIndexOf('\n') + 1);
    });
    socket.write('{"id":1,"subscribe":true}\n{"id":2,"subscribe":true}\n');
    await seen(2);
    expect(listeners.size).toBe(1);
    const event: DaemonEvent = { type: 'notice', level: 'info', message: 'hello' };
    for (const listener of listeners) listener(event);
    await seen(3);
    expect(frames[2]).toEqual({ event });
    socket.destroy();
    while (listeners.size > 0) await new Promise((resolve) => setTimeout(resolve, 2));
  });

  test('serves many connections at once', async () => {
    await start();
    const answers = await Promise.all(
      Array.from({ length: 64 }, (_, at) => exchange([call(at, 'slow'), call(at + 1000, 'echo')], 2)),
    );
    for (const [at, pair] of answers.entries()) {
      expect(pair.map((one) => (one as { id: number }).id).sort((a, b) => a - b)).toEqual([at, at + 1000]);
    }
  });

  test('replaces the socket file of a daemon that died', async () => {
    // A listening socket whose process is gone leaves such a file; a plain bind without listen answers ECONNREFUSED alike.
    const dead = createServer();
    await new Promise<void>((resolve) => dead.listen(path, resolve));
    const copy = join(folder, 'kept');
    linkSync(path, copy);
    await new Promise((resolve) => dead.close(resolve));
    linkSync(copy, path);
    await start();
    expect(await exchange([call(1, 'echo')], 1)).toHaveLength(1);
  });

  test('of several that find a dead daemon’s socket at once, one gets it and the others say so', async () => {
    const dead = createServer();
    await new Promise<void>((resolve) => dead.listen(path, resolve));
    const copy = join(folder, 'kept');
    linkSync(path, copy);
    await new Promise((resolve) => dead.close(resolve));
    linkSync(copy, path);
    const started = await Promise.allSettled([start(), start(), start(), start()]);
    expect(started.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const one of started) {
      if (one.status === 'rejected') {
        expect(one.reason).toMatchObject({ code: 'VaultBusy', details: { holder: { pid: 4242 } } });
      }
    }
    expect(await exchange([call(1, 'echo')], 1)).toHaveLength(1);
  });

  test('the next daemon can start where one has stopped', async () => {
    const first = await start();
    await first.stop();
    await start();
    expect(await exchange([call(1, 'echo')], 1)).toHaveLength(1);
  });

  test('a daemon that has begun to start and does not answer yet counts', async () => {
    const lock = lockFile(`${path}.lock`);
    await expect(start({ startPatienceMs: 50 })).rejects.toMatchObject({
      code: 'VaultBusy',
      message: expect.stringContaining('starting'),
    });
    lock?.release();
    await start();
  });

  test('a living daemon keeps its socket, and the second one says who holds it', async () => {
    await start();
    await expect(start()).rejects.toMatchObject({ code: 'VaultBusy', details: { holder: { pid: 4242 } } });
    expect(await exchange([call(1, 'echo')], 1)).toHaveLength(1);
  });

  test('a file that is no socket is not removed silently', async () => {
    writeFileSync(path, 'precious');
    await expect(start()).rejects.toThrow();
    expect(statSync(path).size).toBe(8);
  });

  test('stop ends idle connections and removes the file', async () => {
    const socket = await start();
    const idle: Socket = connect(path);
    await new Promise((resolve) => idle.once('connect', resolve));
    const closed = new Promise((resolve) => idle.once('close', resolve));
    await socket.stop();
    await closed;
    expect(statSync(path, { throwIfNoEntry: false })).toBeUndefined();
  });
});
