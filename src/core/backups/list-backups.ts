import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type NamedBackup, parseBackupName } from './backup-name.ts';

export interface StoredBackup extends NamedBackup {
  path: string;
  sizeBytes: number;
}

/** Backups in a folder, newest first; only those of one vault where its tag is given. None where there is no such folder. */
export function listBackups(folder: string, vault: string | null): StoredBackup[] {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return [];
    throw error;
  }
  return names
    .flatMap((name) => {
      const named = parseBackupName(name);
      if (named === null || (vault !== null && named.vault !== vault)) return [];
      const path = join(folder, name);
      const found = statSync(path, { throwIfNoEntry: false });
      return found?.isFile() === true ? [{ ...named, path, sizeBytes: found.size }] : [];
    })
    .sort((a, b) => b.at - a.at || b.generation - a.generation);
}
