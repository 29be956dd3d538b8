import { chmodSync } from 'node:fs';
import Database from 'better-sqlite3';

export interface FileLock {
  release(): void;
}

/**
 * Takes a lock on an (empty) file, made if need be; null when another holds it. The system lets go of it with the process that holds it, however that ends: Node itself
 * has no such lock, SQLite has on every platform.
 */
export function lockFile(path: string): FileLock | null {
  const db = new Database(path, { timeout: 0 });
  try {
    if (process.platform !== 'win32') chmodSync(path, 0o600);
    // Nothing is ever written, not even a journal: it works on a full disk and leaves nothing to roll back when the process is killed.
    db.pragma('journal_mode = MEMORY');
    db.exec('BEGIN EXCLUSIVE');
    return { release: () => db.close() };
  } catch (error) {
    db.close();
    if (error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY')) return null;
    throw error;
  }
}
