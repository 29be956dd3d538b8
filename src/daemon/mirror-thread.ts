import { Worker } from 'node:worker_threads';
import type { MirrorAnswer } from '../core/mirrors/protocol.ts';
import type { MirrorChannel } from '../core/ports.ts';

const FROM_SOURCES = import.meta.url.endsWith('.ts');
const ENTRY = new URL(FROM_SOURCES ? '../core/mirrors/worker.ts' : './mirror-worker.js', import.meta.url);

/** Starts the thread of a mirror. It gets no argument and no environment; it opens one vault file and holds no key. */
export function spawnMirrorThread(): MirrorChannel {
  const worker = new Worker(ENTRY, { argv: [], env: {}, execArgv: [] });
  let ended = false;
  const exitListeners: (() => void)[] = [];
  const end = (): void => {
    if (ended) return;
    ended = true;
    for (const listener of exitListeners.splice(0)) listener();
  };
  worker.once('exit', end);
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
      void worker.terminate();
    },
  };
}
