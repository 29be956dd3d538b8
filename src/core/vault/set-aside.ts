import { existsSync, renameSync } from 'node:fs';

/** What SQLite keeps beside a database. */
export const COMPANIONS = ['-wal', '-shm', '-journal'];

/** `<path>.<why>-<time>`: where a vault file that is replaced is kept. `now` in ms since epoch. */
export function asidePath(path: string, why: string, now: number): string {
  return `${path}.${why}-${new Date(now).toISOString().replaceAll(':', '-')}`;
}

export function setCompanionsAside(path: string, to: string): void {
  for (const suffix of COMPANIONS) if (existsSync(path + suffix)) renameSync(path + suffix, to + suffix);
}

/** Renames a vault file that nobody has open, with what belongs to it: SQLite would play an old log into a new file. Answers whether there was one. */
export function setAside(path: string, to: string): boolean {
  setCompanionsAside(path, to);
  if (!existsSync(path)) return false;
  renameSync(path, to);
  return true;
}
