import { mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { KeyholdError } from '../../contract/errors.ts';
import type { Config, ConfigStore } from '../config.ts';
import type { Actor } from '../draft.ts';
import type { Ports } from '../ports.ts';
import type { Session } from '../session.ts';
import { SETTINGS_ID } from '../settings-record.ts';
import { readAnchor } from '../vault/anchor.ts';
import { type BackupResult, backupVault } from '../vault/backup.ts';
import { fileError } from '../vault/durable.ts';
import { backupName, vaultTag } from './backup-name.ts';
import { listBackups, type StoredBackup } from './list-backups.ts';
import { outdated } from './retention.ts';

/** When backups are made, where, and how many are kept. */
export interface BackupSettings {
  /** 0: none by itself. */
  backupHours: number;
  /** Absolute. */
  backupFolder: string;
  backupKeep: number;
  backupKeepWeekly: number;
}

export interface BackupsParts {
  ports: Pick<Ports, 'clock' | 'log'>;
  config: Pick<ConfigStore, 'get'>;
  vaultPath: string;
  notice(level: 'warning', message: string): void;
}

const HOUR_MS = 3_600_000;

export interface MadeBackup {
  made: BackupResult;
  backup: StoredBackup;
  /** Paths of the older ones that were removed. */
  removed: string[];
}

/** Backups in the backups' folder: made when they are due, verified, and only then the outdated ones removed. */
export class Backups {
  readonly #parts: BackupsParts;
  #running: Promise<MadeBackup> | null = null;
  /** Why the last one could not be made. */
  failure: string | null = null;

  constructor(parts: BackupsParts) {
    this.#parts = parts;
  }

  /** What is set in the vault; while it is locked, what `config.json` says. */
  settings(session: Session | null): BackupSettings {
    const config: Config = this.#parts.config.get();
    const stored = session?.things.get('settings', SETTINGS_ID) ?? config;
    return {
      backupHours: stored.backupHours ?? 24,
      backupFolder: stored.backupFolder ?? join(dirname(this.#parts.vaultPath), 'backups'),
      backupKeep: stored.backupKeep ?? 7,
      backupKeepWeekly: stored.backupKeepWeekly ?? 4,
    };
  }

  /** Newest first. Throws what the file system says about the folder. */
  list(session: Session | null): StoredBackup[] {
    const { backupFolder } = this.settings(session);
    const known = readAnchor(this.#parts.vaultPath)?.vaultId.slice(0, 8) ?? null;
    return listBackups(backupFolder, session === null ? known : vaultTag(session.vault.vaultId));
  }

  /** The newest there is while the vault is locked or gone; null where there is none or the folder cannot be read. */
  newest(): StoredBackup | null {
    try {
      return this.list(null)[0] ?? null;
    } catch (error) {
      this.#parts.ports.log.warn('the backups cannot be listed', { error });
      return null;
    }
  }

  /** ms since epoch; null when none is made by itself. */
  nextAt(session: Session): number | null {
    const { backupHours } = this.settings(session);
    if (backupHours === 0) return null;
    const now = this.#parts.ports.clock.now();
    // One from the future was made under a wrong clock.
    const newest = this.list(session).find(({ at }) => at <= now);
    return newest === undefined ? now : newest.at + backupHours * HOUR_MS;
  }

  /** Makes a backup where one is due. Never rejects: why it failed is told once, and in `failure`. */
  async whenDue(session: Session): Promise<void> {
    try {
      const at = this.nextAt(session);
      if (at === null || at > this.#parts.ports.clock.now()) return;
      await this.make(session, 'daemon');
    } catch (error) {
      if (error instanceof KeyholdError && (error.code === 'Locked' || error.code === 'HsmCrashed')) return;
      const reason = error instanceof Error ? error.message : 'unknown reason';
      this.#parts.ports.log.error('the backup could not be made', { error });
      if (this.failure !== reason)
        this.#parts.notice('warning', `The backup of the vault could not be made. ${reason}`);
      this.failure = reason;
    }
  }

  /** Makes one now. Rejects with the errors of `backupVault`; then nothing has been removed. */
  make(session: Session, actor: Actor): Promise<MadeBackup> {
    this.#running ??= this.#make(session, actor).finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  async #make(session: Session, actor: Actor): Promise<MadeBackup> {
    const { backupFolder, backupHours, backupKeep, backupKeepWeekly } = this.settings(session);
    const vault = vaultTag(session.vault.vaultId);
    makeFolder(backupFolder);
    await session.flushUsage();
    await session.audit.flush();
    const at = this.#parts.ports.clock.now();
    const { generation } = session.vault;
    const path = join(backupFolder, backupName({ vault, at, generation }));
    const made = await backupVault(session.vault, session.hsm, path, { overwrite: true });
    this.failure = null;
    const backups = listBackups(backupFolder, vault);
    const everyMs = (backupHours === 0 ? 24 : backupHours) * HOUR_MS;
    const old = outdated(backups, { everyMs, keep: backupKeep, keepWeekly: backupKeepWeekly });
    for (const backup of old) rmSync(backup.path, { force: true });
    await session.note(actor, 'hsm.backup', made.path);
    const backup = { vault, at, generation: made.report.generation, path: made.path, sizeBytes: made.sizeBytes };
    return { made, backup, removed: old.map((one) => one.path) };
  }
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    const mapped = fileError(error, folder);
    if (mapped instanceof KeyholdError) throw mapped;
    const reason = error instanceof Error ? error.message : 'unknown reason';
    throw new KeyholdError(
      'InvalidInput',
      `The backups’ folder ${folder} cannot be made. Set another one. (${reason})`,
    );
  }
}
