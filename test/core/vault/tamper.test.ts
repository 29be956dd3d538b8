import { copyFileSync, readFileSync } from 'node:fs';
import type Database from 'better-sqlite3';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { KeyholdError } from '../../../src/contract/errors.ts';
import { checkVault } from '../../../src/core/vault/check.ts';
import { sealFor } from '../../support/hsm.ts';
import {
  addObject,
  auditEvent,
  copyTestVault,
  failure,
  makeTestVault,
  named,
  removeTestFolders,
  reopen,
  type TestVaultFile,
  tamper,
} from '../../support/vault.ts';

afterEach(() => removeTestFolders(template.folder));
afterAll(() => removeTestFolders());

const A = `a1${'0'.repeat(30)}`;
const B = `b2${'0'.repeat(30)}`;
/** On the same page as A. */
const C = `a1${'f'.repeat(30)}`;

let template: TestVaultFile;
let file: TestVaultFile;
let objectId: string;

beforeAll(async () => {
  template = await makeTestVault();
  const { vault, hsm } = template;
  const account = (id: string, name: string) => ({ id, kind: 'account' as const, data: { name } });
  await vault.transact({ put: [account(A, 'alpha'), account(B, 'beta'), account(C, 'gamma')] });
  objectId = await addObject(vault, hsm);
  for (const action of ['one', 'two', 'three']) await vault.transact({ audit: [auditEvent(action)] });
  await vault.close();
});

beforeEach(async () => {
  file = await copyTestVault(template);
});

/** Closes the vault, changes its file, and answers what unlocking it says. */
async function unlockAfter(change: (db: Database.Database) => void): Promise<KeyholdError> {
  await file.vault.close();
  tamper(file.path, change);
  return failure(async () => (await reopen(file)).vault.close());
}

/** The same for damage that only opening records shows: what `vault check` says. */
async function checkAfter(change: (db: Database.Database) => void): Promise<string[]> {
  await file.vault.close();
  tamper(file.path, change);
  const { vault, hsm } = await reopen(file);
  try {
    const report = await checkVault(vault, hsm);
    expect(report.ok).toBe(false);
    return named(report);
  } finally {
    await vault.close();
  }
}

const hex = (id: string) => Buffer.from(id, 'hex');
type Row = Record<string, unknown>;
const rowsOf = (db: Database.Database, sql: string, ...values: unknown[]) =>
  db.prepare<unknown[], Row>(sql).all(...values);

/** Everything in the file as it is, to put parts of it back later. */
async function snapshot(tables: readonly string[]): Promise<Map<string, Row[]>> {
  const rows = new Map<string, Row[]>();
  for (const table of tables) rows.set(table, rowsOf(file.vault.file.db, `SELECT * FROM ${table}`));
  return rows;
}
function putBack(db: Database.Database, table: string, rows: readonly Row[]): void {
  for (const row of rows) {
    const columns = Object.keys(row);
    db.prepare(
      `INSERT OR REPLACE INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`,
    ).run(...Object.values(row));
  }
}
function flipLast(db: Database.Database, table: string, column: string, where: string): void {
  const row = rowsOf(db, `SELECT ${column} AS value FROM ${table} WHERE ${where}`)[0];
  const value = row?.['value'];
  if (!(value instanceof Uint8Array)) throw new Error('no such value');
  const changed = Uint8Array.from(value);
  changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
  db.prepare(`UPDATE ${table} SET ${column} = ? WHERE ${where}`).run(changed);
}

test('untouched, the vault opens and checks clean', async () => {
  await file.vault.close();
  const { vault, hsm } = await reopen(file);
  const report = await checkVault(vault, hsm);
  expect(report).toMatchObject({ ok: true, records: 4, slots: 2, auditEntries: 3, format: 1, findings: [] });
  await vault.close();
});

