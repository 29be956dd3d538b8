import type Database from 'better-sqlite3';
import { KeyholdError } from '../../contract/errors.ts';
import { fromHex, toHex, u32 } from '../crypto/bytes.ts';
import type { KekRow, SlotRow } from '../hsm/protocol.ts';
import { corrupt } from './findings.ts';
import { isKekPurpose } from './kinds.ts';
import { sqliteError } from './sqlite-error.ts';

export interface StoredHeader {
  id: string;
  kind: string;
  version: number;
  /** Last 16 bytes of `sealed`. */
  tag: Uint8Array;
}
export interface StoredRecord {
  id: string;
  kind: string;
  version: number;
  sealed: Uint8Array;
}
export interface StoredPage {
  page: number;
  entries: Uint8Array;
  mac: Uint8Array;
}
export interface StoredHead {
  generation: number;
  auditSeq: number;
  auditHash: Uint8Array;
  parts: Uint8Array;
  mac: Uint8Array;
}
export interface StoredPending {
  seq: number;
  sealed: Uint8Array;
}
export interface StoredAudit {
  seq: number;
  sealed: Uint8Array;
  hash: Uint8Array;
  mac: Uint8Array;
}

type Row = readonly unknown[];

/** Longest values that a vault holds; longer ones are damage, and are not handed to the HSM. */
const LONGEST_PAYLOAD = 16 * 1024 * 1024;
const LONGEST_EVENT = 1024 * 1024;
const LONGEST_DESCRIPTOR = 65_536;
const LONGEST_WRAPPED = 1024;
const MOST_SLOTS = 256;
const HEADERS_AT_ONCE = 512;
/** The last millisecond that a Date can name. */
const LAST_INSTANT = 8_640_000_000_000_000;

function blob(value: unknown, where: string, length?: number): Uint8Array {
  if (!(value instanceof Uint8Array)) throw corrupt(where, 'a value is not bytes');
  if (length !== undefined && value.length !== length) throw corrupt(where, `a value has not ${length} bytes`);
  return value;
}

function upTo(longest: number, value: unknown, where: string): Uint8Array {
  const bytes = blob(value, where);
  if (bytes.length > longest) throw corrupt(where, 'a value is too long');
  return bytes;
}

function text(value: unknown, where: string): string {
  if (typeof value !== 'string') throw corrupt(where, 'a value is not text');
  return value;
}

function count(value: unknown, where: string, minimum = 0, maximum = Number.MAX_SAFE_INTEGER): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < minimum || value > maximum) {
    throw corrupt(where, 'a number is out of range');
  }
  return value;
}

function pendingRow(row: Row): StoredPending {
  const seq = count(row[0], 'audit_pending');
  return { seq, sealed: upTo(LONGEST_EVENT, row[1], `locked entry ${seq}`) };
}

function audit(row: Row): StoredAudit {
  const seq = count(row[0], 'audit log', 1);
  const where = `audit entry ${seq}`;
  return {
    seq,
    sealed: upTo(LONGEST_EVENT, row[1], where),
    // Of another length they do not verify, which names this entry and leaves the others.
    hash: upTo(LONGEST_WRAPPED, row[2], where),
    mac: upTo(LONGEST_WRAPPED, row[3], where),
  };
}

/** Every statement of the store. What comes off the disk is checked for type and range here, so that nothing else has to. */
export type Rows = ReturnType<typeof createRows>;

