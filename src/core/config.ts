import type { MirrorEntry } from './mirrors/mirror.ts';

/**
 * Settings that must be known before the vault is open. Absent: never chosen. `autoLockMinutes`, `backup…` and `leave…` here are only what to show while
 * the vault is locked; what counts is in the vault, where nobody can edit it.
 */
export interface Config {
  port?: number;
  https?: boolean;
  theme?: 'system' | 'light' | 'dark';
  autoLockMinutes?: number;
  backupHours?: number;
  backupFolder?: string;
  backupKeep?: number;
  backupKeepWeekly?: number;
  leaveProcess?: boolean;
  leaveContainer?: boolean;
  leaveConsole?: boolean;
  /** Where further copies of the vault are: what it is rebuilt from must be known when it is gone. The list that counts is in the vault. */
  mirrors?: readonly MirrorEntry[];
}

export interface ConfigStore {
  get(): Config;
  /** Written before it returns. Throws `DiskFull` or `InvalidInput`. */
  update(patch: Config): void;
}
