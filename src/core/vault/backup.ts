import { KeyholdError } from '../../contract/errors.ts';
import type { CheckReport } from '../../contract/schemas.ts';
import type { BackupDisk } from '../backups/disk.ts';
import type { Hsm } from '../hsm/protocol.ts';
import { copyAndVerify, isBeside, sizeOfCopy, withFileBeside, withTemporary } from './copy-beside.ts';
import { openKeys } from './file.ts';
import type { Vault } from './store.ts';

export interface BackupResult {
  path: string;
  sizeBytes: number;
  records: number;
  report: CheckReport;
}

const ASK_PATIENCE_MS = 10_000;
const KEEP_PATIENCE_MS = 60_000;
/** Slower than 100 kB in a second is not slow but broken. */
const BYTES_PER_MS = 100;

/**
 * Copies the encrypted vault while it is in use, verifies the copy completely with the live HSM, and only then takes it to its place and gives it its name, which is
 * all that waits for that disk. The copy is one file (no WAL), mode 0600, durable when this resolves.
 *
 * @throws InvalidInput, AlreadyExists, DiskFull, VaultReadOnly (the target's folder), VaultTampered (what is copied is not sound), Timeout (the target's disk).
 */
export async function backupVault(
  vault: Vault,
  hsm: Hsm,
  given: string,
  { disk, overwrite = false }: { disk: BackupDisk; overwrite?: boolean },
): Promise<BackupResult> {
  const place = { path: given, vaultPath: vault.path, overwrite, open: openKeys() };
  const { path, apart } = await disk.call('backupPlace', place, ASK_PATIENCE_MS);
  const make = async (temporary: string): Promise<BackupResult> => {
    const report = await copyAndVerify(vault, hsm, temporary);
    if (!report.ok) {
      throw new KeyholdError(
        'VaultTampered',
        'The vault does not verify, so no backup was made of it. Run "keyhold vault check".',
        {
          findings: report.findings,
        },
      );
    }
    const patience = KEEP_PATIENCE_MS + report.sizeBytes / BYTES_PER_MS;
    await disk.call('keepBackup', { from: temporary, path, overwrite }, patience);
    return { path, sizeBytes: report.sizeBytes, records: report.records, report };
  };
  return withFileBeside(vault, 'backup', sizeOfCopy(vault), make).catch((error: unknown) => {
    if (!isBeside(error)) throw error;
    // On the vault's own disk, what is free is left to changes.
    if (!apart) throw noRoomForBackup(vault.path, error);
    // A disk without room is when a copy on another one counts most: it is made there, where the daemon has to wait for that disk. It answered just now.
    return withTemporary(path, 'backup', make);
  });
}

function noRoomForBackup(path: string, cause: unknown): KeyholdError {
  return new KeyholdError(
    'DiskFull',
    `There is no room beside ${path} for the copy of it that is verified first. Free some space there, or make the backup on another disk.`,
    { path },
    { cause },
  );
}
