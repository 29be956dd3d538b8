import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createKeyholdClient, type KeyholdClient } from '../../src/client/client.ts';
import { createReplyKey } from '../../src/client/seal.ts';
import { KeyholdError, type WireError } from '../../src/contract/errors.ts';
import type { DaemonEvent } from '../../src/contract/events.ts';
import type { Params, Result } from '../../src/contract/methods.ts';
import { findSocketPath } from '../../src/daemon/home.ts';
import { PASSWORD } from './hsm.ts';
import { COMPILED, DAEMON_PROGRAM } from './programs.ts';

const NODE = fileURLToPath(new URL('../../node_modules/node/bin/node', import.meta.url));
const utf8 = new TextEncoder();

/** The Node that this repository pins. */
export function pinnedNode(): string {
  return NODE;
}

export interface SocketClient extends KeyholdClient {
  events: DaemonEvent[];
  subscribe(): Promise<void>;
  close(): void;
}

/** The contract over a control socket. Calls under way reject with `Unreachable` when the connection breaks. */
export async function connectToDaemon(path: string): Promise<SocketClient> {
  const socket = await open(path);
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  const events: DaemonEvent[] = [];
  let next = 1;
  let text = '';
  socket.setEncoding('utf8');
  socket.on('data', (chunk: string) => {
    text += chunk;
    const lines = text.split('\n');
    text = lines.pop() ?? '';
    for (const line of lines) {
      const frame = JSON.parse(line) as { id: number; result?: unknown; error?: WireError } | { event: DaemonEvent };
      if ('event' in frame) {
        events.push(frame.event);
        continue;
      }
      const call = waiting.get(frame.id);
      waiting.delete(frame.id);
      if (frame.error === undefined) call?.resolve(frame.result);
      else call?.reject(KeyholdError.fromWire(frame.error));
    }
  });
  socket.on('error', () => undefined);
  socket.on('close', () => {
    for (const call of waiting.values()) call.reject(new KeyholdError('Unreachable', 'The daemon is gone.'));
    waiting.clear();
  });
  const send = (frame: object): Promise<unknown> =>
    new Promise((resolve, reject) => {
      if (socket.destroyed) return reject(new KeyholdError('Unreachable', 'The daemon is gone.'));
      const id = next++;
      waiting.set(id, { resolve, reject });
      socket.write(`${JSON.stringify({ id, ...frame })}\n`);
    });
  return {
    ...createKeyholdClient((method, params) => send({ method, params })),
    events,
    async subscribe() {
      await send({ subscribe: true });
    },
    close: () => socket.destroy(),
  };
}

function open(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(socket);
    });
  });
}

export interface TestDaemon {
  readonly home: string;
  readonly process: ChildProcess;
  readonly endpoint: string;
  readonly ui: string;
  readonly pid: number;
  readonly client: SocketClient;
  connect(): Promise<SocketClient>;
  call: KeyholdClient['call'];
  create(password?: string): Promise<string>;
  unlock(password?: string): Promise<Result<'vault.unlock'>>;
  importKey(
    params: Omit<Params<'key.import'>, 'secretAccessKey' | 'sessionToken' | 'source'>,
    secret: string,
  ): Promise<void>;
  /** A client key with its secret in the clear, as a tool gets it. */
  addClient(params: Omit<Params<'client.add'>, 'replyKey'>): Promise<Result<'client.add'> & { secret: string }>;
  /** SIGTERM; answers the exit code. */
  stop(): Promise<number | null>;
  kill(): Promise<void>;
  stderr(): string;
}

export interface TestDaemonOptions {
  /** Default: a fresh folder, removed by `stop`. */
  home?: string;
  /** Default 0: any free port. */
  port?: number;
  env?: Record<string, string>;
  /** Another program than the daemon's own; it gets a channel for messages. */
  main?: string;
  /** What to start in place of a program, where that runs it in turn (umockdev-run). */
  within?: (program: string, args: readonly string[]) => { program: string; args: string[] };
}

/** Starts the real daemon (pinned Node, Argon2id at the floor) and waits until it is ready. */
export async function startTestDaemon(options: TestDaemonOptions = {}): Promise<TestDaemon> {
  const home = options.home ?? mkdtempSync(join(tmpdir(), 'kh-'));
  const main = [options.main ?? DAEMON_PROGRAM, '--port', String(options.port ?? 0)];
  const { program, args } = options.within?.(NODE, main) ?? { program: NODE, args: main };
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe', ...(options.main === undefined ? [] : (['ipc'] as const))],
    env: {
      PATH: process.env['PATH'] ?? '',
      NODE_COMPILE_CACHE: COMPILED,
      ...options.env,
      KEYHOLD_HOME: home,
      KEYHOLD_KDF: 'floor',
    },
  });
  let stderr = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr = (stderr + chunk.toString()).slice(-64_000);
  });
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  // A test file that is given up must not leave its daemon behind.
  let pid: number | undefined;
  const signal = (name: NodeJS.Signals): void => {
    // The daemon is not what was started: the program around it would leave it behind.
    if (options.within !== undefined && pid !== undefined && child.exitCode === null) process.kill(pid, name);
    else child.kill(name);
  };
  const abandon = () => signal('SIGKILL');
  process.once('exit', abandon);
  void ended.then(() => process.off('exit', abandon));
  const ready = await new Promise<{ endpoint: string; ui: string; pid: number }>((resolve, reject) => {
    let text = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const end = text.indexOf('\n');
      if (end !== -1) resolve(JSON.parse(text.slice(0, end)) as { endpoint: string; ui: string; pid: number });
    });
    void ended.then((code) => reject(new Error(`the daemon ended at once (${code}): ${stderr}`)));
  });
  pid = ready.pid;
  const path = findSocketPath(home);
  if (path === null) throw new Error('the daemon has no socket');
  const client = await connectToDaemon(path);
  const cleanUp = (): void => {
    client.close();
    if (options.home === undefined) rmSync(home, { recursive: true, force: true });
  };
  return {
    home,
    process: child,
    ...ready,
    client,
    call: client.call,
    connect: () => connectToDaemon(path),
    async create(password = PASSWORD) {
      const reply = await createReplyKey();
      const { recoveryCode } = await client.callSealed('vault.create', async (seal) => ({
        password: await seal('password', utf8.encode(password)),
        replyKey: reply.publicKey,
      }));
      return new TextDecoder().decode(await reply.open(recoveryCode, 'recovery-code'));
    },
    unlock: (password = PASSWORD) =>
      client.callSealed('vault.unlock', async (seal) => ({
        secret: { factor: 'password', sealed: await seal('password', utf8.encode(password)) },
      })),
    async importKey(params, secret) {
      await client.callSealed('key.import', async (seal) => ({
        ...params,
        source: 'form',
        secretAccessKey: await seal('secret-access-key', utf8.encode(secret)),
      }));
    },
    async addClient(params) {
      const reply = await createReplyKey();
      const issued = await client.call('client.add', { ...params, replyKey: reply.publicKey });
      const secret = new TextDecoder().decode(await reply.open(issued.secretAccessKey, 'client-secret'));
      return { ...issued, secret };
    },
    async stop() {
      signal('SIGTERM');
      const code = await ended;
      cleanUp();
      return code;
    },
    async kill() {
      signal('SIGKILL');
      await ended;
      client.close();
    },
    stderr: () => stderr,
  };
}
