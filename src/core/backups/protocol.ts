import type { StoredBackup } from './list-backups.ts';
import type { Retention } from './retention.ts';

/** Operation → [input, output]: what a thread is asked about the disk of the backups. `path` is what is wrong where it fails. */
export interface BackupOperations {
  /**
   * Where a new file goes: errors of `targetPath`. `open`: the vault files that this process has open, by device and inode. `apart`: that is another disk than the
   * vault's.
   */
  backupPlace: [
    { path: string; vaultPath: string; overwrite: boolean; open: readonly string[] },
    { path: string; apart: boolean },
  ];
  /** Makes the folder where it is missing, and removes what was never finished in it. `InvalidInput` when it cannot be made. */
  backupFolder: [{ path: string; vault: string }, Record<string, never>];
  /** Gives a finished, private file its name, durably: the file itself, or a copy of it where that is another disk. `AlreadyExists` unless `overwrite`. */
  keepBackup: [{ from: string; path: string; overwrite: boolean }, Record<string, never>];
  /** The folder's backups, newest first; only those of one vault where its tag is given. */
  listBackups: [{ path: string; vault: string | null }, { backups: StoredBackup[] }];
  /** Removes the backups of a vault that need not be kept; answers their paths. */
  pruneBackups: [{ path: string; vault: string; retention: Retention }, { removed: string[] }];
}

export type BackupOperation = keyof BackupOperations;
export type BackupRequest = {
  [O in BackupOperation]: { id: number; op: O; input: BackupOperations[O][0] };
}[BackupOperation];
