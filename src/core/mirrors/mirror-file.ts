import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, openSync, renameSync, rmSync, statfsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { KeyholdError } from '../../contract/errors.ts';
import { isDiskFull } from '../disk-full.ts';
import { fileError, syncFolder } from '../vault/durable.ts';
import { identity, openVaultFile, sweepTemporaries, temporaryBeside, type VaultFile } from '../vault/file.ts';
import type { Holder } from '../vault/holder.ts';
import { type RowWrite, replay } from '../vault/row-writes.ts';
import { COMPANIONS, setAside } from '../vault/set-aside.ts';
import { copyFileDurably } from './copy-file.ts';
import { readCopyHead } from './copy-head.ts';
import type { CopyHead, MirrorPlace } from './protocol.ts';

const LABEL = 'mirror';
/** Even a disk that reads 100 kB in a second has these within a commit's patience. */
const PAGES_AT_A_TIME = 64;

/** The file of one mirror, in the thread that may wait for its disk. Operations of protocol.ts; every error is for the person. */
export class MirrorFile {
  #open: { file: VaultFile; key: string } | null = null;

  open(place: MirrorPlace, holder: Holder | null): CopyHead {
    this.close();
    assertFolder(place);
    if (!existsSync(place.path)) throw missing(place.path);
    assertOther(place);
    sweepTemporaries(place.path);
    const file = openVaultFile(place.path, holder === null ? {} : { holder });
    try {
      const head = readCopyHead(file.rows, file.path);
      this.#open = { file, key: head.key };
      return head;
    } catch (error) {
      file.close();
      throw error;
    }
  }

  room(place: MirrorPlace): { freeBytes: number } {
    assertFolder(place);
    const { bavail, bsize } = statfsSync(dirname(place.path));
    return { freeBytes: bavail * bsize };
  }

  head(): CopyHead {
    const { rows, path } = this.#opened();
    return readCopyHead(rows, path);
  }

  apply(transactions: readonly (readonly RowWrite[])[]): { inStep: boolean } {
    const { rows } = this.#opened();
    return { inStep: transactions.every((writes) => replay(rows, writes)) };
  }

  probe(): Record<string, never> {
    this.#opened();
    return {};
  }

  auditHash(seq: number): { hash: Uint8Array | null } {
    const row = this.#opened().rows.auditAfter(seq - 1, 1)[0];
    return { hash: row?.seq === seq ? row.hash : null };
  }

  /**
   * Leaves this thread free after every few pages: a commit must not wait until a whole mirror has been read. SQLite carries what the same connection writes
   * meanwhile over into the copy, so that this is one state of the mirror, the last.
   */
  async export(to: string): Promise<Record<string, never>> {
    const { db } = this.#opened();
    try {
      closeSync(openSync(to, 'wx', 0o600));
      await db.backup(to, { progress: () => PAGES_AT_A_TIME });
    } catch (error) {
      if (!db.open) throw new KeyholdError('Unreachable', 'The copy was closed before all of it was read.');
      const failed = fileError(error, to);
      throw isDiskFull(failed) ? failed : error;
    }
    return {};
  }

  replace(place: MirrorPlace, holder: Holder | null, from: string, aside: string | null): CopyHead {
    this.close();
    assertFolder(place);
    assertOther(place);
    const { path } = place;
    const temporary = temporaryBeside(path, LABEL, randomBytes(6).toString('hex'));
    copyFileDurably(from, temporary);
    try {
      if (aside !== null) setAside(path, aside);
      // SQLite would play the log of the old file into the new one.
      for (const suffix of COMPANIONS) rmSync(path + suffix, { force: true });
      renameSync(temporary, path);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
    syncFolder(dirname(path));
    return this.open(place, holder);
  }

  aside(place: MirrorPlace, to: string): Record<string, never> {
    this.close();
    assertFolder(place);
    setAside(place.path, to);
    syncFolder(dirname(place.path));
    return {};
  }

  close(): Record<string, never> {
    const open = this.#open;
    this.#open = null;
    try {
      open?.file.close();
    } catch {
      // The disk is gone with the file: there is nothing left to close, and who asks next is told why.
    }
    return {};
  }

  /** The open file, if it still is the one of its name: what is written to a deleted file is lost. */
  #opened(): VaultFile {
    if (this.#open === null) throw new KeyholdError('NotFound', 'The copy is not open.');
    const { file, key } = this.#open;
    if (!existsSync(file.path) || identity(file.path) !== key) throw missing(file.path);
    return file;
  }
}

function missing(path: string): KeyholdError {
  return new KeyholdError('NotFound', `${path} is gone.`, { path, missing: true });
}

/** The folder must be there, and on a disk of its own where it was made on one. */
function assertFolder({ path, vaultPath, apart }: MirrorPlace): void {
  const folder = dirname(path);
  const found = statSync(folder, { throwIfNoEntry: false });
  if (found?.isDirectory() !== true) throw new KeyholdError('NotFound', `There is no folder ${folder}.`, { path });
  if (apart && found.dev === statSync(dirname(vaultPath)).dev) {
    throw new KeyholdError('NotFound', `The disk of ${folder} is not mounted.`, { path });
  }
}

/** Another name of the vault itself: to open it here and close it again would let go of the vault's lock, which belongs to the whole process. */
function assertOther({ path, vaultPath }: MirrorPlace): void {
  if (existsSync(path) && existsSync(vaultPath) && identity(path) === identity(vaultPath)) {
    throw new KeyholdError('InvalidInput', 'It is the vault itself.', { path });
  }
}
