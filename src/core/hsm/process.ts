import { totalmem } from 'node:os';
import { systemRandom } from '../crypto/random.ts';
import { serve } from './serve.ts';
import { createToken } from './token.ts';

/**
 * The HSM process: one token behind one private channel. It reads nothing from argv, environment or files, and prints nothing but
 * the one line below.
 */

const INTERNAL_ERROR = 70;

/** Electron's utility process has a port to its parent where a forked Node has `process.send`. */
interface ParentPort {
  on(event: 'message', listener: (event: { data: unknown }) => void): void;
  postMessage(message: unknown): void;
}

function isParentPort(value: unknown): value is ParentPort {
  return typeof value === 'object' && value !== null && 'on' in value && 'postMessage' in value;
}

function memoryBytes(): number {
  const constrained = process.constrainedMemory();
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
}

// The error itself could name values, so only the fact is told.
process.on('uncaughtException', () => {
  process.stderr.write('keyhold: the vault process ends after an internal error\n');
  process.exit(INTERNAL_ERROR);
});
// Ctrl-C in a terminal reaches the whole group; the daemon decides when this process ends.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => process.exit(0));

const token = createToken({
  random: systemRandom,
  clock: { now: () => Date.now(), monotonic: () => performance.now() },
  memoryBytes: memoryBytes(),
});
process.on('exit', () => token.wipe());

const parentPort: unknown = Reflect.get(process, 'parentPort');
if (isParentPort(parentPort)) {
  const receive = serve(token, (frames) => parentPort.postMessage(frames));
  parentPort.on('message', (event) => receive(event.data));
} else if (process.send !== undefined) {
  process.on('disconnect', () => process.exit(0));
  // A failed send means that the parent is gone; 'disconnect' ends this process.
  process.on(
    'message',
    serve(token, (frames) => process.send?.(frames, undefined, {}, () => undefined)),
  );
} else {
  process.stderr.write('keyhold: the vault process is started by the daemon, not by hand\n');
  process.exitCode = 64;
}
