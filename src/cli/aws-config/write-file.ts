import { randomBytes } from 'node:crypto';
import {
  closeSync,
  fchmodSync,
  fsyncSync,
  mkdirSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { KeyholdError } from '../../contract/errors.ts';
import { readFile } from '../read-file.ts';

/** A file's bytes; null when there is none. */
export function readIfThere(path: string): Uint8Array | null {
  try {
    return readFile(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

/**
 * Replaces a file whole or not at all: mode kept (0600 for a new one), symbolic links followed and kept. `expected` is what
 * was read before; if somebody changed the file meanwhile, nothing is written (`InvalidInput`).
 */
export function replaceFile(path: string, content: Uint8Array | null, expected: Uint8Array | null): void {
  const target = expected === null ? path : realpathSync(path);
  const folder = dirname(target);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const now = readIfThere(target);
  const same = now === null || expected === null ? now === expected : Buffer.compare(now, expected) === 0;
  if (!same) throw new KeyholdError('InvalidInput', `${path} was changed by another program just now. Try again.`);
  if (expected !== null && !statSync(target).isFile()) {
    throw new KeyholdError('InvalidInput', `${path} is not a regular file, so it is not replaced.`);
  }
  if (content === null) {
    rmSync(target, { force: true });
    return;
  }
  const temporary = join(folder, `.${basename(target)}.${randomBytes(6).toString('hex')}.tmp`);
  const mode = expected === null ? 0o600 : statSync(target).mode & 0o7777;
  try {
    const file = openSync(temporary, 'wx', 0o600);
    try {
      writeFileSync(file, content);
      if (process.platform !== 'win32') fchmodSync(file, mode);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, target);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}
