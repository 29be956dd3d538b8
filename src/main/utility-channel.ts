import { utilityProcess } from 'electron';

type ExitInfo = { code: number | null; signal: string | null };

export interface UtilityOptions {
  /** The program's bundle in dist/main. */
  modulePath: string;
  /** What the system's process list says. */
  serviceName: string;
  env: Record<string, string>;
  /** Where what the process prints for people goes. */
  stderr: 'inherit' | 'ignore';
}

/**
 * An Electron utility process as the daemon's channels are: Node without a window and without Chromium's network, behind one private
 * port. It gets no arguments, so no loader or debugger flag reaches it.
 */
export function utilityChannel<Request, Response>({ modulePath, serviceName, env, stderr }: UtilityOptions) {
  const child = utilityProcess.fork(modulePath, [], {
    serviceName,
    stdio: ['ignore', 'ignore', stderr],
    execArgv: [],
    env,
  });
  let exit: ExitInfo | undefined;
  let killed = false;
  const exitListeners: ((info: ExitInfo) => void)[] = [];
  child.once('exit', (code) => {
    exit = killed ? { code: null, signal: 'SIGKILL' } : { code, signal: null };
    for (const listener of exitListeners.splice(0)) listener(exit);
  });
  const kill = (): void => {
    killed = true;
    // utilityProcess.kill() asks with SIGTERM; memory is purged for certain only by SIGKILL.
    if (child.pid !== undefined) process.kill(child.pid, 'SIGKILL');
  };
  return {
    get pid() {
      return child.pid;
    },
    send(frames: Request[]) {
      if (exit === undefined) child.postMessage(frames);
    },
    onFrames(listener: (frames: Response[]) => void) {
      child.on('message', (message: unknown) => {
        if (isFrames<Response>(message)) listener(message);
      });
    },
    onExit(listener: (info: ExitInfo) => void) {
      if (exit === undefined) exitListeners.push(listener);
      else listener(exit);
    },
    kill(): Promise<void> {
      if (exit !== undefined) return Promise.resolve();
      return new Promise((resolve) => {
        exitListeners.push(() => resolve());
        // Before it has started there is no process to end yet.
        if (child.pid === undefined) child.once('spawn', kill);
        else kill();
      });
    },
  };
}

/** The other end is our own program, whose frames are typed by the same protocol. */
function isFrames<Response>(message: unknown): message is Response[] {
  return Array.isArray(message);
}

/** Windows cannot start a process without SystemRoot; nothing else is needed. */
export function leastEnvironment(): Record<string, string> {
  const systemRoot = process.env['SystemRoot'];
  return process.platform === 'win32' && systemRoot !== undefined ? { SystemRoot: systemRoot } : {};
}
