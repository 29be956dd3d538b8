import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, openSync, rmSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import Database from 'better-sqlite3';
import { KeyholdError } from '../../contract/errors.ts';
import { utf8 } from '../crypto/bytes.ts';
import type { HeadState, Hsm, KekRow, SlotRow } from '../hsm/protocol.ts';
import { fileError, publish } from './durable.ts';
import { temporaryBeside } from './file.ts';
import { headParts } from './head-parts.ts';
import { PAGE_COUNT } from './manifest.ts';
import { migrate } from './migrations.ts';
import { createRows } from './rows.ts';
import { APPLICATION_ID } from './schema.ts';

export interface NewVault {
  /** 16 random bytes, the same as given to the HSM's `createVault`. */
  vaultId: Uint8Array;
  /** ms since epoch */
  createdAt: number;
  slots: readonly SlotRow[];
  keks: readonly KekRow[];
}

/**
 * Writes the file of a new vault, whose keys `hsm` has just made and holds: complete and durable under its name, or not there.
 * Folder 0700 (where it has to be made), file 0600.
 *
 * @throws AlreadyInitialized when there is a file already; VaultReadOnly, DiskFull.
 */
export async function createVaultFile(given: string, hsm: Hsm, made: NewVault): Promise<void> {
  const path = resolve(given);
  const taken = () => new KeyholdError('AlreadyInitialized', `There is a vault at ${path} already.`, { path });
  if (existsSync(path)) throw taken();
  const state: HeadState = {
    generation: 1,
    pageMacs: new Uint8Array(PAGE_COUNT * 32),
    slots: [...made.slots],
    keks: [...made.keks],
    auditSeq: 0,
    auditHash: new Uint8Array(32),
  };
  const { headMac } = await hsm.call('commit', { records: [], pages: [], audit: new Uint8Array(), head: state });
  let temporary: string | undefined;
  let db: Database.Database | undefined;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    temporary = temporaryBeside(path, 'new', randomBytes(6).toString('hex'));
    closeSync(openSync(temporary, 'wx', 0o600));
    db = new Database(temporary, { timeout: 0 });
    const fresh = db;
    fresh.pragma('synchronous = FULL');
    fresh.pragma('fullfsync = ON');
    fresh.pragma(`application_id = ${APPLICATION_ID}`);
    migrate(fresh, true);
    const rows = createRows(fresh, path);
    rows.transaction(() => {
      rows.setMeta('vault_id', made.vaultId);
      rows.setMeta('created_at', utf8(String(made.createdAt)));
      rows.replaceSlots(made.slots);
      rows.replaceKeks(made.keks);
      rows.insertHead({ ...state, parts: headParts(state), mac: headMac });
    });
    fresh.close();
    publish(temporary, path);
  } catch (error) {
    db?.close();
    if (temporary !== undefined) rmSync(temporary, { force: true });
    if (error instanceof KeyholdError && error.code === 'AlreadyExists') throw taken();
    throw fileError(error, path);
  }
}
