import { utilityProcess } from 'electron';
import type { spawnHsmProcess } from '../daemon/hsm-fork.ts';

type HsmChannel = ReturnType<typeof spawnHsmProcess>;
type Frames = Parameters<Parameters<HsmChannel['onFrames']>[0]>[0];
type ExitInfo = { code: number | null; signal: string | null };

/**
 * Starts the HSM process as an Electron utility process: Node without a window and without Chromium's network, behind one private
 * port. Its environment and arguments are empty, so no `NODE_OPTIONS`, loader or debugger flag reaches it.
 *
 * @param modulePath the HSM's bundle, `dist/main/hsm-process.js`
 */
export function utilityHsm(modulePath: string): () => HsmChannel {
  return () => {
    const child = utilityProcess.fork(modulePath, [], {
      serviceName: 'Keyhold HSM',
      // stderr carries nothing but the one line that an internal error prints.
      stdio: ['ignore', 'ignore', 'inherit'],
      execArgv: [],
      env: leastEnvironment(),
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
      send(frames) {
        if (exit === undefined) child.postMessage(frames);
      },
      onFrames(listener) {
        child.on('message', (message: unknown) => {
          if (isFrames(message)) listener(message);
        });
      },
      onExit(listener) {
        if (exit === undefined) exitListeners.push(listener);
        else listener(exit);
      },
      kill() {
        if (exit !== undefined) return Promise.resolve();
        return new Promise((resolve) => {
          exitListeners.push(() => resolve());
          // Before it has started there is no process to end yet.
          if (child.pid === undefined) child.once('spawn', kill);
          else kill();
        });
      },
    };
  };
}

function isFrames(message: unknown): message is Frames {
  return Array.isArray(message);
}

/** Windows cannot start a process without SystemRoot; nothing else is needed. */
function leastEnvironment(): Record<string, string> {
  const systemRoot = process.env['SystemRoot'];
  return process.platform === 'win32' && systemRoot !== undefined ? { SystemRoot: systemRoot } : {};
}
