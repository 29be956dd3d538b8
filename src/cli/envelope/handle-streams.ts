import type { FileHandle } from 'node:fs/promises';
import { Writable } from 'node:stream';

const CHUNK = 256 * 1024;

/** Writes to a file that somebody else closes. Node's own stream of a handle keeps it from being closed until the stream is. */
export function writeTo(file: FileHandle): Writable & { bytes: number } {
  const target = Object.assign(
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        target.bytes += chunk.length;
        file.writeFile(chunk).then(() => done(), done);
      },
    }),
    { bytes: 0 },
  );
  return target;
}

/** What is in a file, from its beginning. */
export async function* readFrom(file: FileHandle): AsyncGenerator<Uint8Array> {
  for (let position = 0; ; ) {
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.allocUnsafe(CHUNK), position });
    if (bytesRead === 0) return;
    position += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}
