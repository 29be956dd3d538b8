import { fork } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { HsmResponseFrame } from '../core/hsm/protocol.ts';
import type { HsmChannel } from '../core/ports.ts';

type ExitInfo = { code: number | null; signal: string | null };

const FROM_SOURCES = import.meta.url.endsWith('.ts');
const ENTRY = new URL(FROM_SOURCES ? '../core/hsm/process.ts' : './hsm-process.js', import.meta.url);

/**
 * Starts the HSM process by `child_process.fork` under Node's permission model: it can read its own code and nothing else, cannot
 * write files, start processes or workers, and does not open a debugger on SIGUSR1. argv and environment carry no value.
 */
export function spawnHsmProcess(): HsmChannel {
  const child = fork(ENTRY, [], {
    execArgv: hsmExecArgv(),
    env: leastEnvironment(),
    serialization: 'advanced',
    // stderr carries nothing but the one line that an internal error prints.
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    detached: false,
  });

  let exit: ExitInfo | null = null;
  const exitListeners: ((info: ExitInfo) => void)[] = [];
  const ended = (info: ExitInfo): void => {
    if (exit !== null) return;
    exit = info;
    for (const listener of exitListeners.splice(0)) listener(info);
  };
  child.once('exit', (code, signal) => ended({ code, signal }));
  // A process that could not be started has no exit event; one that closed its channel is of no use any more.
  child.once('error', () => (child.pid === undefined ? ended({ code: null, signal: null }) : child.kill('SIGKILL')));
  child.once('disconnect', () => child.kill('SIGKILL'));

  return {
    get pid() {
      return child.pid;
    },
    send(frames) {
      child.send(frames, (error) => {
        if (error !== null) child.kill('SIGKILL');
      });
    },
    onFrames(listener) {
      child.on('message', (message) => {
        if (isFrames(message)) listener(message);
      });
    },
    onExit(listener) {
      if (exit === null) exitListeners.push(listener);
      else listener(exit);
    },
    kill() {
      return new Promise((resolve) => {
        if (exit !== null) {
          resolve();
          return;
        }
        exitListeners.push(() => resolve());
        child.kill('SIGKILL');
      });
    },
  };
}

function isFrames(message: unknown): message is HsmResponseFrame[] {
  return Array.isArray(message);
}

/** Node's flags for the HSM process. */
export function hsmExecArgv(): string[] {
  return [
    '--permission',
    '--allow-addons', // Argon2id is a native addon
    ...readablePaths().map((path) => `--allow-fs-read=${path}`),
    '--disable-sigusr1',
    '--disallow-code-generation-from-strings',
    '--no-warnings',
  ];
}

const NATIVE_PACKAGE = '@node-rs/argon2';

/** Its own code and the packages it imports, by the paths they are looked up at and by their real ones. */
function readablePaths(): string[] {
  const entry = fileURLToPath(ENTRY);
  const code = FROM_SOURCES
    ? [dirname(dirname(entry)), fileURLToPath(new URL('../contract/', import.meta.url))]
    : [dirname(entry)];
  const resolved = packagesFolder(createRequire(ENTRY).resolve(NATIVE_PACKAGE));
  const paths = [...code, ...lookedUp(dirname(entry)), resolved];
  return [...new Set(paths.flatMap((path) => [path, realpathSync(path)]))];
}

/** Every `node_modules` from this folder upwards that has the native package, as Node would find it. */
function lookedUp(folder: string): string[] {
  const packages = join(folder, 'node_modules');
  const here = existsSync(join(packages, NATIVE_PACKAGE)) ? [packages] : [];
  const parent = dirname(folder);
  return parent === folder ? here : [...here, ...lookedUp(parent)];
}

/** The innermost `node_modules` that holds a resolved file. */
function packagesFolder(file: string): string {
  const name = `${sep}node_modules${sep}`;
  const at = file.lastIndexOf(name);
  return at < 0 ? dirname(file) : file.slice(0, at + name.length - 1);
}

/** Windows cannot start a process without SystemRoot; nothing else is needed. */
function leastEnvironment(): Record<string, string> {
  const systemRoot = process.env['SystemRoot'];
  return process.platform === 'win32' && systemRoot !== undefined ? { SystemRoot: systemRoot } : {};
}
