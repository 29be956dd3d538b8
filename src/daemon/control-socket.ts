import { chmodSync, lstatSync, rmSync, statSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { KeyholdError, toWireError } from '../contract/errors.ts';
import type { DaemonEvent } from '../contract/events.ts';
import { type AnswerFrame, MAX_FRAME_BYTES } from '../contract/wire.ts';
import type { Logger } from '../core/ports.ts';
import { askHolder } from './ask-holder.ts';
import { type FileLock, lockFile } from './file-lock.ts';
import { FrameReader } from './frame-reader.ts';
import { parseCallFrame } from './parse-call-frame.ts';

/** What a front end of the contract (socket, web page, Electron) asks of the core. */
export interface Contract {
  /** `connection` aborts when the connection that the call came over has ended; only the control socket's last. */
  call(
    method: string,
    params: unknown,
    actor: 'cli' | 'app' | 'web' | 'daemon',
    connection?: AbortSignal,
  ): Promise<unknown>;
  subscribe(listener: (event: DaemonEvent) => void): () => void;
}

export interface ControlSocketOptions {
  path: string;
  contract: Contract;
  log: Logger;
  /** Milliseconds a begun frame may take to arrive whole. */
  frameTimeoutMs?: number;
  maxFrameBytes?: number;
  /** Milliseconds given to another daemon that is starting to say who it is. */
  startPatienceMs?: number;
}

export interface ControlSocket {
  /** Closes the socket, ends every connection and removes the file. */
  stop(): Promise<void>;
}

const MAX_CONNECTIONS = 256;
const RETRY_MS = 50;
/** Reading pauses while this many calls of one connection are under way. */
const MAX_CALLS_UNDER_WAY = 256;
/** A subscriber that does not read is dropped when this much waits for it. */
const MAX_WAITING_BYTES = 32 * 1024 * 1024;

/**
 * The contract over a Unix socket (0600 in a folder of 0700: only the vault's owner can connect) or a Windows pipe. A socket
 * file left by a daemon that died is replaced; a living one is `VaultBusy`, naming its process.
 */
export async function startControlSocket(options: ControlSocketOptions): Promise<ControlSocket> {
  const connections = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    connections.add(socket);
    socket.on('close', () => connections.delete(socket));
    serve(socket, options);
  });
  server.maxConnections = MAX_CONNECTIONS;
  const lock = await claim(server, options);
  const isFile = process.platform !== 'win32';
  if (isFile) chmodSync(options.path, 0o600);
  const own = isFile ? statSync(options.path).ino : 0;
  server.on('error', (error) => options.log.error('control socket', { error }));
  return {
    async stop() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of connections) socket.end(() => socket.destroy());
      setTimeout(() => {
        for (const socket of connections) socket.destroy();
      }, 500).unref();
      await closed;
      // Node removes the file on close; ours is gone, another daemon's must stay.
      if (isFile && statSync(options.path, { throwIfNoEntry: false })?.ino === own)
        rmSync(options.path, { force: true });
      // Last: until then nobody may put another socket there.
      lock.release();
    },
  };
}

/**
 * Makes the server listen at the path, alone: between finding out that a socket is dead and putting another one in its place, nobody else may do the same. The lock is held as
 * long as the server listens. A Windows pipe goes with its process and needs none.
 */
