import { chmodSync, closeSync, openSync, readdirSync, readSync, realpathSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import Database from 'better-sqlite3';
import { KeyholdError } from '../../contract/errors.ts';
import { corrupt } from './findings.ts';
import { type Holder, removeHolder, vaultBusy, writeHolder } from './holder.ts';
import { formatOf, MIGRATIONS, type Migration, migrate } from './migrations.ts';
import { createRows, type Rows } from './rows.ts';
import { APPLICATION_ID, SQLITE_MAGIC } from './schema.ts';
import { readOnly, sqliteError } from './sqlite-error.ts';

export interface OpenFileOptions {
  /** Written beside the vault while it is open. */
  holder?: Holder;
  /** ms since epoch, for messages. */
  now?: number;
  /**
   * `wal` for the vault in use. `delete` for a copy that nobody else has: it becomes a single file without a WAL.
   */
  journal?: 'wal' | 'delete';
  migrations?: readonly Migration[];
}

/** An open vault file: the connection, its statements and what deserves a warning. */
export interface VaultFile {
  /** Absolute, symbolic links resolved. */
  path: string;
  /** Device and inode. */
  key: string;
  db: Database.Database;
  rows: Rows;
  format: number;
  warnings: string[];
  close(): void;
}

/**
 * Files open in this process, by device and inode. POSIX drops a process's locks on a file when the process closes *any*
 * descriptor of it, so nothing here may open a file that is in this set.
 */
const openHere = new Set<string>();

/** Device and inode: the same for every name of a file. Throws when there is none. */
export function identity(path: string): string {
  const { dev, ino } = statSync(path, { bigint: true });
  return `${dev}:${ino}`;
}

/** A thread of this process has the file open, or no longer has: `isOpenHere` is then true for it here too. */
export function noteOpenInThread(key: string, open: boolean): void {
  if (open) openHere.add(key);
  else openHere.delete(key);
}

/** For a thread that is to leave them alone: what it has open itself is all that it knows of. */
export function openKeys(): string[] {
  return [...openHere];
}

/** True if this process has the file open as a vault (then it must not be opened in any other way). */
export function isOpenHere(path: string): boolean {
  try {
    return openHere.has(identity(path));
  } catch {
    return false;
  }
}

function errno(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

function foreign(path: string, why: string): KeyholdError {
  return new KeyholdError('VaultForeign', `${path} is not a Keyhold vault (${why}). Name another file.`, { path });
}

/** Resolves the path and refuses what cannot be a vault, before SQLite touches it. */
function examine(given: string, now: number): { path: string; key: string; warnings: string[] } {
  const warnings: string[] = [];
  let path = resolve(given);
  let key: string;
  try {
    path = realpathSync(path);
    const stat = statSync(path);
    if (stat.isDirectory()) throw foreign(path, 'it is a folder');
    if (!stat.isFile()) throw foreign(path, 'it is not a regular file');
    key = identity(path);
    if (openHere.has(key)) throw vaultBusy(path, now);
    if (process.platform !== 'win32') {
      if ((stat.mode & 0o200) === 0) throw readOnly(path);
      if ((stat.mode & 0o077) !== 0) {
        warnings.push(makePrivate(path));
      }
      if ((statSync(dirname(path)).mode & 0o022) !== 0) {
        warnings.push(`Other users can write in ${dirname(path)}. Make it private: chmod 700.`);
      }
    }
    const descriptor = openSync(path, 'r+');
    try {
      examineHeader(path, descriptor, stat.size);
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    if (error instanceof KeyholdError) throw error;
    const code = errno(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      throw new KeyholdError('NotInitialized', `There is no vault at ${path}. Make one with "keyhold init".`, { path });
    }
    if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') throw readOnly(path, { cause: error });
    throw corrupt('file', `it cannot be read (${code ?? 'unknown error'})`, { cause: error });
  }
  return { path, key, warnings };
}

/** Answers what to warn of. FAT and some network shares have no modes: what is there is encrypted. */
function makePrivate(path: string): string {
  try {
    chmodSync(path, 0o600);
    return 'The vault file was readable by other users; its mode is now 0600.';
  } catch (error) {
    if (errno(error) !== 'EPERM' && errno(error) !== 'ENOTSUP') throw error;
    return `The file system of ${path} cannot keep it from other users.`;
  }
}

function examineHeader(path: string, descriptor: number, size: number): void {
  if (size === 0) throw corrupt('file', 'it is empty');
  const header = Buffer.alloc(100);
  const length = readSync(descriptor, header, 0, header.length, 0);
  const magic = Buffer.from(SQLITE_MAGIC, 'latin1');
  if (length < magic.length && magic.subarray(0, length).equals(header.subarray(0, length))) {
    throw corrupt('file', 'it is cut short');
  }
  if (!header.subarray(0, magic.length).equals(magic)) throw foreign(path, 'it is not an SQLite database');
  if (length < header.length) throw corrupt('file', 'it is cut short');
  // Bytes 18 and 19, the format versions: with others SQLite takes the file for one that it must not write.
  if (![header[18], header[19]].every((version) => version === 1 || version === 2)) {
    throw corrupt('file', 'its header is damaged');
  }
  if (header.readUInt32BE(68) !== APPLICATION_ID) throw foreign(path, 'it is a database of another program');
}

function configure(db: Database.Database, journal: 'wal' | 'delete'): void {
  // First of all: the lock is taken with the first read and kept, and the WAL index stays in memory.
  db.pragma('locking_mode = EXCLUSIVE');
  db.pragma('trusted_schema = OFF');
  db.pragma('cell_size_check = ON');
  db.pragma('mmap_size = 0');
  db.pragma('temp_store = MEMORY');
  // SQLite's own default of 2 MB; the binding's is eight times that, and the check of the whole file below would fill it.
  db.pragma('cache_size = -2000');
  const mode: unknown = db.pragma(`journal_mode = ${journal}`, { simple: true });
  if (mode !== journal) throw corrupt('file', `journal mode ${journal} cannot be set`);
  db.pragma('synchronous = FULL');
  // macOS: fsync alone does not reach the platter there.
  db.pragma('fullfsync = ON');
  db.pragma('checkpoint_fullfsync = ON');
  db.pragma('secure_delete = ON');
  db.exec('BEGIN IMMEDIATE; COMMIT');
}

/**
 * Opens a vault file and takes its lock for as long as it is open.
 *
 * @throws NotInitialized, VaultForeign, VaultTooNew, VaultCorrupt, VaultTampered (schema), VaultReadOnly, VaultBusy, DiskFull
 */
export function openVaultFile(given: string, options: OpenFileOptions = {}): VaultFile {
  const now = options.now ?? Date.now();
  const { path, key, warnings } = examine(given, now);
  let db: Database.Database | undefined;
  try {
    db = new Database(path, { fileMustExist: true, timeout: 0 });
    const opened = db;
    configure(opened, options.journal ?? 'wal');
    if (opened.pragma('application_id', { simple: true }) !== APPLICATION_ID) {
      throw foreign(path, 'it is a database of another program');
    }
    migrate(opened, false, options.migrations ?? MIGRATIONS);
    const problems = quickCheck(opened);
    if (problems !== null) throw corrupt('file', problems);
    const rows = createRows(opened, path);
    openHere.add(key);
    const holder = options.holder;
    if (holder !== undefined) {
      try {
        writeHolder(path, holder);
      } catch (error) {
        warnings.push(`Who holds the vault could not be noted beside it (${errno(error) ?? 'unknown error'}).`);
      }
    }
    return {
      path,
      key,
      db: opened,
      rows,
      format: formatOf(opened),
      warnings,
      close: () => {
        if (!opened.open) return;
        try {
          if (holder !== undefined) removeHolder(path, holder.pid);
        } finally {
          openHere.delete(key);
          opened.close();
        }
      },
    };
  } catch (error) {
    db?.close();
    const mapped = sqliteError(error, path);
    if (mapped instanceof KeyholdError && mapped.code === 'VaultBusy') throw vaultBusy(path, now, { cause: error });
    throw mapped;
  }
}

/** The first problem of the file's page structure, or null. */
function quickCheck(db: Database.Database): string | null {
  const answer: unknown = db.pragma('quick_check(1)', { simple: true });
  return answer === 'ok' ? null : String(answer);
}

/** A path for a temporary file in the same folder, so that a rename is atomic. */
export function temporaryBeside(path: string, label: string, token: string): string {
  return join(dirname(path), `.${basename(path)}.${label}-${token}.tmp`);
}

/** Removes what a killed process left of files it had not finished. Only who holds the vault may do that. */
export function sweepTemporaries(path: string): void {
  const folder = dirname(path);
  const prefix = `.${basename(path)}.`;
  for (const name of readdirSync(folder)) {
    if (name.startsWith(prefix) && /-[0-9a-f]{12}\.tmp(-wal|-shm|-journal)?$/.test(name))
      rmSync(join(folder, name), { force: true });
  }
}