describe('records', () => {
  test('deleted', async () => {
    const error = await unlockAfter((db) => db.prepare('DELETE FROM records WHERE id = ?').run(hex(A)));
    expect(error.code).toBe('VaultTampered');
    expect(named(error)).toEqual(['record account a1000000…: deleted']);
  });

  test('added', async () => {
    const error = await unlockAfter((db) =>
      db
        .prepare(
          "INSERT INTO records SELECT x'c3000000000000000000000000000000', kind, version, sealed FROM records WHERE id = ?",
        )
        .run(hex(A)),
    );
    expect(named(error)).toEqual(['record account c3000000…: unknown']);
  });

  test.each(['kind', 'version', 'sealed'])(
    '%s edited; the message has the name where it still opens',
    async (column) => {
      const error = await unlockAfter((db) => {
        if (column === 'kind') db.prepare("UPDATE records SET kind = 'profile' WHERE id = ?").run(hex(A));
        else if (column === 'version') db.prepare('UPDATE records SET version = 7 WHERE id = ?').run(hex(A));
        else flipLast(db, 'records', 'sealed', `id = x'${A}'`);
      });
      expect(error.code).toBe('VaultTampered');
      expect(named(error)).toEqual([`record ${column === 'kind' ? 'profile' : 'account'} a1000000…: edited`]);
    },
  );

  test('id edited: one is gone and one is unknown', async () => {
    const error = await unlockAfter((db) =>
      db.prepare("UPDATE records SET id = x'a1000000000000000000000000000001' WHERE id = ?").run(hex(A)),
    );
    expect(named(error).sort()).toEqual(['record account a1000000…: deleted', 'record account a1000000…: unknown']);
  });

  test('two swapped', async () => {
    const error = await unlockAfter((db) => {
      const [a, b] = [A, B].map((id) => rowsOf(db, 'SELECT sealed FROM records WHERE id = ?', hex(id))[0]?.['sealed']);
      const update = db.prepare('UPDATE records SET sealed = ? WHERE id = ?');
      update.run(b, hex(A));
      update.run(a, hex(B));
    });
    expect(named(error)).toEqual(['record account a1000000…: swapped', 'record account b2000000…: swapped']);
  });

  test('rolled back, with its name', async () => {
    const before = await snapshot(['records']);
    await file.vault.transact({ put: [{ id: A, kind: 'account', data: { name: 'alpha two' } }] });
    const error = await unlockAfter((db) => putBack(db, 'records', before.get('records') ?? []));
    expect(named(error)).toEqual(['record account a1000000…: rolled back']);
    expect(JSON.stringify(error.details)).toContain('“alpha”');
  });

  test.each([0, 3, 10, 30, 70, 90])(
    'byte %i of the sealed bytes edited: found by check and by reading',
    async (offset) => {
      await file.vault.close();
      tamper(file.path, (db) => {
        const sealed = rowsOf(db, 'SELECT sealed FROM records WHERE id = ?', hex(A))[0]?.['sealed'];
        if (!(sealed instanceof Uint8Array)) throw new Error('no such record');
        const changed = Uint8Array.from(sealed);
        changed[offset] = (changed[offset] ?? 0) ^ 0x10;
        db.prepare('UPDATE records SET sealed = ? WHERE id = ?').run(changed, hex(A));
      });
      const { vault, hsm } = await reopen(file);
      const error = await failure(() => vault.read('account'));
      expect(error.code).toBe('VaultTampered');
      expect(named(error)).toEqual(['record account a1000000…: edited']);
      expect(named(await checkVault(vault, hsm))).toEqual(['record account a1000000…: edited']);
      expect(await vault.get(B)).toMatchObject({ data: { name: 'beta' } });
      await vault.close();
    },
  );

  test('an object edited in the middle', async () => {
    const found = await checkAfter((db) => {
      const sealed = rowsOf(db, 'SELECT sealed FROM records WHERE id = ?', hex(objectId))[0]?.['sealed'];
      if (!(sealed instanceof Uint8Array)) throw new Error('no such object');
      const changed = Uint8Array.from(sealed);
      changed[80] = (changed[80] ?? 0) ^ 1;
      db.prepare('UPDATE records SET sealed = ? WHERE id = ?').run(changed, hex(objectId));
    });
    expect(found).toEqual([`record object ${objectId.slice(0, 8)}…: edited`]);
  });
});

