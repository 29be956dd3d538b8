import { randomBytes } from 'node:crypto';
import { createWriteStream, existsSync, rmSync, statSync, type WriteStream } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { KeyholdError } from '../../contract/errors.ts';

export interface WholeFile {
  readonly stream: WriteStream;
  /** Puts the file in its place; call it after the stream has finished. */
  keep(): Promise<void>;
  /** Leaves nothing behind. */
  drop(): Promise<void>;
}

/**
 * A file that appears under its name only once it is complete: written beside it (mode 0600 until then), synced, and renamed. Also Ctrl-C and
 * SIGTERM leave nothing behind. Throws `AlreadyExists` unless `force`.
 */
export function createWholeFile(path: string, { force, mode }: { force: boolean; mode: number }): WholeFile {
  if (existsSync(path)) {
    if (!statSync(path).isFile())
      throw new KeyholdError('InvalidInput', `${path} is not a regular file; choose another.`);
    if (!force) throw new KeyholdError('AlreadyExists', `${path} exists already. Add --force to replace it.`);
  }
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.part`);
  const stream = createWriteStream(temporary, { flags: 'wx', mode: 0o600 });
  const remove = (): void => rmSync(temporary, { force: true });
  const onSignal = (signal: NodeJS.Signals): void => {
    remove();
    process.exit(signal === 'SIGINT' ? 130 : 143);
  };
  process.once('SIGINT', onSignal);
  process.once('SIGTERM', onSignal);
  const release = (): void => {
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
  };
  return {
    stream,
    async keep() {
      const file = await open(temporary, 'r+');
      try {
        await file.chmod(mode);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(temporary, path);
      release();
    },
    async drop() {
      stream.destroy();
      await rm(temporary, { force: true });
      release();
    },
  };
}