async function claim(server: Server, { path, startPatienceMs = 5000 }: ControlSocketOptions): Promise<FileLock> {
  if (process.platform === 'win32') {
    await listenUnlessHeld(server, path);
    return { release: () => undefined };
  }
  const lock = await lockOrHolder(`${path}.lock`, path, startPatienceMs);
  try {
    await listenUnlessHeld(server, path);
    return lock;
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** Throws `VaultBusy`: who has the lock serves this folder, or is about to. */
async function lockOrHolder(lockPath: string, path: string, patienceMs: number): Promise<FileLock> {
  for (const deadline = Date.now() + patienceMs; ; await sleep(RETRY_MS)) {
    const lock = lockFile(lockPath);
    if (lock !== null) return lock;
    const holder = await askHolder(path);
    if (holder !== null) throw alreadyRunning(holder);
    if (Date.now() > deadline) {
      throw new KeyholdError('VaultBusy', 'Another Keyhold is starting here and does not answer. End it first.');
    }
  }
}

async function listenUnlessHeld(server: Server, path: string): Promise<void> {
  try {
    await listen(server, path);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) throw error;
    const holder = await askHolder(path);
    if (holder !== null) throw alreadyRunning(holder);
    if (lstatSync(path, { throwIfNoEntry: false })?.isSocket() === false) {
      throw new KeyholdError('InvalidInput', `${path} is in the way and is not a socket; move it elsewhere.`);
    }
    rmSync(path, { force: true });
    await listen(server, path);
  }
}

function alreadyRunning(holder: { pid?: number }): KeyholdError {
  return new KeyholdError(
    'VaultBusy',
    `Keyhold is already running here (process ${holder.pid ?? 'unknown'}); use that one or stop it first.`,
    { holder },
  );
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function serve(socket: Socket, options: ControlSocketOptions): void {
  const reader = new FrameReader(options.maxFrameBytes ?? MAX_FRAME_BYTES);
  let underWay = 0;
  let ended = false;
  const connection = new AbortController();
  let unsubscribe: (() => void) | undefined;
  let deadline: NodeJS.Timeout | undefined;

  const send = (frame: AnswerFrame): void => {
    if (socket.destroyed || !socket.writable) return;
    if (socket.writableLength > MAX_WAITING_BYTES) {
      options.log.warn('a control connection does not read and was dropped');
      socket.destroy();
      return;
    }
    socket.write(`${JSON.stringify(frame)}\n`);
  };
  // An id of -1 answers what could not be read as a call.
  const refuse = (error: unknown): void => {
    socket.pause();
    send({ id: -1, error: toWireError(error) });
    socket.end(() => socket.destroy());
  };
  const run = async (id: number, method: string, params: unknown): Promise<void> => {
    underWay += 1;
    if (underWay >= MAX_CALLS_UNDER_WAY) socket.pause();
    try {
      send({ id, result: await options.contract.call(method, params, 'cli', connection.signal) });
    } catch (error) {
      send({ id, error: toWireError(error) });
    } finally {
      underWay -= 1;
      if (underWay < MAX_CALLS_UNDER_WAY && socket.isPaused()) socket.resume();
      if (ended && underWay === 0) socket.end();
    }
  };

  socket.on('data', (chunk: Buffer) => {
    try {
      for (const line of reader.push(chunk)) {
        const frame = parseCallFrame(line);
        if ('subscribe' in frame) {
          unsubscribe ??= options.contract.subscribe((event) => send({ event }));
          send({ id: frame.id, result: {} });
        } else void run(frame.id, frame.method, frame.params);
      }
    } catch (error) {
      socket.removeAllListeners('data');
      refuse(error);
      return;
    }
    clearTimeout(deadline);
    if (!reader.unfinished) return;
    deadline = setTimeout(
      () => refuse(new KeyholdError('Timeout', 'A frame was begun and not finished in time.')),
      options.frameTimeoutMs ?? 30_000,
    );
  });
  // A caller may close its side once it has asked; it still gets its answers. One that listens for events and closes its side has ended: what waits for a person in its
  // name, a security key to be touched, is given up at once and not when there is something to write.
  socket.on('end', () => {
    ended = true;
    if (unsubscribe !== undefined) connection.abort();
    if (underWay === 0) socket.end();
  });
  socket.on('error', (error) => options.log.info('control connection ended', { reason: error.message }));
  socket.on('close', () => {
    clearTimeout(deadline);
    unsubscribe?.();
    connection.abort();
  });
}