describe('manifest', () => {
  const page = 0xa1;

  test('page deleted', async () => {
    const error = await unlockAfter((db) => db.prepare('DELETE FROM manifest WHERE page = ?').run(page));
    expect(named(error)).toContain('page 161: deleted');
  });

  test('page deleted with its records', async () => {
    const error = await unlockAfter((db) => {
      db.prepare('DELETE FROM manifest WHERE page = ?').run(page);
      db.prepare('DELETE FROM records WHERE id IN (?, ?)').run(hex(A), hex(C));
    });
    expect(error.code).toBe('VaultTampered');
    expect(named(error)).toEqual(['page 161: deleted']);
  });

  test('entries edited', async () => {
    const error = await unlockAfter((db) => flipLast(db, 'manifest', 'entries', `page = ${page}`));
    expect(named(error)).toEqual(['page 161: edited', 'record account a1ffffff…: edited']);
  });

  test('MAC edited', async () => {
    const error = await unlockAfter((db) => flipLast(db, 'manifest', 'mac', `page = ${page}`));
    expect(named(error)).toContain('page 161: edited');
  });

  test('page number edited', async () => {
    let other = 0;
    const error = await unlockAfter((db) => {
      const taken = new Set(rowsOf(db, 'SELECT page FROM manifest').map((row) => row['page']));
      while (taken.has(other)) other += 1;
      db.prepare('UPDATE manifest SET page = ? WHERE page = ?').run(other, page);
    });
    expect(['VaultTampered', 'VaultCorrupt']).toContain(error.code);
    expect(named(error).join()).toContain(`page ${other}`);
  });

  test('a record rolled back with its page', async () => {
    const before = await snapshot(['records', 'manifest']);
    await file.vault.transact({ put: [{ id: A, kind: 'account', data: { name: 'alpha two' } }] });
    const error = await unlockAfter((db) => {
      putBack(db, 'records', before.get('records') ?? []);
      putBack(db, 'manifest', before.get('manifest') ?? []);
    });
    expect(error.code).toBe('VaultTampered');
    expect(named(error)).toEqual(['page 161: rolled back']);
  });

  test('only the page rolled back', async () => {
    const before = await snapshot(['manifest']);
    await file.vault.transact({ put: [{ id: A, kind: 'account', data: { name: 'alpha two' } }] });
    const error = await unlockAfter((db) => putBack(db, 'manifest', before.get('manifest') ?? []));
    expect(named(error)).toEqual(['page 161: rolled back', 'record account a1000000…: edited']);
  });

  test('an empty page added', async () => {
    const error = await unlockAfter((db) => db.prepare("INSERT INTO manifest VALUES (9, x'', zeroblob(32))").run());
    expect(named(error)).toContain('page 9: unknown');
  });
});

describe('head', () => {
  test.each(['generation', 'audit_seq', 'audit_hash', 'parts', 'mac'])('%s edited', async (column) => {
    const error = await unlockAfter((db) => {
      if (column === 'generation' || column === 'audit_seq') db.exec(`UPDATE head SET ${column} = ${column} + 1`);
      else flipLast(db, 'head', column, 'id = 1');
    });
    expect(error.code).toBe('VaultTampered');
    expect(named(error).join()).toMatch(/head: edited|keks: edited|audit entry/);
  });

  test('rolled back with everything it covers, but not the records', async () => {
    const before = await snapshot(['head', 'manifest']);
    await file.vault.transact({ put: [{ id: A, kind: 'account', data: { name: 'alpha two' } }] });
    const error = await unlockAfter((db) => {
      putBack(db, 'manifest', before.get('manifest') ?? []);
      putBack(db, 'head', before.get('head') ?? []);
    });
    expect(named(error)).toEqual(['record account a1000000…: edited']);
  });

  test('deleted', async () => {
    const error = await unlockAfter((db) => db.exec('DELETE FROM head'));
    expect(error.code).toBe('VaultCorrupt');
    expect(named(error)).toEqual(['head: structure']);
  });
});

