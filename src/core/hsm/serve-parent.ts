import type { Answering } from './answer.ts';
import { serve } from './serve.ts';

const INTERNAL_ERROR = 70;
const STARTED_BY_HAND = 64;

/** Electron's utility process has a port to its parent where a forked Node has `process.send`. */
interface ParentPort {
  on(event: 'message', listener: (event: { data: unknown }) => void): void;
  postMessage(message: unknown): void;
}

function isParentPort(value: unknown): value is ParentPort {
  return typeof value === 'object' && value !== null && 'on' in value && 'postMessage' in value;
}

/**
 * Makes this process answer the daemon that started it, and nobody else. It reads nothing from argv, environment or files, and prints nothing but
 * the one line below. `end` is how it ends when the daemon is gone.
 */
export function serveParent(name: string, host: Answering, end: () => void): void {
  // The error itself could name values, so only the fact is told.
  process.on('uncaughtException', () => {
    process.stderr.write(`keyhold: the ${name} process ends after an internal error\n`);
    process.exit(INTERNAL_ERROR);
  });
  // Ctrl-C in a terminal reaches the whole group; the daemon decides when this process ends.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => process.exit(0));

  const parentPort: unknown = Reflect.get(process, 'parentPort');
  if (isParentPort(parentPort)) {
    const receive = serve(host, (frames) => parentPort.postMessage(frames));
    parentPort.on('message', (event) => receive(event.data));
  } else if (process.send !== undefined) {
    process.on('disconnect', end);
    // A failed send means that the parent is gone; 'disconnect' ends this process.
    process.on(
      'message',
      serve(host, (frames) => process.send?.(frames, undefined, {}, () => undefined)),
    );
  } else {
    process.stderr.write(`keyhold: the ${name} process is started by the daemon, not by hand\n`);
    process.exitCode = STARTED_BY_HAND;
  }
}
