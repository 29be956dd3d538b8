import { randomBytes } from 'node:crypto';
import { closeSync, openSync, rmSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { KeyholdError } from '../../contract/errors.ts';
import type { CheckReport } from '../../contract/schemas.ts';
import type { Hsm } from '../hsm/protocol.ts';
import { fileError } from './durable.ts';
import { temporaryBeside } from './file.ts';
import { COMPANIONS } from './set-aside.ts';
import type { Vault } from './store.ts';
import { verifyCopy } from './verify-copy.ts';

/** A copy beside the vault leaves so much of its disk to what is committed meanwhile. */
const LEFT_FOR_COMMITS = 16 << 20;
/** Pages copied before whatever else waits gets its turn. */
const PAGES_AT_A_TIME = 4096;

/**
 * Runs `work` with the path of a private file beside the vault, which is gone afterwards. `bytes` is what will be written to it.
 *
 * @throws DiskFull with `details.beside` where the vault's own disk has no room for it.
 */
export async function withFileBeside<T>(
  vault: Vault,
  label: 'mirror' | 'backup',
  bytes: number,
  work: (path: string) => Promise<T>,
): Promise<T> {
  const { bavail, bsize } = statfsSync(dirname(vault.path));
  if (bavail * bsize < bytes + LEFT_FOR_COMMITS) throw noRoom(vault.path);
  let temporary = '';
  return withTemporary(vault.path, label, (path) => {
    temporary = path;
    return work(path);
  }).catch((error: unknown) => {
    const full = error instanceof KeyholdError && error.code === 'DiskFull' && error.details?.['path'] === temporary;
    throw full ? noRoom(vault.path, { cause: error }) : error;
  });
}

/** Runs `work` with the name of a file beside `place`, which is gone afterwards. */
export async function withTemporary<T>(
  place: string,
  label: 'mirror' | 'backup',
  work: (path: string) => Promise<T>,
): Promise<T> {
  const path = temporaryBeside(place, label, randomBytes(6).toString('hex'));
  try {
    return await work(path);
  } catch (error) {
    throw fileError(error, path);
  } finally {
    for (const suffix of ['', ...COMPANIONS]) rmSync(path + suffix, { force: true });
  }
}

/** Copies the vault while it is in use, and checks the copy with the live HSM. `begin` is called in the writer's queue: the copy is exactly that generation. */
export function copyAndVerify(vault: Vault, hsm: Hsm, to: string, begin?: () => void): Promise<CheckReport> {
  closeSync(openSync(to, 'wx', 0o600));
  return vault.copyLock.copy(async () => {
    await vault.exclusive(async () => {
      begin?.();
      await vault.file.db.backup(to, { progress: () => PAGES_AT_A_TIME });
    });
    return verifyCopy(to, hsm);
  });
}

/** Bytes of a copy of the vault. */
export function sizeOfCopy(vault: Vault): number {
  const { db } = vault.file;
  const pages: unknown = db.pragma('page_count', { simple: true });
  const bytes: unknown = db.pragma('page_size', { simple: true });
  return Number(pages) * Number(bytes);
}

/** True where it is the vault's own disk that has no room for a copy. */
export function isBeside(error: unknown): boolean {
  return error instanceof KeyholdError && error.details?.['beside'] === true;
}

function noRoom(vaultPath: string, options?: ErrorOptions): KeyholdError {
  return new KeyholdError(
    'DiskFull',
    `There is no room beside ${vaultPath} for the copy of it that is verified first. Free some space there and try again.`,
    { path: vaultPath, beside: true },
    options,
  );
}
