import { dirname, join } from 'node:path';
import { KeyholdError } from '../../contract/errors.ts';
import type { Config, ConfigStore } from '../config.ts';
import type { Actor } from '../draft.ts';
import type { Ports } from '../ports.ts';
import type { Session } from '../session.ts';
import { SETTINGS_ID } from '../settings-record.ts';
import { readAnchor } from '../vault/anchor.ts';
import { type BackupResult, backupVault } from '../vault/backup.ts';
import { backupName, vaultTag } from './backup-name.ts';
import { BackupDisks } from './disks.ts';
import type { StoredBackup } from './list-backups.ts';

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
  ports: Pick<Ports, 'clock' | 'log' | 'spawnMirror'>;
  config: Pick<ConfigStore, 'get'>;
  vaultPath: string;
  notice(level: 'warning', message: string): void;
}

const HOUR_MS = 3_600_000;
/** A share that is being mounted and a disk that has to spin up answer within that. */
const ASK_PATIENCE_MS = 10_000;

export interface MadeBackup {
  made: BackupResult;
  backup: StoredBackup;
  /** Paths of the older ones that were removed. */
  removed: string[];
}

/** Backups in the backups' folder: made when they are due, verified, and only then the outdated ones removed. */
export class Backups {
  readonly #parts: BackupsParts;
  /** What is asked of the folder's disk at any time does not wait for a backup that is on its way to it. */
  readonly #reading: BackupDisks;
  readonly #writing: BackupDisks;
  /** Of backups that go elsewhere. */
  readonly #elsewhere: BackupDisks;
  #stopped = false;
  /** By their folder. */
  readonly #running = new Map<string, Promise<MadeBackup>>();
  #failure: { folder: string; reason: string } | null = null;

  constructor(parts: BackupsParts) {
    this.#parts = parts;
    this.#reading = new BackupDisks(parts.ports);
    this.#writing = new BackupDisks(parts.ports);
    this.#elsewhere = new BackupDisks(parts.ports);
  }

  /** Ends the threads; what is on its way to a disk is given up. */
  stop(): void {
    this.#stopped = true;
    this.#reading.end();
    this.#writing.end();
    this.#elsewhere.end();
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

  /** Newest first. Rejects with what the file system says about the folder, and `Timeout`. */
  async list(session: Session | null): Promise<StoredBackup[]> {
    const { backupFolder } = this.settings(session);
    const known = readAnchor(this.#parts.vaultPath)?.vaultId.slice(0, 8) ?? null;
    const vault = session === null ? known : vaultTag(session.vault.vaultId);
    const disk = this.#reading.of(backupFolder);
    const { backups } = await disk.call('listBackups', { path: backupFolder, vault }, ASK_PATIENCE_MS);
    return backups;
  }

  /** The newest there is while the vault is locked or gone; null where there is none or the folder cannot be read. */
  async newest(): Promise<StoredBackup | null> {
    try {
      return (await this.list(null))[0] ?? null;
    } catch (error) {
      this.#parts.ports.log.warn('the backups cannot be listed', { error });
      return null;
    }
  }

  /** ms since epoch, after these backups; null when none is made by itself. */
  nextAt(session: Session, backups: readonly StoredBackup[]): number | null {
    const { backupHours } = this.settings(session);
    if (backupHours === 0) return null;
    const now = this.#parts.ports.clock.now();
    // One from the future was made under a wrong clock.
    const newest = backups.find(({ at }) => at <= now);
    return newest === undefined ? now : newest.at + backupHours * HOUR_MS;
  }

  /** Why the last one could not be made in this folder. */
  failure(folder: string): string | null {
    return this.#failure?.folder === folder ? this.#failure.reason : null;
  }

  /** Makes a backup where one is due. Never rejects: why it failed is told once, and in `failure`. */
  async whenDue(session: Session): Promise<void> {
    const { backupFolder, backupHours } = this.settings(session);
    try {
      if (backupHours === 0) return;
      const at = this.nextAt(session, await this.list(session));
      if (at === null || at > this.#parts.ports.clock.now()) return;
      await this.make(session, 'daemon');
    } catch (error) {
      if (this.#stopped) return;
      if (error instanceof KeyholdError && (error.code === 'Locked' || error.code === 'HsmCrashed')) return;
      const reason = error instanceof Error ? error.message : 'unknown reason';
      this.#parts.ports.log.error('the backup could not be made', { error });
      if (this.failure(backupFolder) !== reason)
        this.#parts.notice('warning', `The backup of the vault could not be made. ${reason}`);
      this.#failure = { folder: backupFolder, reason };
    }
  }

  /** Makes one now. Rejects with the errors of `backupVault`; then nothing has been removed. */
  make(session: Session, actor: Actor): Promise<MadeBackup> {
    const settings = this.settings(session);
    const folder = settings.backupFolder;
    const under = this.#running.get(folder);
    if (under !== undefined) return under;
    const making = this.#make(session, actor, settings).finally(() => this.#running.delete(folder));
    this.#running.set(folder, making);
    return making;
  }

  /** Makes one wherever a person wants it. Rejects with the errors of `backupVault`. */
  makeAt(session: Session, path: string, overwrite: boolean): Promise<BackupResult> {
    return this.#elsewhere.alone(dirname(path), (disk) =>
      backupVault(session.vault, session.hsm, path, { disk, overwrite }),
    );
  }

  async #make(session: Session, actor: Actor, settings: BackupSettings): Promise<MadeBackup> {
    const { backupFolder, backupHours, backupKeep, backupKeepWeekly } = settings;
    const vault = vaultTag(session.vault.vaultId);
    const disk = this.#writing.of(backupFolder);
    await disk.call('backupFolder', { path: backupFolder, vault }, ASK_PATIENCE_MS);
    await session.flushUsage();
    await session.audit.flush();
    const at = this.#parts.ports.clock.now();
    const { generation } = session.vault;
    const path = join(backupFolder, backupName({ vault, at, generation }));
    const made = await backupVault(session.vault, session.hsm, path, { disk, overwrite: true });
    if (this.#failure?.folder === backupFolder) this.#failure = null;
    const everyMs = (backupHours === 0 ? 24 : backupHours) * HOUR_MS;
    const retention = { everyMs, keep: backupKeep, keepWeekly: backupKeepWeekly };
    const old = { path: backupFolder, vault, retention };
    const { removed } = await disk.call('pruneBackups', old, ASK_PATIENCE_MS);
    await session.note(actor, 'hsm.backup', made.path);
    const backup = { vault, at, generation: made.report.generation, path: made.path, sizeBytes: made.sizeBytes };
    return { made, backup, removed };
  }
}
