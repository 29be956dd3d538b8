import { connect, type Socket } from 'node:net';
import { ERROR_CODES, KeyholdError, type WireError } from '../contract/errors.ts';
import type { DaemonEvent } from '../contract/events.ts';
import { findSocketPath } from '../daemon/home.ts';

/** One connection to the daemon's control socket. */
export interface Connection {
  call(method: string, params: unknown): Promise<unknown>;
  /** From now on hears every event; answers how to stop. */
  subscribe(listener: (event: DaemonEvent) => void): Promise<() => void>;
  /** True from the moment when nothing more can come over it. */
  readonly ended: boolean;
  /** Resolves when it has ended, whoever ended it; does not keep the process alive. */
  readonly closed: Promise<void>;
  close(): void;
}

const NOT_RUNNING = 'Keyhold is not running. Start it with "keyhold serve", or add --start to this command.';
/** As in the contract's wire.ts, whose module would load the schemas. */
const MAX_FRAME_BYTES = 8 * 1024 * 1024;

/** Connects to the daemon of this home folder. Throws `Unreachable` when none answers there. */
export async function openConnection(home: string): Promise<Connection> {
  const path = findSocketPath(home);
  if (path === null) throw new KeyholdError('Unreachable', NOT_RUNNING);
  const socket = await dial(path);
  return talk(socket);
}

function dial(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.removeAllListeners('error');
      resolve(socket);
    });
    socket.once('error', (cause) => {
      const code = 'code' in cause ? cause.code : '';
      const message = code === 'EACCES' ? `The control socket ${path} belongs to another user.` : NOT_RUNNING;
      reject(new KeyholdError(code === 'EACCES' ? 'Unauthorized' : 'Unreachable', message, undefined, { cause }));
    });
  });
}

interface Waiting {
  resolve(result: unknown): void;
  reject(error: unknown): void;
}

function talk(socket: Socket): Connection {
  const waiting = new Map<number, Waiting>();
  const listeners = new Set<(event: DaemonEvent) => void>();
  let subscribed: Promise<unknown> | undefined;
  let nextId = 1;
  let pending = '';
  let ended = false;

  const failAll = (error: KeyholdError): void => {
    ended = true;
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
    socket.destroy();
  };
  const receive = (line: string): void => {
    const frame = readAnswer(line);
    if (frame === null) return;
    if ('event' in frame) {
      for (const listener of listeners) listener(frame.event);
      return;
    }
    // An id of -1 answers something that was no call: nothing more will come.
    if (frame.id === -1) {
      failAll(toError(frame.error));
      return;
    }
    const one = waiting.get(frame.id);
    if (one === undefined) return;
    waiting.delete(frame.id);
    if (waiting.size === 0) socket.unref();
    if (frame.error === undefined) one.resolve(frame.result);
    else one.reject(toError(frame.error));
  };

  socket.setEncoding('utf8');
  socket.unref();
  socket.on('data', (chunk: string) => {
    pending += chunk;
    for (let end = pending.indexOf('\n'); end !== -1; end = pending.indexOf('\n')) {
      const line = pending.slice(0, end);
      pending = pending.slice(end + 1);
      receive(line);
    }
    if (pending.length > MAX_FRAME_BYTES)
      failAll(new KeyholdError('Internal', 'Keyhold answered with too long a line.'));
  });
  socket.on('error', (cause) =>
    failAll(new KeyholdError('Unreachable', 'The connection to Keyhold broke off.', undefined, { cause })),
  );
  socket.on('close', () => failAll(new KeyholdError('Unreachable', 'Keyhold stopped before it answered. Try again.')));

  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));

  const ask = (what: object): Promise<unknown> => {
    if (ended)
      return Promise.reject(new KeyholdError('Unreachable', 'The connection to Keyhold has ended. Try again.'));
    const id = nextId++;
    return new Promise((resolve, reject) => {
      waiting.set(id, { resolve, reject });
      socket.ref();
      socket.write(`${JSON.stringify({ id, ...what })}\n`);
    });
  };

  return {
    get ended() {
      return ended;
    },
    closed,
    call: (method, params) => ask({ method, params }),
    async subscribe(listener) {
      subscribed ??= ask({ subscribe: true });
      await subscribed;
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close() {
      ended = true;
      socket.end();
      socket.unref();
    },
  };
}

interface Answer {
  id: number;
  result?: unknown;
  error?: unknown;
}

function readAnswer(line: string): Answer | { event: DaemonEvent } | null {
  let frame: unknown;
  try {
    frame = JSON.parse(line);
  } catch {
    return null;
  }
  if (typeof frame !== 'object' || frame === null) return null;
  if ('event' in frame) return isEvent(frame.event) ? { event: frame.event } : null;
  if (!('id' in frame) || typeof frame.id !== 'number') return null;
  return {
    id: frame.id,
    ...('result' in frame ? { result: frame.result } : {}),
    ...('error' in frame ? { error: frame.error } : {}),
  };
}

/** The daemon's own words: of a later one's that this version does not know, none is acted on. */
function isEvent(event: unknown): event is DaemonEvent {
  return typeof event === 'object' && event !== null && 'type' in event;
}

function toError(error: unknown): KeyholdError {
  if (isWireError(error)) return KeyholdError.fromWire(error);
  return new KeyholdError('Internal', 'Keyhold answered in a way this version does not understand. Restart it.');
}

function isWireError(error: unknown): error is WireError {
  return (
    typeof error === 'object' &&
    error !== null &&
    'code' in error &&
    ERROR_CODES.some((code) => code === error.code) &&
    'message' in error &&
    typeof error.message === 'string'
  );
}
