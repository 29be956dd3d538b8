import { fstatSync, writeFileSync } from 'node:fs';
import { Writable } from 'node:stream';
import { ExitWith } from './errors.ts';
import { EXIT } from './exit-codes.ts';

/** How errors name it, in the place of a path. */
const NAME = 'standard output';
const DESCRIPTOR = 1;

/** Node's stream to a file takes a write that was cut short by a full disk for a whole one; files are written here until all of it is there. */
let isFile = false;
/** Whoever waits for a write is told of its failure, and nobody else. */
let awaited = false;

/** Looks what standard output is. `onFailure` hears of a failed write that nobody waits for. */
export function watchStandardOutput(onFailure: (error: unknown) => void): void {
  isFile = leadsToFile();
  process.stdout.on('error', (error) => {
    if (!awaited) onFailure(explained(error));
  });
}

/** Writes all of it. Throws where it is a file that takes no more. */
export function print(content: string | Uint8Array): void {
  if (!isFile) {
    process.stdout.write(content);
    return;
  }
  try {
    writeFileSync(DESCRIPTOR, content);
  } catch (error) {
    throw explained(error);
  }
}

/** Writes all of it and waits for the reader, so that nothing piles up in memory. Rejects with what ends the command. */
export async function send(content: string | Uint8Array): Promise<void> {
  if (isFile) return print(content);
  awaited = true;
  await new Promise<void>((resolve, reject) => {
    process.stdout.write(content, (error) => (error ? reject(explained(error)) : resolve()));
  });
  // Not after a failure: the stream tells it once more, later.
  awaited = false;
}

/** A stream that ends up there, for a pipeline that has to clean up when it fails. */
export function standardOutput(): Writable {
  return new Writable({
    write(bytes: Buffer, _encoding, done) {
      send(bytes).then(() => done(), done);
    },
  });
}

/** A reader that has seen enough (`keyhold audit list | head`) is no error. */
function explained(error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error)) return error;
  if (error.code === 'EPIPE') return new ExitWith(EXIT.ok);
  return Object.assign(error, { path: NAME });
}

function leadsToFile(): boolean {
  try {
    return fstatSync(DESCRIPTOR).isFile();
  } catch {
    // Closed (`>&-`): Node has put something in its place.
    return false;
  }
}
