import { randomBytes } from 'node:crypto';
import { chmodSync, copyFileSync, existsSync, linkSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { KeyholdError } from '../../contract/errors.ts';
import type { CheckReport, Finding } from '../../contract/schemas.ts';
import { toHex } from '../crypto/bytes.ts';
import type { Hsm, SlotRow } from '../hsm/protocol.ts';
import { type Anchor, writeAnchor } from './anchor.ts';
import { checkVault } from './check.ts';
import { fileError, syncFile, syncFolder } from './durable.ts';
import { isOpenHere, openVaultFile, temporaryBeside } from './file.ts';
import { openVault, type Vault } from './store.ts';
import { type UnlockSecret, unlockVault } from './unlock-vault.ts';

export interface RestoreInput {
  /** The backup. It is only read. */
  source: string;
  /** Where the vault is or will be. */
  vaultPath: string;
  /** A fresh HSM process; the caller ends it afterwards. */
  hsm: Hsm;
  /** Asked once it is known which slots the backup has. */
  secret: (slots: readonly SlotRow[]) => Promise<UnlockSecret>;
  /** The open vault at `vaultPath`, if there is one. It is closed only when the backup has been verified. */
  live: Vault | null;
  /** ms since epoch, for the name under which the present file is kept. */
  now: number;
}

export interface RestoreResult {
  report: CheckReport;
  /** Where the vault that was replaced is now; null when there was none. */
  previous: string | null;
}

/**
 * Verifies a backup completely with its own secret, then puts a copy of it in the vault's place at once; the present file stays
 * beside it as `<vault>.before-restore-<time>`. When this rejects, the present vault is as it was (and still open); what goes wrong once the backup is in place is
 * a warning in the report.
 *
 * @throws NotFound, InvalidInput (the vault itself), WrongSecret, VaultForeign, VaultTooNew, VaultCorrupt, VaultTampered, DiskFull,
 *   VaultBusy (another process has the present vault).
 */
export async function restoreVault(input: RestoreInput): Promise<RestoreResult> {
  const source = resolve(input.source);
  const path = resolve(input.vaultPath);
  if (!existsSync(source)) {
    throw new KeyholdError('NotFound', `There is no file ${source}. Name the backup to restore.`, { path: source });
  }
  if (!statSync(source).isFile()) {
    throw new KeyholdError('VaultForeign', `${source} is not a Keyhold vault (it is not a file).`, { path: source });
  }
  if (isOpenHere(source) || (existsSync(path) && source === path)) {
    throw new KeyholdError('InvalidInput', 'That is the vault itself. Name a backup of it.');
  }
  const temporary = temporaryBeside(path, 'restore', randomBytes(6).toString('hex'));
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    copyFileSync(source, temporary);
    chmodSync(temporary, 0o600);
    // A vault that was copied while in use has its last commits in the WAL beside it.
    if (existsSync(`${source}-wal`)) {
      copyFileSync(`${source}-wal`, `${temporary}-wal`);
      chmodSync(`${temporary}-wal`, 0o600);
    }
    const { report, vaultId } = await verifySource(temporary, source, input);
    syncFile(temporary);
    const previous = await replace(path, temporary, input);
    const warnings = conclude(path, { vaultId, generation: report.generation, restored: true });
    return { report: { ...report, findings: [...report.findings, ...warnings] }, previous };
  } catch (error) {
    throw fileError(error, path);
  } finally {
    for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(temporary + suffix, { force: true });
  }
}

async function verifySource(
  temporary: string,
  source: string,
  input: RestoreInput,
): Promise<{ report: CheckReport; vaultId: string }> {
  const copy = openCopy(temporary, source);
  try {
    await unlockVault(copy, input.hsm, { secret: await input.secret(copy.slots()) });
    const report = await checkVault(copy, input.hsm);
    if (!report.ok) {
      throw new KeyholdError(
        'VaultTampered',
        `${source} does not verify, so it was not restored. Use another backup.`,
        {
          findings: report.findings,
        },
      );
    }
    return { report, vaultId: toHex(copy.vaultId) };
  } finally {
    await copy.close();
  }
}

/** Opens the copy; errors speak of the backup it was made from. */
function openCopy(temporary: string, source: string): Vault {
  try {
    return openVault(temporary, { journal: 'delete', anchor: false });
  } catch (error) {
    if (!(error instanceof KeyholdError)) throw error;
    const message = error.message.replaceAll(temporary, source);
    throw new KeyholdError(error.code, message, { ...error.details, path: source }, { cause: error });
  }
}

/** Swaps the files. At every moment the vault's name is the whole old file or the whole new one. */
async function replace(path: string, temporary: string, input: RestoreInput): Promise<string | null> {
  if (input.live !== null) await input.live.close();
  else releaseOther(path);
  let previous: string | null = null;
  if (existsSync(path)) {
    previous = `${path}.before-restore-${new Date(input.now).toISOString().replaceAll(':', '-')}`;
    keep(path, previous);
    // What a crash left of the old file goes with it: SQLite would play it into the new one.
    for (const suffix of ['-wal', '-shm', '-journal']) {
      if (existsSync(path + suffix)) renameSync(path + suffix, previous + suffix);
    }
  } else {
    for (const suffix of ['-wal', '-shm', '-journal']) rmSync(path + suffix, { force: true });
  }
  renameSync(temporary, path);
  return previous;
}

/** What follows once the backup is in place. It is there, whatever fails here: that is a warning and no error. */
function conclude(path: string, anchor: Anchor): Finding[] {
  const warnings: Finding[] = [];
  const attempt = (where: string, what: string, advice: string, step: () => void): void => {
    try {
      step();
    } catch (error) {
      const reason = error instanceof Error ? error.message : 'unknown reason';
      warnings.push({ severity: 'warning', where, what, message: `${advice} (${reason})` });
    }
  };
  attempt('folder', 'not flushed', 'the backup is in place, but a power cut could still undo it', () =>
    syncFolder(dirname(path)),
  );
  attempt(
    'anchor.json',
    'not written',
    'the backup is in place, but its generation could not be noted; should the vault not open, unlock it with --accept-rollback',
    () => writeAnchor(path, anchor),
  );
  return warnings;
}

function keep(path: string, previous: string): void {
  try {
    linkSync(path, previous);
  } catch (error) {
    if (!(error instanceof Error) || existsSync(previous)) throw error;
    copyFileSync(path, previous);
    chmodSync(previous, 0o600);
  }
}

/** A vault that is not open here may be open elsewhere; one that is too damaged to be opened is held by nobody. */
function releaseOther(path: string): void {
  if (!existsSync(path)) return;
  try {
    openVaultFile(path).close();
  } catch (error) {
    if (error instanceof KeyholdError && error.code === 'VaultBusy') throw error;
    if (!(error instanceof KeyholdError)) throw error;
  }
}
