import type Database from 'better-sqlite3';
import { corrupt, finding, tampered } from './findings.ts';

/** "KHDL" */
export const APPLICATION_ID = 0x4b48444c;
export const SQLITE_MAGIC = 'SQLite format 3\0';

/** The tables of format 1 (docs/format.md): the reader compares these texts with `sqlite_schema`. */
export const FORMAT_1_SCHEMA: readonly string[] = [
  'CREATE TABLE meta (key TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID',
  'CREATE TABLE slots (id INTEGER PRIMARY KEY, descriptor BLOB NOT NULL, wrapped BLOB NOT NULL) STRICT',
  'CREATE TABLE keks (id INTEGER PRIMARY KEY, purpose TEXT NOT NULL, created_at INTEGER NOT NULL, wrapped BLOB NOT NULL) STRICT',
  'CREATE TABLE records (id BLOB PRIMARY KEY, kind TEXT NOT NULL, version INTEGER NOT NULL, sealed BLOB NOT NULL) STRICT, WITHOUT ROWID',
  'CREATE TABLE manifest (page INTEGER PRIMARY KEY, entries BLOB NOT NULL, mac BLOB NOT NULL) STRICT',
  'CREATE TABLE head (id INTEGER PRIMARY KEY CHECK (id = 1), generation INTEGER NOT NULL, audit_seq INTEGER NOT NULL, audit_hash BLOB NOT NULL, parts BLOB NOT NULL, mac BLOB NOT NULL) STRICT',
  'CREATE TABLE audit (seq INTEGER PRIMARY KEY, sealed BLOB NOT NULL, hash BLOB NOT NULL, mac BLOB NOT NULL) STRICT',
  'CREATE TABLE audit_pending (seq INTEGER PRIMARY KEY, sealed BLOB NOT NULL) STRICT',
];

/** Keys that `meta` may hold. */
export const META_KEYS: ReadonlySet<string> = new Set([
  'vault_id',
  'created_at',
  'unlock_failures',
  'log_key',
  'log_end',
]);

function nameOf(sql: string): string {
  return /^CREATE \w+ (\w+)/.exec(sql)?.[1] ?? sql;
}

/**
 * Compares `sqlite_schema` with the texts of a format. `VaultTampered` names an extra or altered object (a trigger or view is an
 * attack), `VaultCorrupt` a missing one.
 */
export function checkSchema(db: Database.Database, expected: readonly string[]): void {
  const wanted = new Map(expected.map((sql) => [nameOf(sql), sql]));
  const rows = db.prepare<[], readonly unknown[]>('SELECT type, name, tbl_name, sql FROM sqlite_schema').raw().all();
  for (const [type, name, table, sql] of rows) {
    const label = `${String(type)} ${String(name)}`;
    const want = typeof name === 'string' ? wanted.get(name) : undefined;
    if (want === undefined) {
      throw tampered([finding(`schema, ${label}`, 'unknown', 'the file defines something that no Keyhold vault has')]);
    }
    if (type !== 'table' || table !== name || sql !== want) {
      throw tampered([finding(`schema, ${label}`, 'edited', 'its definition differs from the vault format')]);
    }
    wanted.delete(String(name));
  }
  for (const name of wanted.keys()) throw corrupt(`schema, table ${name}`, 'it is missing');
}
