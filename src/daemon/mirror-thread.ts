import { Worker } from 'node:worker_threads';
import type { MirrorAnswer } from '../core/mirrors/protocol.ts';
import type { MirrorChannel } from '../core/ports.ts';

const FROM_SOURCES = import.meta.url.endsWith('.ts');
const ENTRY = new URL(FROM_SOURCES ? '../core/mirrors/worker.ts' : './mirror-worker.js', import.meta.url);

/** A thread that nothing holds ends within that. */
const END_PATIENCE_MS = 1_000;
/** Threads that were told to end, and when they do. */
const ending = new Map<Worker, Promise<unknown>>();

/**
 * At the very end, when all that there is to close is closed: resolves when the threads that were ended have done so. A process waits at its exit for every thread, also for one that is
 * inside a system call of a disk that hangs, maybe for ever. Where there is one, this answers true, and the exit does not wait.
 */
export async function leaveMirrorThreads(): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const enough = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, END_PATIENCE_MS);
  });
  await Promise.race([Promise.all(ending.values()), enough]);
  clearTimeout(timer);
  if (ending.size === 0) return false;
  process.once('exit', () => process.kill(process.pid, 'SIGKILL'));
  return true;
}

/** Starts the thread of a mirror or of the backups' disk. It gets no argument and no environment; it opens no vault file but the mirror's and holds no key. */
export function spawnMirrorThread(): MirrorChannel {
  const worker = new Worker(ENTRY, { argv: [], env: {}, execArgv: [] });
  let ended = false;
  const exitListeners: (() => void)[] = [];
  const end = (): void => {
    if (ended) return;
    ended = true;
    for (const listener of exitListeners.splice(0)) listener();
  };
  worker.once('exit', () => {
    ending.delete(worker);
    end();
  });
  worker.once('error', end);
  // A daemon that is done does not wait for a stick.
  worker.unref();
  return {
    send: (request) => worker.postMessage(request),
    onAnswer(listener) {
      worker.on('message', (answer: MirrorAnswer) => listener(answer));
    },
    onExit(listener) {
      if (ended) listener();
      else exitListeners.push(listener);
    },
    end() {
      // A thread inside a system call ends when that returns; nobody waits for it.
      if (!ended) ending.set(worker, worker.terminate());
    },
  };
}
