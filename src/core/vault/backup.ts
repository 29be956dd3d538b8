import { randomBytes } from 'node:crypto';
import { chmodSync, closeSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { KeyholdError } from '../../contract/errors.ts';
import type { CheckReport } from '../../contract/schemas.ts';
import type { Hsm } from '../hsm/protocol.ts';
import { fileError, publish, syncFile, syncFolder } from './durable.ts';
import { temporaryBeside } from './file.ts';
import type { Vault } from './store.ts';
import { targetPath } from './target-path.ts';
import { verifyCopy } from './verify-copy.ts';

export interface BackupResult {
  path: string;
  sizeBytes: number;
  records: number;
  report: CheckReport;
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
  const target = targetPath(vault.path, given, { noun: 'backup', overwrite: options.overwrite === true });
  const temporary = temporaryBeside(target, 'backup', randomBytes(6).toString('hex'));
  try {
    closeSync(openSync(temporary, 'wx', 0o600));
    const report = await vault.copyLock.copy(async () => {
      // One step in the writer's queue: the copy is exactly one generation.
      await vault.exclusive(async () => {
        await vault.file.db.backup(temporary, { progress: () => 4096 });
      });
      return verifyCopy(temporary, hsm);
    });
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
