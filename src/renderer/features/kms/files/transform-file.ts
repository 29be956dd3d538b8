import { KeyholdError } from '../../../../contract/errors.ts';
import { FILE_PART_BYTES, type FileJob } from '../../../../contract/files.ts';
import { call, transport } from '../../../api/keyhold.ts';
import type { FileTarget } from '../../../lib/file-target.ts';

/**
 * A file through the daemon into another one, a part at a time: what came out of one is written before the next is read, so that nothing piles up
 * anywhere. Rejects with a KeyholdError, or with the signal's reason; then there is nothing of the other file.
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
    for (let index = 0, offset = 0, last = false; !last; index++) {
      signal.throwIfAborted();
      const end = Math.min(offset + FILE_PART_BYTES, file.size);
      last = end === file.size;
      const bytes = await readSlice(file, offset, end);
      await target.write(await transport.filePart({ id, index, last }, bytes));
      onProgress(end);
      offset = end;
    }
    signal.throwIfAborted();
    await target.keep();
  } catch (error) {
    await target.drop();
    // A job that the daemon ended by itself is not there any more, which is what is wanted.
    if (id !== undefined) await call('file.cancel', { id }).catch(() => undefined);
    throw error;
  }
}

async function readSlice(file: File, start: number, end: number): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return new Uint8Array(await file.slice(start, end).arrayBuffer());
  } catch (cause) {
    const message = `${file.name} cannot be read any more: it was changed or moved. Choose it again.`;
    throw new KeyholdError('InvalidInput', message, undefined, { cause });
  }
}
