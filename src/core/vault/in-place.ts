import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { publish } from './durable.ts';
import { identity, temporaryBeside, type VaultFile } from './file.ts';
import { COMPANIONS } from './set-aside.ts';

/** Where an open vault file is: under its name, nowhere any more, or somebody put another file in its place. */
export function whereIs(file: VaultFile): 'in place' | 'gone' | 'replaced' {
  try {
    return identity(file.path) === file.key ? 'in place' : 'replaced';
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return 'gone';
    throw error;
  }
}

/**
 * Writes a vault file that was deleted while it was open back to its name, complete and durable, and closes it. What is committed to a file without a name is lost
 * when it is closed. Errors are the file system's; then the file is still open and still gone.
 */
export function putBack(file: VaultFile): void {
  const { path } = file;
  const temporary = temporaryBeside(path, 'back', randomBytes(6).toString('hex'));
  try {
    const bytes = file.db.serialize();
    const descriptor = openSync(temporary, 'wx', 0o600);
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    file.close();
    // The log of the deleted file is in the bytes already.
    for (const suffix of COMPANIONS) rmSync(path + suffix, { force: true });
    publish(temporary, path);
  } finally {
    if (existsSync(temporary)) rmSync(temporary);
  }
}