describe('slots and key-encryption keys', () => {
  test('an old password’s slot put back after the password was changed', async () => {
    const before = await snapshot(['slots']);
    const { slot } = await file.hsm.call('makePasswordSlot', {
      id: '0123456789abcdef',
      label: 'Password',
      password: await sealFor(file.hsm, 'password', 'a new and longer password'),
      kdf: { memoryKiB: 65_536, passes: 3, parallelism: 1 },
      createdAt: Date.now(),
    });
    await file.vault.transact((view) => ({ slots: [slot, ...view.slots().slice(1)] }));
    await file.vault.close();
    expect((await failure(() => reopen(file))).code).toBe('WrongSecret');
    const { vault } = await reopen(file, { password: 'a new and longer password' });
    await vault.close();
    tamper(file.path, (db) => putBack(db, 'slots', before.get('slots') ?? []));
    // The old password opens its old slot again, but the head was made over the new one.
    const error = await failure(() => reopen(file));
    expect(error.code).toBe('VaultTampered');
    expect(named(error)).toEqual(['slots: edited']);
  });

  test('a replaced slot is not left in the file', async () => {
    const old = file.made.slots[0]?.wrapped ?? new Uint8Array();
    const { slot } = await file.hsm.call('makePasswordSlot', {
      id: '0123456789abcdef',
      label: 'Password',
      password: await sealFor(file.hsm, 'password', 'another password'),
      kdf: { memoryKiB: 65_536, passes: 3, parallelism: 1 },
      createdAt: Date.now(),
    });
    await file.vault.transact((view) => ({ slots: [slot, ...view.slots().slice(1)] }));
    await file.vault.close();
    expect(readFileSync(file.path).includes(Buffer.from(slot.wrapped))).toBe(true);
    expect(readFileSync(file.path).includes(Buffer.from(old))).toBe(false);
  });

  test.each([
    'UPDATE slots SET id = 7 WHERE id = 2',
    'DELETE FROM slots WHERE id = 2',
    'INSERT INTO slots VALUES (3, zeroblob(4), zeroblob(60))',
  ])('%s', async (sql) => {
    const error = await unlockAfter((db) => db.exec(sql));
    expect(['VaultTampered', 'VaultCorrupt']).toContain(error.code);
    expect(named(error).join()).toMatch(/slot/);
  });

  test.each(['descriptor', 'wrapped'])('%s of another slot edited', async (column) => {
    const error = await unlockAfter((db) => flipLast(db, 'slots', column, 'id = 2'));
    expect(named(error)).toEqual(['slots: edited']);
  });

  test('lowered Argon2id parameters', async () => {
    const error = await unlockAfter((db) => {
      const text = String(rowsOf(db, 'SELECT CAST(descriptor AS TEXT) AS text FROM slots WHERE id = 1')[0]?.['text']);
      const lowered = text.replace('"memoryKiB":65536', '"memoryKiB":1024');
      expect(lowered).not.toBe(text);
      db.prepare('UPDATE slots SET descriptor = ? WHERE id = 1').run(Buffer.from(lowered));
    });
    expect(error.code).toBe('VaultTampered');
    expect(named(error).join()).toMatch(/slot/);
  });

  test.each([
    'UPDATE keks SET id = 9 WHERE id = 1',
    "UPDATE keks SET purpose = 'objects' WHERE id = 1",
    'UPDATE keks SET created_at = created_at + 1 WHERE id = 1',
    'UPDATE keks SET wrapped = zeroblob(60) WHERE id = 1',
    'DELETE FROM keks WHERE id = 2',
    "INSERT INTO keks VALUES (3, 'records', 1, zeroblob(60))",
  ])('%s', async (sql) => {
    const error = await unlockAfter((db) => db.exec(sql));
    expect(['VaultTampered', 'VaultCorrupt']).toContain(error.code);
    expect(named(error).join()).toMatch(/kek/);
  });
});

