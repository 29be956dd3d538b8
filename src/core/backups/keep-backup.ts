import { randomBytes } from 'node:crypto';
import { renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { copyFileDurably } from '../mirrors/copy-file.ts';
import { publish, syncFile, syncFolder } from '../vault/durable.ts';
import { temporaryBeside } from '../vault/file.ts';

/** In the thread of the backups' disk: gives a finished file its name there, at once and durably. Where it is another disk, a copy of it that was read back. */
export function keepBackup(from: string, path: string, overwrite: boolean): void {
  syncFile(from);
  try {
    name(from, path, overwrite);
    return;
  } catch (error) {
    if (!isOtherDisk(error)) throw error;
  }
  const temporary = temporaryBeside(path, 'backup', randomBytes(6).toString('hex'));
  copyFileDurably(from, temporary);
  try {
    name(temporary, path, overwrite);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

function name(file: string, path: string, overwrite: boolean): void {
  if (overwrite) {
    renameSync(file, path);
    syncFolder(dirname(path));
  } else publish(file, path);
}

function isOtherDisk(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EXDEV';
}
