import { readFileSync } from 'node:fs';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { methods } from '../../../src/contract/methods.ts';
import type { AuditEvent } from '../../../src/contract/schemas.ts';
import { type AuditLog, createAuditLog } from '../../../src/core/audit/audit-log.ts';
import { LOCKED_LIMIT, LOG_KEY, LockedLog } from '../../../src/core/vault/locked-log.ts';
import { openVault, type Vault } from '../../../src/core/vault/store.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { readVault } from '../../support/second-reader.ts';
import { silentLogger } from '../../support/silent-logger.ts';
import {
  auditEvent,
  copyTestVault,
  failure,
  makeTestVault,
  removeTestFolders,
  type TestVaultFile,
  tamper,
} from '../../support/vault.ts';

let template: TestVaultFile;
let file: TestVaultFile;
let vault: Vault;
let log: AuditLog;

const logOf = (of: Vault): AuditLog => createAuditLog(of, { clock: createFakeClock(), log: silentLogger });
const use = (next: Vault): void => {
  vault = next;
  log = logOf(next);
};

beforeAll(async () => {
  template = await makeTestVault();
  await template.vault.transact({ audit: [auditEvent('vault.create', { kind: 'change' })] });
  await template.vault.close();
});
beforeEach(async () => {
  file = await copyTestVault(template);
  use(file.vault);
});
afterEach(async () => {
  await vault.close();
  removeTestFolders(template.folder);
});

/** As `lifecycle.lock` does. */
async function lock(): Promise<void> {
  await vault.transact({ audit: [auditEvent('vault.lock', { kind: 'change' })] });
  await vault.lock();
}

async function record(...actions: string[]): Promise<void> {
  for (const action of actions) log.record(auditEvent(action, { decision: 'denied' }));
  await log.flush();
}

/** Ends this daemon (or kills it), changes the file, and starts another on the locked vault. */
async function restart(how: 'stop' | 'kill', change?: string): Promise<void> {
  if (how === 'stop') await vault.close();
  else vault.file.close();
  if (change !== undefined) tamper(file.path, (db) => db.exec(change));
  use(openVault(file.path));
}

/** Unlocks and answers what has entered the log since the lock: oldest first, action and what is said about it. */
async function unlock(): Promise<string[]> {
  await vault.load(file.hsm);
  const before = vault.auditEnd.seq;
  await vault.transact({ audit: [auditEvent('vault.unlock', { kind: 'change' })] });
  const entries: AuditEvent[] = [];
  const listed = await log.list(methods['audit.list'].input.parse({ limit: 1000 }));
  for (const { seq, event } of listed.entries.reverse()) if (seq > before) entries.push(event);
  expect(entries.pop()?.action).toBe('vault.unlock');
  expect(vault.rows.pending(10)).toEqual([]);
  expect(await log.verify()).toMatchObject({ ok: true });
  return entries.map(({ action, reason }) => `${action} ${reason?.replace('(recorded while locked', '(…')}`);
}