export function createRows(db: Database.Database, path: string) {
  const guard = <T>(run: () => T): T => {
    try {
      return run();
    } catch (error) {
      if (!db.open) throw new KeyholdError('Locked', 'The vault was closed meanwhile. Unlock it again.');
      throw sqliteError(error, path);
    }
  };
  const all = (sql: string) => {
    const statement = guard(() => db.prepare<unknown[], Row>(sql).raw());
    return (...values: unknown[]): Row[] => guard(() => statement.all(...values));
  };
  const run = (sql: string) => {
    const statement = guard(() => db.prepare<unknown[]>(sql));
    return (...values: unknown[]): number => guard(() => statement.run(...values).changes);
  };

  const selectMetaKeys = all('SELECT key FROM meta');
  const selectMeta = all('SELECT value FROM meta WHERE key = ?');
  const upsertMeta = run('INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value');
  const deleteMeta = run('DELETE FROM meta WHERE key = ?');
  const selectSlots = all('SELECT id, descriptor, wrapped FROM slots ORDER BY id');
  const deleteSlots = run('DELETE FROM slots');
  const insertSlot = run('INSERT INTO slots VALUES (?, ?, ?)');
  const selectKeks = all('SELECT id, purpose, created_at, wrapped FROM keks ORDER BY id');
  const deleteKeks = run('DELETE FROM keks');
  const insertKek = run('INSERT INTO keks VALUES (?, ?, ?, ?)');
  const selectHeaders = all(
    'SELECT id, kind, version, substr(sealed, -16) FROM records WHERE id > ? ORDER BY id LIMIT ?',
  );
  const selectRecord = all('SELECT id, kind, version, sealed FROM records WHERE id = ?');
  const selectRecords = all('SELECT id, kind, version, sealed FROM records WHERE id > ? ORDER BY id LIMIT ?');
  // Bytes 2 to 5 (counted from 1) name the KEK of a sealed record.
  const selectUnder = all(
    'SELECT id, kind, version, sealed FROM records WHERE id > ? AND substr(sealed, 2, 4) NOT IN (?, ?) ORDER BY id LIMIT ?',
  );
  const countUnder = all('SELECT count(*) FROM records WHERE substr(sealed, 2, 4) NOT IN (?, ?)');
  const selectOfKind = all(
    'SELECT id, kind, version, sealed FROM records WHERE kind = ? AND id > ? ORDER BY id LIMIT ?',
  );
  const upsertRecord = run(
    'INSERT INTO records VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, version = excluded.version, sealed = excluded.sealed',
  );
  const deleteRecord = run('DELETE FROM records WHERE id = ?');
  const selectPages = all('SELECT page, entries, mac FROM manifest ORDER BY page');
  const upsertPage = run(
    'INSERT INTO manifest VALUES (?, ?, ?) ON CONFLICT (page) DO UPDATE SET entries = excluded.entries, mac = excluded.mac',
  );
  const deletePage = run('DELETE FROM manifest WHERE page = ?');
  const selectHead = all('SELECT id, generation, audit_seq, audit_hash, parts, mac FROM head');
  const insertHead = run('INSERT INTO head VALUES (1, ?, ?, ?, ?, ?)');
  const updateHead = run(
    'UPDATE head SET generation = ?, audit_seq = ?, audit_hash = ?, parts = ?, mac = ? WHERE id = 1 AND generation = ?',
  );
  const selectAuditAfter = all('SELECT seq, sealed, hash, mac FROM audit WHERE seq > ? ORDER BY seq LIMIT ?');
  const selectAuditBefore = all('SELECT seq, sealed, hash, mac FROM audit WHERE seq < ? ORDER BY seq DESC LIMIT ?');
  const selectAuditLast = all('SELECT seq, sealed, hash, mac FROM audit ORDER BY seq DESC LIMIT 1');
  const selectAuditFirst = all('SELECT seq FROM audit ORDER BY seq LIMIT 1');
  const insertAudit = run('INSERT INTO audit VALUES (?, ?, ?, ?)');
  const selectPending = all('SELECT seq, sealed FROM audit_pending ORDER BY seq LIMIT ?');
  const selectPendingLast = all('SELECT seq, sealed FROM audit_pending ORDER BY seq DESC LIMIT 1');
  const upsertPending = run(
    'INSERT INTO audit_pending VALUES (?, ?) ON CONFLICT (seq) DO UPDATE SET sealed = excluded.sealed',
  );
  const deletePending = run('DELETE FROM audit_pending');

  const record = (row: Row): StoredRecord => {
    const id = toHex(blob(row[0], 'records', 16));
    const where = `record ${id.slice(0, 8)}…`;
    return {
      id,
      kind: text(row[1], where),
      version: count(row[2], where, 1),
      sealed: upTo(LONGEST_PAYLOAD, row[3], where),
    };
  };

  return {
    /** Runs `work` as one immediate transaction: all of it or nothing. */
    transaction<T>(work: () => T): T {
      return guard(() => db.transaction(work).immediate());
    },

    metaKeys: (): string[] => selectMetaKeys().map((row) => text(row[0], 'meta')),
    meta(key: string): Uint8Array | null {
      const row = selectMeta(key)[0];
      return row === undefined ? null : blob(row[0], `meta ${key}`);
    },
    setMeta: (key: string, value: Uint8Array) => upsertMeta(key, value),
    removeMeta: (key: string) => deleteMeta(key),

    /** In order of id; ids count from 1 without gaps. */
    slots(): SlotRow[] {
      return selectSlots().map((row, index) => {
        const where = `slot ${index + 1}`;
        if (row[0] !== index + 1) throw corrupt(where, 'slot numbers do not count from 1');
        if (index >= MOST_SLOTS) throw corrupt(where, 'there are too many slots');
        return { descriptor: upTo(LONGEST_DESCRIPTOR, row[1], where), wrapped: upTo(LONGEST_WRAPPED, row[2], where) };
      });
    },
    replaceSlots(slots: readonly SlotRow[]): void {
      deleteSlots();
      for (const [index, slot] of slots.entries()) insertSlot(index + 1, slot.descriptor, slot.wrapped);
    },
    keks(): KekRow[] {
      return selectKeks().map((row) => {
        const id = count(row[0], 'keks', 1, 0xffff_ffff);
        const where = `kek ${id}`;
        const purpose = text(row[1], where);
        if (!isKekPurpose(purpose)) throw corrupt(where, 'its purpose is unknown');
        return {
          id,
          purpose,
          createdAt: count(row[2], where, 0, LAST_INSTANT),
          wrapped: upTo(LONGEST_WRAPPED, row[3], where),
        };
      });
    },
    replaceKeks(keks: readonly KekRow[]): void {
      deleteKeks();
      for (const kek of keks) insertKek(kek.id, kek.purpose, kek.createdAt, kek.wrapped);
    },

    /** In order of id, read as they are gone through: all at once, those of a large vault take more memory than the vault does afterwards. */
    *headers(): Generator<StoredHeader> {
      for (let after = ''; ; ) {
        const rows = selectHeaders(fromHex(after), HEADERS_AT_ONCE);
        for (const row of rows) {
          const id = toHex(blob(row[0], 'records', 16));
          const where = `record ${id.slice(0, 8)}…`;
          yield { id, kind: text(row[1], where), version: count(row[2], where, 1), tag: blob(row[3], where, 16) };
          after = id;
        }
        if (rows.length < HEADERS_AT_ONCE) return;
      }
    },
    record(id: string): StoredRecord | null {
      const row = selectRecord(fromHex(id))[0];
      return row === undefined ? null : record(row);
    },
    /** Up to `limit` records whose id follows `after` ('' for the first ones), by id. */
    records: (after: string, limit: number): StoredRecord[] => selectRecords(fromHex(after), limit).map(record),
    /** The same, only those of one kind. */
    recordsOfKind: (kind: string, after: string, limit: number): StoredRecord[] =>
      selectOfKind(kind, fromHex(after), limit).map(record),
    /** The same, only those that are sealed under other KEKs than these two. */
    recordsNotUnder: (keks: readonly [number, number], after: string, limit: number): StoredRecord[] =>
      selectUnder(fromHex(after), u32(keks[0]), u32(keks[1]), limit).map(record),
    countNotUnder: (keks: readonly [number, number]): number =>
      count(countUnder(u32(keks[0]), u32(keks[1]))[0]?.[0], 'records'),
    putRecord: (row: StoredRecord) => upsertRecord(fromHex(row.id), row.kind, row.version, row.sealed),
    removeRecord: (id: string) => deleteRecord(fromHex(id)),

    pages(): StoredPage[] {
      return selectPages().map((row) => {
        const page = count(row[0], 'manifest', 0, 255);
        const where = `page ${page}`;
        return { page, entries: blob(row[1], where), mac: blob(row[2], where, 32) };
      });
    },
    putPage: (row: StoredPage) => upsertPage(row.page, row.entries, row.mac),
    removePage: (page: number) => deletePage(page),

    head(): StoredHead {
      const rows = selectHead();
      const row = rows[0];
      if (row === undefined || rows.length !== 1 || row[0] !== 1) throw corrupt('head', 'there is not exactly one');
      return {
        generation: count(row[1], 'head', 1),
        auditSeq: count(row[2], 'head'),
        auditHash: blob(row[3], 'head', 32),
        parts: blob(row[4], 'head'),
        mac: blob(row[5], 'head', 32),
      };
    },
    insertHead: (head: StoredHead) => insertHead(head.generation, head.auditSeq, head.auditHash, head.parts, head.mac),
    /** Answers 0 when the head on disk is not of the generation that the change was made from. */
    updateHead: (head: StoredHead, from: number): number =>
      updateHead(head.generation, head.auditSeq, head.auditHash, head.parts, head.mac, from),

    auditAfter: (seq: number, limit: number): StoredAudit[] => selectAuditAfter(seq, limit).map(audit),
    /** Newest first. */
    auditBefore: (seq: number, limit: number): StoredAudit[] => selectAuditBefore(seq, limit).map(audit),
    auditLast(): StoredAudit | null {
      const row = selectAuditLast()[0];
      return row === undefined ? null : audit(row);
    },
    /** The lowest number there is, even one that no entry may have; null for an empty log. */
    auditFirstSeq(): unknown {
      return selectAuditFirst()[0]?.[0] ?? null;
    },
    appendAudit: (row: StoredAudit) => insertAudit(row.seq, row.sealed, row.hash, row.mac),

    /** In order of `seq`. */
    pending: (limit: number): StoredPending[] => selectPending(limit).map(pendingRow),
    pendingLast(): StoredPending | null {
      const row = selectPendingLast()[0];
      return row === undefined ? null : pendingRow(row);
    },
    putPending: ({ seq, sealed }: StoredPending) => upsertPending(seq, sealed),
    clearPending: () => deletePending(),

    /** Moves the WAL into the file and truncates it, so that replaced rows (an old password's slot) do not linger there. */
    checkpoint: () => {
      guard(() => db.pragma('wal_checkpoint(TRUNCATE)'));
    },
    integrityCheck: (): string[] =>
      guard(() => {
        const result: unknown = db.pragma('integrity_check(100)');
        if (!Array.isArray(result)) return ['no answer'];
        return result
          .map((row: unknown) =>
            typeof row === 'object' && row !== null && 'integrity_check' in row
              ? String(row.integrity_check)
              : String(row),
          )
          .filter((line) => line !== 'ok');
      }),
  };
}
