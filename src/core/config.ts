/**
 * Settings that must be known before the vault is open. Absent: never chosen. `autoLockMinutes` here is only what to show while
 * the vault is locked; the one that counts is in the vault, where nobody can edit it.
 */
export interface Config {
  port?: number;
  https?: boolean;
  theme?: 'system' | 'light' | 'dark';
  autoLockMinutes?: number;
}

export interface ConfigStore {
  get(): Config;
  /** Written before it returns. Throws `DiskFull` or `InvalidInput`. */
  update(patch: Config): void;
}