describe('a daemon that locked the vault', () => {
  test('seals what it records, and it enters the log at the next unlock', async () => {
    await lock();
    await record('canary-action', 'b');
    log.record(auditEvent('c', { reason: 'wrong secret', clientKeyId: 'KHLDCANARY' }));
    await log.flush();
    expect(vault.rows.pending(10)).toHaveLength(3);
    for (const name of [vault.path, `${vault.path}-wal`]) {
      expect(readFileSync(name, 'latin1')).not.toMatch(/canary/i);
    }
    expect(await unlock()).toEqual(['canary-action (…)', 'b (…)', 'c wrong secret (…)']);
    expect(await log.chainPending()).toBe(0);
  });

  test.each([
    ['one deleted', 'DELETE FROM audit_pending WHERE seq = 2', ['a (…)', 'c (…)', 'entry 2 was deleted']],
    ['the last deleted', 'DELETE FROM audit_pending WHERE seq = 3', ['a (…)', 'b (…)', 'entry 3 was deleted']],
    ['all deleted', 'DELETE FROM audit_pending', ['entries 1 to 3 were deleted']],
    [
      'one edited',
      "UPDATE audit_pending SET sealed = CAST(sealed || x'00' AS BLOB) WHERE seq = 1",
      ['b (…)', 'c (…)', 'entry 1 was changed'],
    ],
    [
      'two exchanged',
      'UPDATE audit_pending SET seq = -seq WHERE seq < 3; UPDATE audit_pending SET seq = 3 + seq WHERE seq < 0',
      ['c (…)', 'entry 1 was changed', 'entry 2 was changed'],
    ],
    [
      'one made up',
      `INSERT INTO audit_pending VALUES (4, CAST('{"action":"x"}' AS BLOB))`,
      ['a (…)', 'b (…)', 'c (…)', 'entry 4 was made up'],
    ],
    [
      'one repeated',
      'INSERT INTO audit_pending SELECT 4, sealed FROM audit_pending WHERE seq = 3',
      ['a (…)', 'b (…)', 'c (…)', 'entry 4 was made up'],
    ],
    [
      'a number that no entry has',
      'INSERT INTO audit_pending SELECT 20000, sealed FROM audit_pending WHERE seq = 3',
      ['a (…)', 'b (…)', 'c (…)', 'there are entries that Keyhold did not write'],
    ],
  ])('%s: found and named, by this daemon and by the next', async (_, sql, expected) => {
    for (const next of [false, true]) {
      await lock();
      await record('a', 'b', 'c');
      if (next) await restart('stop', sql);
      else vault.file.db.exec(sql);
      const found = await unlock();
      expect(found.map((line) => line.replace('audit.tampered ', ''))).toEqual(
        // What is put behind the end is only known as made up to the daemon that wrote the end.
        expected.map((line) =>
          expect.stringContaining(next && line.endsWith('made up') ? 'was changed, or is not of Keyhold' : line),
        ),
      );
    }
  });

  test('a second reader opens what it left, and what another one added', async () => {
    await lock();
    await record('a', 'b');
    await restart('stop');
    await record('c');
    await vault.close();
    const read = await readVault(file.path, file.made.password);
    expect(read.locked).toEqual([
      { seq: 1, own: false, event: expect.objectContaining({ action: 'a' }) },
      { seq: 2, own: false, event: expect.objectContaining({ action: 'b' }) },
      { seq: 4, own: true, event: expect.objectContaining({ action: 'c' }) },
    ]);
    expect(read.lockedEnd).toBe(2);
  });

  test('the same rows of an earlier time are not taken for it', async () => {
    await lock();
    await record('a', 'b');
    const kept = vault.rows.pending(10);
    await unlock();
    await lock();
    await record('c', 'd');
    for (const row of kept) vault.rows.putPending(row);
    expect(await unlock()).toEqual([
      expect.stringMatching(/^audit.tampered entry 2 was replaced/),
      expect.stringMatching(/^audit.tampered entry 1 was changed/),
      expect.stringMatching(/^audit.tampered entry 2 was changed/),
    ]);
  });

  test('killed, it leaves what it wrote, and that the newest may be missing', async () => {
    for (const sql of ['SELECT 1', 'DELETE FROM audit_pending WHERE seq = 2', 'DELETE FROM audit_pending']) {
      await lock();
      await record('a', 'b');
      await restart('kill', sql);
      const left = sql === 'SELECT 1' ? ['a (…)', 'b (…)'] : sql.endsWith('2') ? ['a (…)'] : [];
      expect(await unlock()).toEqual([...left, expect.stringMatching(/^audit.unclosed .* may be missing/)]);
    }
  });

  test('killed while unlocked, there was nothing to lose', async () => {
    await vault.transact({ audit: [auditEvent('x')] });
    await restart('kill');
    expect(await unlock()).toEqual([]);
  });

  test('the next daemon’s entries follow, and hide nothing', async () => {
    await lock();
    await record('a', 'b');
    await restart('stop');
    await record('c');
    expect(await unlock()).toEqual(['a (…)', 'b (…)', 'c (…)']);

    await lock();
    await record('a', 'b');
    await restart('stop', 'DELETE FROM audit_pending WHERE seq = 2');
    await record('c');
    expect(await unlock()).toEqual(['a (…)', 'c (…)', expect.stringMatching(/^audit.tampered entry 2 was replaced/)]);

    await lock();
    await record('a', 'b');
    await restart('kill', 'DELETE FROM audit_pending WHERE seq = 2');
    await record('c');
    expect(await unlock()).toEqual(['a (…)', 'c (…)', expect.stringMatching(/^audit.unclosed/)]);
  });

  test('an unlock that wrote nothing leaves everything for the next', async () => {
    await lock();
    await record('a');
    await vault.load(file.hsm);
    vault.lockNow();
    await record('b');
    expect(await unlock()).toEqual(['a (…)', 'b (…)']);
  });

  test('what comes in while the vault is being loaded is not lost', async () => {
    await lock();
    await record('a');
    const loading = vault.load(file.hsm);
    log.record(auditEvent('b'));
    await Promise.all([loading, log.flush()]);
    await vault.transact({ audit: [auditEvent('vault.unlock')] });
    const { entries } = await log.list(methods['audit.list'].input.parse({ limit: 3 }));
    expect(entries.map(({ event }) => event.action)).toEqual(expect.arrayContaining(['a', 'b', 'vault.unlock']));
  });

  test('has a bound: a thousand, and the number of the rest', async () => {
    await lock();
    for (let index = 0; index < LOCKED_LIMIT; index++) log.record(auditEvent('denied'));
    log.record(auditEvent('refused', { count: 500 }));
    await log.flush();
    const early = vault.rows.pendingLast();
    await record('denied', 'denied');
    expect(vault.rows.pending(2 * LOCKED_LIMIT)).toHaveLength(LOCKED_LIMIT + 1);
    await restart('stop');
    await vault.load(file.hsm);
    await vault.transact({ audit: [auditEvent('vault.unlock')] });
    const newest = async () => (await log.list(methods['audit.list'].input.parse({ limit: 2 }))).entries[1]?.event;
    expect(await newest()).toMatchObject({ count: 502, reason: '502 more not recorded (recorded while locked)' });

    // A smaller number cannot be put back.
    await lock();
    for (let index = 0; index < LOCKED_LIMIT + 1; index++) log.record(auditEvent('denied'));
    await log.flush();
    const smaller = vault.rows.pendingLast();
    if (smaller === null || early === null) throw new Error('there are no rows');
    await record('denied');
    vault.rows.putPending(smaller);
    await vault.load(file.hsm);
    await vault.transact({ audit: [auditEvent('vault.unlock')] });
    expect(await newest()).toMatchObject({
      action: 'audit.tampered',
      reason: expect.stringContaining('1001 was replaced'),
    });
  });
});

