import { fork } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MEMORY_SAVER } from './spare-memory.ts';

type ExitInfo = { code: number | null; signal: string | null };

export interface ForkOptions {
  execArgv: readonly string[];
  env: Readonly<Record<string, string>>;
  /** Where what the process prints for people goes. */
  stderr: 'inherit' | 'ignore';
}

/** A forked Node process as ports.ts describes it: batches of frames in both directions, and SIGKILL. */
export function forkChannel<Request, Response>(entry: URL, { execArgv, env, stderr }: ForkOptions) {
  const child = fork(entry, [], {
    execArgv: [...execArgv],
    env: { ...env },
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', stderr, 'ipc'],
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
  // A process that could not be started has no exit event; one that closed its channel, or took no message, is of no use any more.
  child.on('error', () => (child.pid === undefined ? ended({ code: null, signal: null }) : child.kill('SIGKILL')));
  child.once('disconnect', () => child.kill('SIGKILL'));

  return {
    get pid() {
      return child.pid;
    },
    send(frames: Request[]) {
      // Without a callback what goes wrong is an 'error', which is dealt with above.
      child.send(frames);
    },
    onFrames(listener: (frames: Response[]) => void) {
      child.on('message', (message) => {
        if (isFrames<Response>(message)) listener(message);
      });
    },
    onExit(listener: (info: ExitInfo) => void) {
      if (exit === null) exitListeners.push(listener);
      else listener(exit);
    },
    kill(): Promise<void> {
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

/** The other end is our own program, whose frames are typed by the same protocol. */
function isFrames<Response>(message: unknown): message is Response[] {
  return Array.isArray(message);
}

/** A process that keeps keys leaves little behind. Threads that help to collect it have to be woken each time, and take the processor from who is to work next. */
const COLLECT_ALONE = ['--no-parallel-scavenge', '--no-concurrent-array-buffer-sweeping'];

/** Node's flags for a process that keeps keys: it reads its own code and nothing else, writes nothing, starts nothing and is not debugged. */
export function keeperExecArgv(entry: URL, sources: readonly URL[], nativePackage: string): string[] {
  return [
    '--permission',
    '--allow-addons',
    ...readablePaths(entry, sources, nativePackage).map((path) => `--allow-fs-read=${path}`),
    '--disable-sigusr1',
    '--disallow-code-generation-from-strings',
    '--no-warnings',
    MEMORY_SAVER,
    ...COLLECT_ALONE,
  ];
}

/** Its own code (these folders when run from sources, else the bundle's) and the packages it imports, by the paths they are looked up at and by their real ones. */
function readablePaths(entry: URL, sources: readonly URL[], nativePackage: string): string[] {
  const folder = dirname(fileURLToPath(entry));
  const code = sources.length > 0 ? sources.map((url) => fileURLToPath(url)) : [folder];
  const paths = [...code, ...lookedUp(folder, nativePackage), ...resolvedFolder(entry, nativePackage)];
  return [...new Set(paths.flatMap((path) => [path, realpathSync(path)]))];
}

/** Every `node_modules` from this folder upwards that has the native package, as Node would find it. */
function lookedUp(folder: string, nativePackage: string): string[] {
  const packages = join(folder, 'node_modules');
  const here = existsSync(join(packages, nativePackage)) ? [packages] : [];
  const parent = dirname(folder);
  return parent === folder ? here : [...here, ...lookedUp(parent, nativePackage)];
}

/** The innermost `node_modules` that holds the package; none where it is not installed, which the process then says. */
function resolvedFolder(entry: URL, nativePackage: string): string[] {
  let file: string;
  try {
    file = createRequire(entry).resolve(nativePackage);
  } catch {
    return [];
  }
  const name = `${sep}node_modules${sep}`;
  const at = file.lastIndexOf(name);
  return [at < 0 ? dirname(file) : file.slice(0, at + name.length - 1)];
}

/** Windows cannot start a process without SystemRoot; nothing else is needed. */
export function leastEnvironment(): Record<string, string> {
  const systemRoot = process.env['SystemRoot'];
  return process.platform === 'win32' && systemRoot !== undefined ? { SystemRoot: systemRoot } : {};
}
