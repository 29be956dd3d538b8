import {
  closeSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  realpathSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { KeyholdError } from '../contract/errors.ts';

export const SHRED_NOTE =
  'On SSDs, copy-on-write and journaling file systems, snapshots and backups old copies can survive overwriting. If the keys matter, rotate them.';

/**
 * Overwrites a file with zeros in place, flushes it to the disk and deletes it (through a symbolic link: the file it points to,
 * then the link). `expected` is what was imported: a file that has changed since is left alone.
 */
export function shredFile(path: string, expected: Uint8Array): void {
  const target = realpathSync(path);
  if (Buffer.compare(readFileSync(target), expected) !== 0) {
    throw new KeyholdError(
      'InvalidInput',
      `${path} was changed after it was read, so it was not deleted. Import again.`,
    );
  }
  const file = openSync(target, 'r+');
  try {
    const found = fstatSync(file);
    if (!found.isFile())
      throw new KeyholdError('InvalidInput', `${path} is not a regular file, so it was not deleted.`);
    if (found.nlink > 1) {
      throw new KeyholdError(
        'InvalidInput',
        `${path} has another hard link, so it was not deleted. Delete that link first.`,
      );
    }
    const zeros = Buffer.alloc(Math.max(1, expected.length));
    for (let at = 0; at < expected.length; ) at += writeSync(file, zeros, 0, expected.length - at, at);
    fsyncSync(file);
    ftruncateSync(file, 0);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  unlinkSync(target);
  if (target !== path) unlinkSync(path);
}
