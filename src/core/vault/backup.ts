import { randomBytes } from 'node:crypto';
import { chmodSync, closeSync, existsSync, openSync, realpathSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { KeyholdError } from '../../contract/errors.ts';
import type { CheckReport } from '../../contract/schemas.ts';
import type { Hsm } from '../hsm/protocol.ts';
import { fileError, publish, syncFile, syncFolder } from './durable.ts';
import { isOpenHere, temporaryBeside } from './file.ts';
import type { Vault } from './store.ts';
import { verifyCopy } from './verify-copy.ts';

export interface BackupResult {
  path: string;
  sizeBytes: number;
  records: number;
  report: CheckReport;
}

function invalid(message: string): KeyholdError {
  return new KeyholdError('InvalidInput', message);
}

/** The target as an absolute path, refused where a backup must not go. */
function targetPath(vault: Vault, given: string, overwrite: boolean): string {
  const target = resolve(given);
  if (target.trim() !== target) throw invalid('The backup’s path ends with a space. Choose another name.');
  const folder = dirname(target);
  if (!existsSync(folder) || !statSync(folder).isDirectory()) {
    throw invalid(`There is no folder ${folder}. Make it first, or choose another.`);
  }
  const real = join(realpathSync(folder), basename(target));
  // Not the vault under any of its names, nor a file that belongs to it.
  if (isOpenHere(real) || ['', '-wal', '-shm', '-journal'].some((suffix) => real === vault.path + suffix)) {
    throw invalid('The backup cannot replace the vault itself. Choose another file.');
  }
  if (existsSync(real)) {
    if (!statSync(real).isFile()) throw invalid(`${real} is not a file. Choose another name.`);
    if (!overwrite) {
      throw new KeyholdError('AlreadyExists', `${real} exists already. Choose another name or pass --overwrite.`, {
        path: real,
      });
    }
  }
  return real;
}

/**
 * Copies the encrypted vault while it is in use, verifies the copy completely with the live HSM, and only then gives it its name.
 * The copy is one file (no WAL), mode 0600, durable when this resolves.
 *
 * @throws InvalidInput, AlreadyExists, DiskFull, VaultReadOnly (the target's folder), VaultTampered (what is copied is not sound).
 */
export async function backupVault(
  vault: Vault,
  hsm: Hsm,
  given: string,
  options: { overwrite?: boolean } = {},
): Promise<BackupResult> {
  const target = targetPath(vault, given, options.overwrite === true);
  const temporary = temporaryBeside(target, 'backup', randomBytes(6).toString('hex'));
  try {
    closeSync(openSync(temporary, 'wx', 0o600));
    // One step in the writer's queue: the copy is exactly one generation.
    await vault.exclusive(async () => {
      await vault.file.db.backup(temporary, { progress: () => 4096 });
    });
    const report = await verifyCopy(temporary, hsm);
    if (!report.ok) {
      throw new KeyholdError(
        'VaultTampered',
        'The vault does not verify, so no backup was made of it. Run "keyhold vault check".',
        {
          findings: report.findings,
        },
      );
    }
    syncFile(temporary);
    chmodSync(temporary, 0o600);
    if (options.overwrite === true) {
      renameSync(temporary, target);
      syncFolder(dirname(target));
    } else {
      publish(temporary, target);
    }
    return { path: target, sizeBytes: report.sizeBytes, records: report.records, report };
  } catch (error) {
    throw fileError(error, target);
  } finally {
    for (const suffix of ['', '-journal', '-wal', '-shm']) rmSync(temporary + suffix, { force: true });
  }
}
