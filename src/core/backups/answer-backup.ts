import { rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { identity } from '../vault/file.ts';
import { targetPath } from '../vault/target-path.ts';
import { backupFolder } from './backup-folder.ts';
import { keepBackup } from './keep-backup.ts';
import { listBackups } from './list-backups.ts';
import type { BackupOperation, BackupOperations, BackupRequest } from './protocol.ts';
import { outdated } from './retention.ts';

/** What the thread of the backups' disk does. Throws what is for the person, or the file system's own. */
export function answerBackup({ op, input }: BackupRequest): BackupOperations[BackupOperation][1] {
  switch (op) {
    case 'backupPlace': {
      const { path, vaultPath, overwrite, open } = input;
      const isOpen = (name: string): boolean => open.includes(identityOf(name));
      const target = targetPath(vaultPath, path, { noun: 'backup', overwrite, isOpen });
      return { path: target, apart: diskOf(target) !== diskOf(vaultPath) };
    }
    case 'backupFolder':
      backupFolder(input.path, input.vault);
      return {};
    case 'keepBackup':
      keepBackup(input.from, input.path, input.overwrite);
      return {};
    case 'listBackups':
      return { backups: listBackups(input.path, input.vault) };
    case 'pruneBackups': {
      const { path, vault, retention } = input;
      const removed = outdated(listBackups(path, vault), retention).map((backup) => backup.path);
      for (const one of removed) rmSync(one, { force: true });
      return { removed };
    }
  }
}

/** The disk of a file's folder. */
function diskOf(path: string): number {
  return statSync(dirname(path)).dev;
}

/** Empty where there is no such file. */
function identityOf(path: string): string {
  try {
    return identity(path);
  } catch {
    return '';
  }
}
