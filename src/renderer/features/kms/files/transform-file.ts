import { KeyholdError } from '../../../../contract/errors.ts';
import { FILE_PART_BYTES, type FileJob } from '../../../../contract/files.ts';
import { call, transport } from '../../../api/keyhold.ts';
import type { FileTarget } from '../../../lib/file-target.ts';

/**
 * A file through the daemon into another one, a part at a time, so that nothing piles up anywhere: three parts are in memory at most. Rejects with a KeyholdError, or with the signal's reason; then there is nothing of the other file.
 */
export async function transformFile(
  file: File,
  job: FileJob,
  target: FileTarget,
  { signal, onProgress }: { signal: AbortSignal; onProgress: (bytes: number) => void },
): Promise<void> {
  let id: string | undefined;
  try {
    ({ id } = await call('file.begin', job));
    let bytes = await readPart(file, 0);
    let out: Uint8Array<ArrayBuffer> = new Uint8Array(0);
    for (let index = 0, last = false; !last; index++) {
      signal.throwIfAborted();
      last = (index + 1) * FILE_PART_BYTES >= file.size;
      // While the daemon works on one part, what came out of the one before is written, and the next is read.
      const [answer, following] = await Promise.all([
        transport.filePart({ id, index, last }, bytes),
        last ? NOTHING : readPart(file, index + 1),
        target.write(out),
      ]);
      out = answer;
      bytes = following;
      onProgress(Math.min((index + 1) * FILE_PART_BYTES, file.size));
    }
    signal.throwIfAborted();
    await target.write(out);
    await target.keep();
  } catch (error) {
    await target.drop();
    // A job that the daemon ended by itself is not there any more, which is what is wanted.
    if (id !== undefined) await call('file.cancel', { id }).catch(() => undefined);
    throw error;
  }
}

const NOTHING = new Uint8Array(0);

async function readPart(file: File, index: number): Promise<Uint8Array<ArrayBuffer>> {
  const start = index * FILE_PART_BYTES;
  try {
    return new Uint8Array(await file.slice(start, start + FILE_PART_BYTES).arrayBuffer());
  } catch (cause) {
    const message = `${file.name} cannot be read any more: it was changed or moved. Choose it again.`;
    throw new KeyholdError('InvalidInput', message, undefined, { cause });
  }
}
