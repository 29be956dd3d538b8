import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, rmdirSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { KeyholdError } from '../../../src/contract/errors.ts';
import { methods } from '../../../src/contract/methods.ts';
import { type AuditLog, createAuditLog } from '../../../src/core/audit/audit-log.ts';
import { clipAuditEvent } from '../../../src/core/audit/entry.ts';
import { concat, lp, u64, utf8 } from '../../../src/core/crypto/bytes.ts';
import type { Vault } from '../../../src/core/vault/store.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { silentLogger } from '../../support/silent-logger.ts';
import { auditEvent, failure, makeTestVault, removeTestFolders, reopen, tamper } from '../../support/vault.ts';

afterEach(() => removeTestFolders());

const logOf = (vault: Vault, clock = createFakeClock()): AuditLog =>
  createAuditLog(vault, { clock, log: silentLogger });
const listOf = (input: object = {}) => methods['audit.list'].input.parse(input);
const exportOf = (input: object = {}) => methods['audit.export'].input.parse(input);
const actions = (result: { entries: { event: { action: string } }[] }) => result.entries.map((one) => one.event.action);

describe('recording', () => {
  test('groups what comes together, in order, and loses nothing', async () => {
    const file = await makeTestVault();
    const log = logOf(file.vault);
    const generation = file.vault.generation;
    for (let index = 0; index < 1000; index++) {
      await log.admit();
      log.record(auditEvent(`action-${index}`));
    }
    await log.flush();
    expect(log.backlog).toBe(0);
    expect(file.vault.auditEnd.seq).toBe(1000);
    expect(file.vault.generation - generation).toBe(Math.ceil(1000 / 256));
    expect(await log.verify()).toMatchObject({ ok: true, entries: 1000, firstBroken: null });
    const { entries } = await log.list(listOf({ limit: 1000 }));
    expect(actions({ entries })).toEqual(Array.from({ length: 1000 }, (_, index) => `action-${999 - index}`));
    await file.vault.close();
  });

  test('writes a lone event after a moment', async () => {
    const clock = createFakeClock();
    const { vault } = await makeTestVault();
    const log = logOf(vault, clock);
    log.record(auditEvent('alone'));
    expect(vault.auditEnd.seq).toBe(0);
    clock.advance(100);
    await log.flush();
    expect(vault.auditEnd.seq).toBe(1);
    expect(clock.pending()).toBe(0);
    await vault.close();
  });

  test('shares the transaction of a change', async () => {
    const { vault } = await makeTestVault();
    const generation = vault.generation;
    await vault.transact({
      put: [{ kind: 'account', data: {} }],
      audit: [auditEvent('account.add', { kind: 'change' })],
    });
    expect(vault.generation).toBe(generation + 1);
    expect(actions(await logOf(vault).list(listOf()))).toEqual(['account.add']);
    await vault.close();
  });

  test('cuts over-long texts', () => {
    const clipped = clipAuditEvent(auditEvent('x', { reason: 'y'.repeat(5000) }));
    expect(clipped.reason).toHaveLength(512);
    const plain = auditEvent('x');
    expect(clipAuditEvent(plain)).toBe(plain);
  });

  test('makes callers wait when writing is slow, and refuses when it fails; nothing is lost', async () => {
    const clock = createFakeClock();
    const { vault } = await makeTestVault();
    const log = logOf(vault, clock);
    let release = () => {};
    const held = vault.exclusive(() => new Promise<void>((resolve) => (release = resolve)));
    for (let index = 0; index < 1024; index++) log.record(auditEvent('waiting'));
    let admitted = false;
    const waiting = log.admit().then(() => {
      admitted = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(admitted).toBe(false);
    release();
    await Promise.all([held, waiting]);
    expect(admitted).toBe(true);
    await log.flush();

    vault.file.db.pragma('max_page_count = 1');
    for (let index = 0; index < 1100; index++) log.record(auditEvent('full'));
    expect((await failure(() => log.flush())).code).toBe('DiskFull');
    expect(log.failure).toBeInstanceOf(KeyholdError);
    expect((await failure(() => log.admit())).code).toBe('DiskFull');
    const before = vault.auditEnd.seq;
    vault.file.db.pragma('max_page_count = 1000000');
    await log.flush();
    expect(log.failure).toBeNull();
    expect(vault.auditEnd.seq).toBe(1024 + 1100);
    expect(before).toBeLessThan(1024 + 1100);
    expect(await log.verify()).toMatchObject({ ok: true });
    await vault.close();
  });

  test('from the first entry that cannot be written on nobody is admitted, until writing works again', async () => {
    const { vault } = await makeTestVault();
    const log = logOf(vault);
    await log.admit();
    const used = Number(vault.file.db.pragma('page_count', { simple: true }));
    vault.file.db.pragma(`max_page_count = ${used}`);
    for (let index = 0; index < 256; index++) log.record(auditEvent('done', { reason: 'x'.repeat(500) }));
    expect((await failure(() => log.flush())).code).toBe('DiskFull');
    // What was set aside has been given back, and nothing more is done on what is left.
    expect(existsSync(`${vault.path}.reserve`)).toBe(false);
    for (let index = 0; index < 3; index++) expect((await failure(() => log.admit())).code).toBe('DiskFull');
    expect(log.backlog).toBe(256);
    vault.file.db.pragma('max_page_count = 1000000');
    await log.admit();
    expect(log.backlog).toBe(0);
    expect(vault.auditEnd.seq).toBe(256);
    expect(existsSync(`${vault.path}.reserve`)).toBe(true);
    await vault.close();
  });

  test('what is done when the disk fills up is written with the space set aside; then nobody is admitted', async () => {
    const { vault } = await makeTestVault();
    const log = logOf(vault);
    await log.admit();
    const reserve = `${vault.path}.reserve`;
    const transaction = vault.rows.transaction;
    vault.rows.transaction = (work) => {
      if (existsSync(reserve)) throw new KeyholdError('DiskFull', 'The disk is full.');
      return transaction(work);
    };
    for (let index = 0; index < 100; index++) log.record(auditEvent('done'));
    await log.flush();
    expect(vault.auditEnd.seq).toBe(100);
    // A folder in its place: no room for it.
    mkdirSync(reserve);
    await expect(log.admit()).rejects.toThrow();
    rmdirSync(reserve);
    await log.admit();
    await vault.close();
  });

  test('a last write that fails says how much is lost', async () => {
    const { vault } = await makeTestVault();
    const logged: string[] = [];
    const log = createAuditLog(vault, { clock: createFakeClock(), log: { error: (message) => logged.push(message) } });
    vault.file.db.pragma('max_page_count = 1');
    for (let index = 0; index < 256; index++) log.record(auditEvent('done', { reason: 'x'.repeat(500) }));
    log.record(auditEvent('refused', { count: 500 }));
    await log.close();
    expect(logged).toContain('756 audit events could not be written and are lost');
    vault.file.db.pragma('max_page_count = 1000000');
    await log.close();
    expect(logged.filter((message) => message.includes('lost'))).toHaveLength(1);
    await vault.close();
  });

  test('has a bound, and says how many it had to drop', async () => {
    const { vault } = await makeTestVault();
    const log = logOf(vault);
    let release = () => {};
    const held = vault.exclusive(() => new Promise<void>((resolve) => (release = resolve)));
    await new Promise((resolve) => setImmediate(resolve));
    for (let index = 0; index < 5000; index++) log.record(auditEvent('flood'));
    expect(log.backlog).toBe(4096);
    release();
    await held;
    await log.flush();
    const { entries } = await log.list(listOf({ text: 'not recorded', limit: 10 }));
    expect(entries.map((one) => one.event.reason)).toEqual([
      '904 events were not recorded: the log could not be written fast enough',
    ]);
    expect(vault.auditEnd.seq).toBe(4096 + 1);
    await vault.close();
  });
});

describe('while locked', () => {
  test('events under way when the vault is locked are not lost', async () => {
    const file = await makeTestVault();
    const log = logOf(file.vault);
    for (let index = 0; index < 70; index++) log.record(auditEvent(`e${index}`));
    file.vault.lockNow();
    await log.flush();
    await file.vault.load(file.hsm);
    await log.chainPending();
    const { entries } = await log.list(listOf({ limit: 1000 }));
    expect(new Set(actions({ entries })).size).toBe(70);
    await file.vault.close();
  });
});

describe('listing', () => {
  test('pages back through everything, newest first', async () => {
    const { vault } = await makeTestVault();
    await vault.transact({ audit: Array.from({ length: 600 }, (_, index) => auditEvent(`n${index + 1}`)) });
    const log = logOf(vault);
    const seen: number[] = [];
    let before: number | undefined;
    do {
      const page = await log.list(listOf({ limit: 77, ...(before === undefined ? {} : { before }) }));
      expect(page.total).toBe(600);
      seen.push(...page.entries.map((one) => one.seq));
      expect(page.entries.every((one) => one.event.action === `n${one.seq}`)).toBe(true);
      before = page.nextBefore ?? undefined;
    } while (before !== undefined);
    expect(seen).toEqual(Array.from({ length: 600 }, (_, index) => 600 - index));
    expect(await log.list(listOf({ before: 1 }))).toEqual({ entries: [], nextBefore: null, total: 600 });
    await vault.close();
  });

  test('filters', async () => {
    const { vault } = await makeTestVault();
    await vault.transact({
      audit: [
        auditEvent('s3:PutObject', { client: 'ci', profile: 'prod', account: 'main', service: 's3' }),
        auditEvent('sts:GetCallerIdentity', { client: 'ci', decision: 'denied', reason: 'Key is DISABLED' }),
        auditEvent('key.import', { kind: 'change', target: 'deploy', time: '2030-01-01T00:00:00.000Z' }),
      ],
    });
    const log = logOf(vault);
    const seqs = async (filter: object) => (await log.list(listOf(filter))).entries.map((one) => one.seq);
    expect(await seqs({ client: 'ci' })).toEqual([2, 1]);
    expect(await seqs({ decision: 'denied' })).toEqual([2]);
    expect(await seqs({ kind: 'change' })).toEqual([3]);
    expect(await seqs({ profile: 'prod', account: 'main', service: 's3' })).toEqual([1]);
    expect(await seqs({ text: 'disabled' })).toEqual([2]);
    expect(await seqs({ text: 'DEPLOY' })).toEqual([3]);
    expect(await seqs({ since: '2029-01-01T00:00:00.000Z' })).toEqual([3]);
    expect(await seqs({ client: 'nobody' })).toEqual([]);
    await vault.close();
  });

  test('a filter looks at a bounded number of rows and says where to go on', async () => {
    const { vault } = await makeTestVault();
    await vault.transact({
      audit: Array.from({ length: 6000 }, (_, index) => auditEvent('x', index === 0 ? { client: 'rare' } : {})),
    });
    const log = logOf(vault);
    const first = await log.list(listOf({ client: 'rare' }));
    expect(first.entries).toEqual([]);
    expect(first.nextBefore).toBe(6001 - 5120);
    const second = await log.list(listOf({ client: 'rare', before: first.nextBefore ?? 0 }));
    expect(second.entries.map((one) => one.seq)).toEqual([1]);
    expect(second.nextBefore).toBeNull();
    await vault.close();
  });
});

describe('verifying', () => {
  test('an empty log', async () => {
    const { vault } = await makeTestVault();
    expect(await logOf(vault).verify()).toEqual({
      ok: true,
      entries: 0,
      firstBroken: null,
      message: 'The audit log is empty.',
    });
    expect(await logOf(vault).list(listOf())).toEqual({ entries: [], nextBefore: null, total: 0 });
    await vault.close();
  });

  test.each([
    ['an entry deleted', 'DELETE FROM audit WHERE seq = 700', 700, 'entry 700 is missing', [700], 1],
    ['the first deleted', 'DELETE FROM audit WHERE seq = 1', 1, 'entry 1 is missing', [1], 1],
    [
      'many deleted',
      'DELETE FROM audit WHERE seq BETWEEN 100 AND 1300',
      100,
      'entry 100 is missing',
      [1000, 1300],
      1201,
    ],
    ['a MAC edited', 'UPDATE audit SET mac = zeroblob(32) WHERE seq = 513', 513, 'its MAC', [513], 1],
    [
      'a content edited',
      "UPDATE audit SET sealed = CAST(sealed || x'00' AS BLOB) WHERE seq = 512",
      512,
      'does not decrypt',
      [512],
      1,
    ],
    [
      'two exchanged',
      'UPDATE audit SET (sealed, hash, mac) = (SELECT sealed, hash, mac FROM audit AS o WHERE o.seq = 601 - audit.seq) WHERE seq IN (300, 301)',
      300,
      'entry 300 is broken',
      [300],
      1,
    ],
    [
      'one repeated under another number',
      'UPDATE audit SET (sealed, hash, mac) = (SELECT sealed, hash, mac FROM audit AS o WHERE o.seq = 5) WHERE seq = 900',
      900,
      'entry 900 is broken',
      [900],
      1,
    ],
    [
      'a number below the first',
      'INSERT INTO audit SELECT -3, sealed, hash, mac FROM audit WHERE seq = 5',
      -3,
      'does not belong',
      [],
      0,
    ],
    [
      'two, and three in between deleted',
      'UPDATE audit SET mac = zeroblob(31) WHERE seq IN (1000, 1004); DELETE FROM audit WHERE seq IN (1001, 1002, 1003)',
      1000,
      'its MAC',
      [1000, 1003, 1004],
      5,
    ],
    [
      'all of a stretch edited',
      'UPDATE audit SET sealed = zeroblob(50) WHERE seq BETWEEN 600 AND 699',
      600,
      'does not decrypt',
      Array.from({ length: 100 }, (_, index) => 600 + index),
      100,
    ],
  ] as const)('%s', async (_, sql, firstBroken, message, touched, lost) => {
    const file = await makeTestVault();
    await file.vault.transact({ audit: Array.from({ length: 1400 }, (_, index) => auditEvent(`n${index + 1}`)) });
    await file.vault.close();
    tamper(file.path, (db) => db.exec(sql));
    const { vault } = await reopen(file);
    const log = logOf(vault);
    const result = await log.verify();
    expect(result).toMatchObject({ ok: false, entries: 1400, firstBroken });
    expect(result.message).toContain(message);
    if (firstBroken > 0) {
      const [listed] = (await log.list(listOf({ before: firstBroken + 1, limit: 1 }))).entries;
      expect(listed).toMatchObject({
        seq: firstBroken,
        broken: expect.stringContaining(message),
        event: { action: 'audit.broken' },
      });
    }
    // Nothing but what was touched is called broken, and all the rest is there; an export reads a thousand at a time.
    const { entries, done } = await log.export(exportOf({ limit: 5000 }));
    const broken = entries.filter((one) => one.broken !== undefined);
    const sound = entries.filter((one) => one.broken === undefined);
    expect(broken.map(({ seq }) => seq)).toEqual([...touched]);
    expect(sound.every((one) => one.event.action === `n${one.seq}`)).toBe(true);
    expect(sound).toHaveLength(1400 - lost);
    expect(done).toBe(true);
    const listed: number[] = [];
    for (let before: number | null = 1401; before !== null; ) {
      const page: Awaited<ReturnType<AuditLog['list']>> = await log.list(listOf({ before, limit: 70 }));
      listed.push(...page.entries.map(({ seq }) => seq));
      before = page.nextBefore;
    }
    expect(listed.filter((seq) => sound.some((one) => one.seq === seq))).toEqual(sound.map(({ seq }) => seq).reverse());
    // A run of missing ones is one entry to each of the windows it goes through.
    expect(listed.length > sound.length).toBe(touched.length > 0);
    expect(new Set(listed).size).toBe(listed.length);
    await vault.close();
  });

  test('a tail cut, or put on, while the vault is open', async () => {
    const file = await makeTestVault();
    await file.vault.transact({ audit: [auditEvent('a'), auditEvent('b'), auditEvent('c')] });
    const log = logOf(file.vault);
    file.vault.file.db.exec(
      'CREATE TEMP TABLE kept AS SELECT * FROM audit WHERE seq = 3; DELETE FROM audit WHERE seq = 3',
    );
    expect(await log.verify()).toMatchObject({
      ok: false,
      firstBroken: 3,
      message: expect.stringContaining('missing'),
    });
    expect((await log.list(listOf())).entries.map(({ seq, broken }) => [seq, broken])).toEqual([
      [3, 'entry 3 is missing'],
      [2, undefined],
      [1, undefined],
    ]);
    file.vault.file.db.exec(
      'INSERT INTO audit SELECT * FROM kept; INSERT INTO audit SELECT 4, sealed, hash, mac FROM kept',
    );
    expect(await log.verify()).toMatchObject({ ok: false, firstBroken: 4 });
    await file.vault.close();
  });
});

describe('export', () => {
  test('windows join into a chain that can be verified without the vault', async () => {
    const { vault } = await makeTestVault();
    await vault.transact({
      audit: Array.from({ length: 250 }, (_, index) => auditEvent(`n${index + 1}`, { latencyMs: index / 7 })),
    });
    const log = logOf(vault);
    let hash = '00'.repeat(32);
    let after = 0;
    for (let done = false; !done; ) {
      const part = await log.export(exportOf({ afterSeq: after, limit: 100 }));
      expect(part.previousHash).toBe(hash);
      for (const entry of part.entries) {
        expect(entry.seq).toBe(after + 1);
        const event = utf8(JSON.stringify(entry.event));
        const bytes = concat(
          utf8('keyhold/v1/audit'),
          vault.vaultId,
          Buffer.from(hash, 'hex'),
          u64(entry.seq),
          lp(event),
        );
        expect(createHash('sha256').update(bytes).digest('hex')).toBe(entry.hash);
        hash = entry.hash;
        after = entry.seq;
      }
      done = part.done;
    }
    expect(after).toBe(250);
    expect(await log.export(exportOf({ afterSeq: 9999 }))).toEqual({ entries: [], previousHash: hash, done: true });
    await vault.close();
  });
});
