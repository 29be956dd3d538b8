import { closeSync, existsSync, fsyncSync, linkSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { KeyholdError } from '../../contract/errors.ts';
import { sqliteError } from './sqlite-error.ts';

/** Makes the directory entries of a folder durable. Windows has no such call and does not need it. */
export function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Makes a finished file’s bytes durable. Never for a vault that is open here (see `isOpenHere`). */
export function syncFile(path: string): void {
  const descriptor = openSync(path, 'r+');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Gives a finished temporary file its name; `AlreadyExists` instead of replacing anything. */
export function publish(temporary: string, path: string): void {
  try {
    linkSync(temporary, path);
    rmSync(temporary);
  } catch (error) {
    if (existsSync(path)) {
      throw new KeyholdError('AlreadyExists', `${path} exists already. Choose another name or allow overwriting.`, {
        path,
      });
    }
    // File systems without hard links (FAT, some network shares).
    if (!(error instanceof Error)) throw error;
    renameSync(temporary, path);
  }
  syncFolder(dirname(path));
}

/** Errors of SQLite and of the file system alike. */
export function fileError(error: unknown, path: string): unknown {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new KeyholdError('DiskFull', 'The disk is full: nothing was changed. Free some space and try again.', {
      path,
    });
  }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return new KeyholdError('VaultReadOnly', `This user cannot write ${path}. Check the folder’s owner and mode.`, {
      path,
    });
  }
  return sqliteError(error, path);
}
