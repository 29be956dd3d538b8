import { existsSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { KeyholdError } from '../../contract/errors.ts';
import { isOpenHere } from './file.ts';

function invalid(message: string): KeyholdError {
  return new KeyholdError('InvalidInput', message);
}

/** Where a new file goes, as an absolute path. Throws `InvalidInput` where it must not go, `AlreadyExists` unless `overwrite`. */
export function targetPath(
  vaultPath: string,
  given: string,
  { noun, overwrite, isOpen = isOpenHere }: { noun: string; overwrite: boolean; isOpen?: (path: string) => boolean },
): string {
  const target = resolve(given);
  if (target.trim() !== target) throw invalid(`The ${noun}’s path ends with a space. Choose another name.`);
  const folder = dirname(target);
  if (!existsSync(folder) || !statSync(folder).isDirectory()) {
    throw invalid(`There is no folder ${folder}. Make it first, or choose another.`);
  }
  const real = join(realpathSync(folder), basename(target));
  // Not the vault under any of its names, nor a file that belongs to it.
  if (isOpen(real) || ['', '-wal', '-shm', '-journal'].some((suffix) => real === vaultPath + suffix)) {
    throw invalid(`The ${noun} cannot replace the vault itself. Choose another file.`);
  }
  if (existsSync(real)) {
    if (!statSync(real).isFile()) throw invalid(`${real} is not a file. Choose another name.`);
    if (!overwrite) {
      throw new KeyholdError('AlreadyExists', `${real} exists already. Choose another name or pass --overwrite.`, {
        path: real,
      });
    }
  }
  return real;
}
