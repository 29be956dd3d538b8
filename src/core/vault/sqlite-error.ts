import Database from 'better-sqlite3';
import { KeyholdError } from '../../contract/errors.ts';
import { corrupt } from './findings.ts';

/**
 * Any error of a database call as a KeyholdError. What SQLite says about an unreadable structure, whatever its code, is damage;
 * errors that are not SQLite's pass unchanged.
 */
export function sqliteError(error: unknown, path: string): unknown {
  if (!(error instanceof Database.SqliteError)) return error;
  const code = error.code;
  const cause = { cause: error };
  if (code.startsWith('SQLITE_FULL')) {
    return new KeyholdError(
      'DiskFull',
      'The disk is full: nothing was changed. Free some space and try again.',
      { path },
      cause,
    );
  }
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) {
    return new KeyholdError('VaultBusy', 'Another process holds the vault. Stop it and try again.', { path }, cause);
  }
  if (
    code.startsWith('SQLITE_READONLY') ||
    code.startsWith('SQLITE_PERM') ||
    code.startsWith('SQLITE_CANTOPEN') ||
    code.startsWith('SQLITE_AUTH')
  ) {
    return readOnly(path, cause);
  }
  return corrupt('file', error.message, cause);
}

export function readOnly(path: string, options?: ErrorOptions): KeyholdError {
  return new KeyholdError(
    'VaultReadOnly',
    `The vault file ${path} cannot be written by this user. Check its owner, its mode (0600) and that its folder is writable.`,
    { path },
    options,
  );
}
