import { randomBytes } from 'node:crypto';
import { rmSync, statSync } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { KeyholdError } from '../../contract/errors.ts';
import { nameFile } from './name-file.ts';

export interface WholeFile {
  readonly file: FileHandle;
  /** Puts the file in its place; call it after everything is written. */
  keep(): Promise<void>;
  /** Leaves nothing behind. */
  drop(): Promise<void>;
}

export interface WholeFileOptions {
  /** Replaces a file that is there; undefined for a command that never does. */
  force?: boolean;
  mode: number;
}

/** What ends a process that can still clean up: Ctrl-C and Ctrl-\, `kill`, and a terminal that is closed. */
const ENDING = ['SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * A file that appears under its name only once it is complete: written beside it (mode 0600 until then), synced, and renamed. Signals that end the
 * process leave nothing behind. Throws `AlreadyExists` unless `force`, and what the system says where nothing can be written.
 */
export async function createWholeFile(path: string, { force, mode }: WholeFileOptions): Promise<WholeFile> {
  const there = statSync(path, { throwIfNoEntry: false });
  if (there !== undefined && !there.isFile())
    throw new KeyholdError('InvalidInput', `${path} is not a regular file; choose another.`);
  if (there !== undefined && force !== true)
    throw new KeyholdError(
      'AlreadyExists',
      `${path} exists already. ${force === undefined ? 'Choose another name.' : 'Add --force to replace it.'}`,
    );
  const temporary = temporaryPath(dirname(path));
  const onSignal = (signal: (typeof ENDING)[number]): void => {
    rmSync(temporary, { force: true });
    process.exit(128 + constants.signals[signal]);
  };
  for (const signal of ENDING) process.once(signal, onSignal);
  const release = (): void => {
    for (const signal of ENDING) process.off(signal, onSignal);
  };
  try {
    const file = await open(temporary, 'wx', 0o600);
    return {
      file,
      async keep() {
        try {
          await file.chmod(mode);
          await file.sync();
          await file.close();
          await rename(temporary, path);
        } catch (error) {
          throw nameFile(error, path);
        }
        release();
      },
      async drop() {
        await file.close();
        await rm(temporary, { force: true });
        release();
      },
    };
  } catch (error) {
    release();
    throw nameFile(error, isDenied(error) ? dirname(path) : path);
  }
}

/** It is the folder, then, that takes no new file. */
function isDenied(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'EACCES' || error.code === 'EPERM');
}

/** A name that nobody knows in advance, and short, so that it fits wherever the file's own name does. */
export function temporaryPath(folder: string): string {
  return join(folder, `.keyhold-${randomBytes(8).toString('hex')}.part`);
}