describe('schema and meta', () => {
  test.each([
    ['CREATE TRIGGER t AFTER INSERT ON audit BEGIN DELETE FROM records; END', 'schema, trigger t: unknown'],
    ['CREATE VIEW v AS SELECT * FROM records', 'schema, view v: unknown'],
    ['CREATE TABLE extra (a)', 'schema, table extra: unknown'],
    ['CREATE INDEX i ON records (kind)', 'schema, index i: unknown'],
    ['ALTER TABLE audit ADD COLUMN extra TEXT', 'schema, table audit: edited'],
    ['DROP TABLE audit_pending', 'schema, table audit_pending: structure'],
    ["INSERT INTO meta VALUES ('extra', x'00')", 'meta extra: unknown'],
  ])('%s', async (sql, expected) => {
    const error = await unlockAfter((db) => db.exec(sql));
    expect(['VaultTampered', 'VaultCorrupt']).toContain(error.code);
    expect(named(error)).toEqual([expected]);
  });

  test('another vault id', async () => {
    const error = await unlockAfter((db) => db.exec("UPDATE meta SET value = zeroblob(16) WHERE key = 'vault_id'"));
    expect(error.code).toBe('WrongSecret');
  });
});

describe('an older whole file', () => {
  test('is refused until a person accepts it', async () => {
    await file.vault.close();
    copyFileSync(file.path, `${file.path}.old`);
    const { vault } = await reopen(file);
    await vault.transact({ put: [{ id: A, kind: 'account', data: { name: 'newer' } }] });
    const newest = vault.generation;
    await vault.close();
    copyFileSync(`${file.path}.old`, file.path);
    const error = await failure(() => reopen(file));
    expect(error.code).toBe('VaultRolledBack');
    expect(error.details).toEqual({ generation: newest - 1, lastSeen: newest });
    const accepted = await reopen(file, { acceptRollback: true });
    await accepted.vault.close();
    const again = await reopen(file);
    await again.vault.close();
  });
});

describe('audit log', () => {
  test('tail cut', async () => {
    const error = await unlockAfter((db) => db.exec('DELETE FROM audit WHERE seq = 3'));
    expect(named(error)).toEqual(['audit entry 3: deleted']);
  });
  test('appended to', async () => {
    const error = await unlockAfter((db) =>
      db.exec('INSERT INTO audit SELECT 4, sealed, hash, mac FROM audit WHERE seq = 3'),
    );
    expect(named(error)).toEqual(['audit entry 4: unknown']);
  });
  test('last entry’s hash edited', async () => {
    const error = await unlockAfter((db) => flipLast(db, 'audit', 'hash', 'seq = 3'));
    expect(named(error)).toEqual(['audit entry 3: edited']);
  });
  test.each([
    ['DELETE FROM audit WHERE seq = 2', 2],
    ['UPDATE audit SET seq = 0 WHERE seq = 1', 0],
    ['UPDATE audit SET mac = zeroblob(32) WHERE seq = 2', 2],
    ['UPDATE audit SET hash = zeroblob(32) WHERE seq = 2', 2],
    ['UPDATE audit SET sealed = (SELECT sealed FROM audit WHERE seq = 1) WHERE seq = 2', 2],
    [
      'UPDATE audit SET (sealed, hash, mac) = (SELECT sealed, hash, mac FROM audit AS other WHERE other.seq = 3 - audit.seq) WHERE seq < 3',
      1,
    ],
  ])('%s is found by check', async (sql, first) => {
    expect(await checkAfter((db) => db.exec(sql))).toEqual([`audit entry ${first}: edited`]);
  });
});

test('a change behind an open vault is noticed when the record is read', async () => {
  await file.vault.lock();
  await file.vault.load(file.hsm);
  file.vault.file.db.exec(`UPDATE records SET version = 5 WHERE id = x'${A}'`);
  expect(named(await failure(() => file.vault.get(A)))).toEqual(['record account a1000000…: edited']);
  const report = await checkVault(file.vault, file.hsm);
  expect(named(report)).toContain('record account a1000000…: edited');
  await file.vault.close();
});

test('a head changed behind an open vault stops the next change', async () => {
  file.vault.file.db.exec('UPDATE head SET generation = generation + 5');
  const error = await failure(() => file.vault.transact({ put: [{ kind: 'account', data: {} }] }));
  expect(named(error)).toEqual(['head: edited']);
  expect(file.vault.recordCount).toBe(4);
  await file.vault.close();
});