describe('a daemon that was started on a locked vault', () => {
  beforeEach(() => restart('stop'));

  test('seals with keys of its own, and knows them again at the unlock', async () => {
    await record('canary-action', 'b');
    expect(readFileSync(`${vault.path}-wal`, 'latin1')).not.toMatch(/canary/);
    expect(await unlock()).toEqual(['canary-action (…)', 'b (…)']);
  });

  test('finds what is deleted or made up meanwhile', async () => {
    await record('a', 'b', 'c');
    vault.file.db.exec('DELETE FROM audit_pending WHERE seq > 2');
    expect(await unlock()).toEqual(['a (…, unverified)', expect.stringContaining('entries 3 to 4 were deleted')]);
  });

  test('leaves to the next what nobody can vouch for', async () => {
    await record('a', 'b');
    await restart('stop');
    await record('c');
    await restart('kill', 'DELETE FROM audit_pending WHERE seq = 3');
    await record('d');
    expect(await unlock()).toEqual([
      'a (…, unverified)',
      'c (…, unverified)',
      'd (…)',
      expect.stringContaining('entry 3 was deleted'),
    ]);
  });

  test('what somebody else sealed to the vault’s public key counts as unverified', async () => {
    const forged = new LockedLog(vault, vault.vaultId, vault.reserve);
    await forged.open();
    forged.append([auditEvent('made-up')]);
    expect(await unlock()).toEqual(['made-up (…, unverified)']);
  });

  test('restarts do not make room for more than the bound', async () => {
    for (const times of [LOCKED_LIMIT - 10, 30, 5]) {
      for (let index = 0; index < times; index++) log.record(auditEvent('denied'));
      await log.flush();
      await restart('stop');
    }
    expect(vault.rows.pending(2 * LOCKED_LIMIT).length).toBeLessThan(LOCKED_LIMIT + 10);
    await vault.load(file.hsm);
    await log.chainPending();
    const { entries } = await log.list(methods['audit.list'].input.parse({ text: 'more not recorded' }));
    const counted = entries.reduce((sum, { event }) => sum + (event.count ?? 0), 0);
    expect(counted + vault.auditEnd.seq - 1 - entries.length).toBe(LOCKED_LIMIT + 25);
  });

  test('a public key that is not the vault’s is found and put right', async () => {
    const right = vault.rows.meta(LOG_KEY);
    for (const [sql, what] of [
      [`UPDATE meta SET value = randomblob(32) WHERE key = '${LOG_KEY}'`, 'replaced'],
      [`DELETE FROM meta WHERE key = '${LOG_KEY}'`, 'deleted'],
    ] as const) {
      await restart('stop', sql);
      expect(await unlock()).toEqual([expect.stringContaining(`the public key of this log was ${what}`)]);
      expect(vault.rows.meta(LOG_KEY)).toEqual(right);
      await vault.lock();
    }
  });

  test('without one, events wait in memory', async () => {
    vault.rows.removeMeta(LOG_KEY);
    log.record(auditEvent('a'));
    expect((await failure(() => log.flush())).code).toBe('Locked');
    await vault.load(file.hsm);
    await log.flush();
    const { entries } = await log.list(methods['audit.list'].input.parse({ limit: 2 }));
    expect(entries.map(({ event }) => event.action)).toContain('a');
  });

  test('rubbish is named, not entered', async () => {
    await restart('stop', `INSERT INTO audit_pending VALUES (1, x''), (2, x'02'), (3, x'03ff'), (4, x'7b7d')`);
    expect(await unlock()).toEqual(
      [1, 2, 3, 4].map((seq) => expect.stringContaining(`audit.tampered entry ${seq} was changed`)),
    );
  });
});
