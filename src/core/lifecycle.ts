import { existsSync } from 'node:fs';
import { z } from 'zod';
import { KeyholdError } from '../contract/errors.ts';
import type { DaemonEvent } from '../contract/events.ts';
import { Finding, type LockReason, type VaultState } from '../contract/schemas.ts';
import { type AuditLog, createAuditLog } from './audit/audit-log.ts';
import { AutoLock } from './auto-lock.ts';
import { type Actor, makeEvent } from './draft.ts';
import type { HsmClient, HsmExit } from './hsm/client.ts';
import type { Argon2Params } from './hsm/protocol.ts';
import { HsmKeeper } from './hsm-keeper.ts';
import type { Mirrors } from './mirrors/mirrors.ts';
import type { Ports } from './ports.ts';
import type { Session } from './session.ts';
import { DEFAULT_AUTO_LOCK_MINUTES, SETTINGS_ID } from './settings-record.ts';
import { retryAfterSeconds } from './unlock-throttle.ts';
import { sweepTemporaries } from './vault/file.ts';
import type { Holder } from './vault/holder.ts';
import { asidePath, setCompanionsAside } from './vault/set-aside.ts';
import { openVault, type Vault } from './vault/store.ts';
import { unlockFailures } from './vault/unlock-failures.ts';

export interface LifecycleParts {
  ports: Ports;
  vaultPath: string;
  /** What Argon2id shall cost at creation: calibrated to about 0.7 s, or the floor (tests). Never below the floor. */
  kdf: 'calibrated' | 'floor';
  /** Written beside the vault, for a second daemon's message. */
  holder(): Holder;
  mirrors: Mirrors;
  emit(event: DaemonEvent): void;
  /** The unlocked vault was found changed from outside; it is locked by now. */
  onTampered(): void;
  /** The state changed: tell everybody. */
  onState(): void;
  /** The vault can still be written, for the last time. */
  beforeLock(): void;
}

const FLUSH_USAGE_MS = 60_000;
/** A hung HSM must not keep the vault open. */
const LOCK_PATIENCE_MS = 5_000;
const KDF_TARGET_MS = 700;
const KDF_FLOOR: Argon2Params = { memoryKiB: 65_536, passes: 3, parallelism: 1 };

/**
 * The states of the vault (none, locked, unlocked) and the only way between them. Everything that changes the state is done one at a time; the
 * steps themselves are in lifecycle-*.ts.
 */
export class Lifecycle {
  readonly parts: LifecycleParts;
  readonly keeper: HsmKeeper;
  readonly #autoLock: AutoLock;
  #vault: Vault | null = null;
  /** Why the file that is there cannot be opened. */
  #openError: unknown;
  #audit: AuditLog | null = null;
  #session: Session | null = null;
  #lockReason: LockReason = 'start';
  /** What was found to be wrong with the vault; counts while that is why it is locked. */
  #lockDetail: string | undefined;
  /** The time is over; the lock waits for its turn. */
  #idleLockDue = false;
  #minutes = 0;
  #timers: { cancel(): void }[] = [];
  #tail: Promise<unknown> = Promise.resolve();
  #kdf: Promise<Argon2Params> | undefined;

  constructor(parts: LifecycleParts) {
    this.parts = parts;
    this.#autoLock = new AutoLock(parts.ports.clock, () => this.#lockIdle());
    this.keeper = new HsmKeeper({
      ports: parts.ports,
      loadBlob: (id) => this.vault().blob(id),
      onCrash: (exit) => this.#crashed(exit),
      onTampered: (error) => this.#tampered(error),
    });
  }

  /** Throws `VaultBusy`. A file that cannot be opened for another reason is reported when somebody wants to unlock it. */
  start(): void {
    this.reopen();
    const busy = this.#openError instanceof KeyholdError && this.#openError.code === 'VaultBusy';
    if (busy) {
      void this.parts.mirrors.stop();
      throw this.#openError;
    }
    // Last: whoever gets an error from here has no process to end.
    this.keeper.start();
  }

  async stop(): Promise<void> {
    await this.lock('request', 'daemon');
    await this.exclusively(async () => {
      await this.#audit?.close();
      await this.keeper.stop();
      await this.#vault?.close();
      this.#vault = null;
      await this.parts.mirrors.stop();
    });
  }

  state(): VaultState {
    if (this.#session !== null) return 'unlocked';
    return this.#vault === null && this.#openError === undefined ? 'none' : 'locked';
  }

  lockReason(): LockReason | undefined {
    return this.state() === 'locked' ? this.#lockReason : undefined;
  }

  /** What was found to be wrong, in a sentence, where the vault is locked for that. */
  lockDetail(): string | undefined {
    return this.lockReason() === 'tampered' ? this.#lockDetail : undefined;
  }

  unlockedAt(): number | undefined {
    return this.#session?.unlockedAt;
  }

  /** ms since epoch; undefined while locked or when it never locks by itself. */
  locksAt(): number | undefined {
    return this.#autoLock.locksAt();
  }

  retryAfterSeconds(): number {
    if (this.#vault === null) return 0;
    return retryAfterSeconds(unlockFailures(this.#vault), this.parts.ports.clock.now());
  }

  /** Throws `NotInitialized` or `Locked`. */
  session(): Session {
    if (this.#session !== null && this.#autoLock.overdue()) this.#lockIdle();
    if (this.#session !== null && !this.#idleLockDue) return this.#session;
    if (this.state() === 'none') throw notInitialized();
    const detail = this.lockDetail();
    throw detail === undefined
      ? new KeyholdError('Locked', 'The vault is locked. Unlock it first.')
      : new KeyholdError('Locked', `The vault has been locked, because it does not verify. ${detail}`, {
          found: detail,
        });
  }

  /** The vault file is gone, and its mirrors are not: see `reopen`. */
  isLost(): boolean {
    return this.#openError instanceof KeyholdError && this.#openError.code === 'VaultLost';
  }

  /** Why the file that should be there is not open; undefined where nothing is wrong. */
  openProblem(): string | undefined {
    return this.#openError instanceof Error ? this.#openError.message : undefined;
  }

  openedSession(): Session | null {
    return this.#session;
  }

  /** The running HSM process, locked or not. Throws `HsmCrashed`. */
  hsm(): HsmClient {
    return this.keeper.client();
  }

  /** The open vault file, locked or not. Throws `NotInitialized` or why it cannot be opened. */
  vault(): Vault {
    if (this.#vault === null) this.reopen();
    if (this.#vault !== null) return this.#vault;
    throw this.#openError ?? notInitialized();
  }

  openedVault(): Vault | null {
    return this.#vault;
  }

  /** Null before there is a vault. */
  audit(): AuditLog | null {
    return this.#audit;
  }

  /** Looks for the vault file again: after a restore, or when it could not be opened before. */
  reopen(): void {
    this.#openError = undefined;
    if (!existsSync(this.parts.vaultPath)) {
      if (this.parts.mirrors.listening) this.#openError = vaultLost(this.parts.vaultPath);
      return;
    }
    try {
      this.adopt(openVault(this.parts.vaultPath, { holder: this.parts.holder(), now: this.parts.ports.clock.now() }));
    } catch (error) {
      this.#openError = error;
      this.parts.ports.log.error('the vault file cannot be opened', { error });
    }
  }

  /** Opens the file anew where it was deleted, or another one was put in its place, while it was open. */
  async settlePlace(): Promise<void> {
    const vault = this.#vault;
    if (vault === null || vault.isInPlace) return;
    this.parts.ports.log.warn('the vault file was deleted or replaced while it was open', { path: vault.path });
    await vault.close();
    this.abandon();
    // What is left is the log of the file before: SQLite would play it into the new one.
    if (existsSync(vault.path))
      setCompanionsAside(vault.path, asidePath(vault.path, 'replaced', this.parts.ports.clock.now()));
    this.reopen();
  }

  adopt(vault: Vault): void {
    this.#vault = vault;
    if (this.#lockReason === 'tampered') this.#lockReason = 'start';
    vault.onTampered = (error) => this.#tampered(error);
    this.#openError = undefined;
    this.#audit = createAuditLog(vault, this.parts.ports);
    this.parts.mirrors.attach(vault);
    for (const warning of vault.warnings) this.parts.ports.log.warn(warning);
    try {
      sweepTemporaries(vault.path);
    } catch (error) {
      this.parts.ports.log.warn('what was left of unfinished files could not be removed', { error });
    }
    try {
      vault.reserve.take();
    } catch (error) {
      this.parts.ports.log.warn('no space could be set aside for the audit log', { error });
    }
  }

  /** An unlock has found that the vault does not verify: that is why it is locked, until another file is here or it is unlocked after all. */
  foundDamaged(error: KeyholdError): void {
    this.#lockReason = 'tampered';
    this.#lockDetail = error.message;
    this.parts.onState();
  }

  /** The file has been closed by somebody else (restore). */
  abandon(): void {
    this.parts.mirrors.detach();
    this.#vault = null;
    this.#audit = null;
  }

  /** Runs alone: create, unlock, lock and restore never overlap. */
  exclusively<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#tail.then(work);
    this.#tail = result.catch(() => undefined);
    return result;
  }

  /** From here on the vault is unlocked. */
  enter(session: Session): void {
    this.#session = session;
    this.#idleLockDue = false;
    this.#minutes = this.autoLockMinutes() ?? DEFAULT_AUTO_LOCK_MINUTES;
    this.#autoLock.start(this.#minutes);
    session.onChange = () => this.#settingsChanged();
    this.#timers = [this.#every(FLUSH_USAGE_MS, () => session.flushUsage())];
    this.parts.mirrors.unlocked(session.hsm);
    this.parts.onState();
  }

  /** Runs `work` now and then until the next lock; a failure is logged and does not stop it. */
  #every(milliseconds: number, work: () => Promise<void>): { cancel(): void } {
    let timer: { cancel(): void };
    const again = (): void => {
      timer = this.parts.ports.clock.setTimer(milliseconds, () => {
        again();
        work().catch((error: unknown) => this.parts.ports.log.error('periodic work', { error }));
      });
    };
    again();
    return { cancel: () => timer.cancel() };
  }

  /** Runs `work` once, unless the vault is locked before. */
  later(milliseconds: number, work: () => Promise<void>): void {
    const run = (): void => {
      work().catch((error: unknown) => this.parts.ports.log.error('work put off until after the unlock', { error }));
    };
    this.#timers.push(this.parts.ports.clock.setTimer(milliseconds, run));
  }

  /** Runs `work` now and then until the next lock. */
  every(milliseconds: number, work: () => Promise<void>): void {
    this.#timers.push(this.#every(milliseconds, work));
  }

  /** Writes what is pending, ends the HSM process and starts a fresh one. Nothing when the vault is not unlocked. */
  lock(reason: LockReason, actor: Actor): Promise<void> {
    return this.exclusively(async () => {
      const session = this.#session;
      if (session === null) return;
      this.#leave(reason);
      await this.#withPatience(async () => {
        this.parts.beforeLock();
        await session.drain();
        // Counters are worth less than what follows.
        await session.flushUsage().catch((error: unknown) => this.parts.ports.log.error('use counters', { error }));
        const why = reason === 'request' ? {} : { reason };
        await session.note(actor, 'vault.lock', undefined, why);
        await this.#audit?.flush();
      });
      session.close();
      const closed = this.#vault?.lock();
      await this.#withPatience(async () => closed);
      this.#vault?.lockNow();
      await this.keeper.replace();
      this.parts.onState();
    });
  }

  touch(): void {
    if (!this.#autoLock.overdue()) this.#autoLock.touch();
  }

  /** What is set in the vault; undefined while it is locked. */
  autoLockMinutes(): number | undefined {
    return this.#session?.things.get('settings', SETTINGS_ID)?.autoLockMinutes;
  }

  /** Parameters for a new slot; measured once per daemon. */
  kdf(): Promise<Argon2Params> {
    if (this.parts.kdf === 'floor') return Promise.resolve(KDF_FLOOR);
    this.#kdf ??= this.hsm()
      .call('calibrate', { targetMs: KDF_TARGET_MS })
      .then(({ memoryKiB, passes, parallelism }) => ({ memoryKiB, passes, parallelism }));
    this.#kdf.catch(() => {
      this.#kdf = undefined;
    });
    return this.#kdf;
  }

  #lockIdle(): void {
    if (this.#session === null || this.#idleLockDue) return;
    // From this moment nothing is answered, though the lock itself takes its turn.
    this.#idleLockDue = true;
    this.lock('idle', 'daemon').catch((error: unknown) => this.parts.ports.log.error('auto-lock', { error }));
  }

  #leave(reason: LockReason): void {
    this.#session = null;
    this.parts.mirrors.locked();
    this.#idleLockDue = false;
    this.#lockReason = reason;
    this.#lockDetail = undefined;
    this.#autoLock.stop();
    for (const timer of this.#timers) timer.cancel();
    this.#timers = [];
  }

  /**
   * The HSM stops: nothing is done any more with a vault that is not what was written. Locked without a last entry of its own, because that would be written on top of what does
   * not verify; what was found enters the log of the locked vault.
   */
  #tampered(error: KeyholdError): void {
    const session = this.#session;
    if (session === null) return;
    const found = firstFinding(error);
    this.#leave('tampered');
    this.#lockDetail = error.message;
    session.close();
    this.#vault?.lockNow();
    this.#audit?.record(
      makeEvent(this.parts.ports, {
        action: 'hsm.tamper',
        actor: 'daemon',
        decision: 'denied',
        target: found.where,
        reason: `${found.what}: ${found.message}`,
      }),
    );
    this.parts.ports.log.error('the vault does not verify and has been locked', { error });
    this.parts.onTampered();
    this.parts.emit({ type: 'notice', level: 'error', message: error.message });
    this.exclusively(async () => {
      // Into the file at once: whoever changed it may not leave us much time.
      await this.#audit?.flush().catch((failed: unknown) => this.parts.ports.log.error('audit', { error: failed }));
      await this.keeper.replace();
    }).catch((failed: unknown) => this.parts.ports.log.error('the key process', { error: failed }));
    this.parts.onState();
  }

  #crashed(exit: HsmExit): void {
    const session = this.#session;
    if (session === null) return;
    this.#leave('hsm-crashed');
    session.close();
    this.#vault?.lockNow();
    const how = exit.signal ?? `status ${exit.code ?? 'unknown'}`;
    this.#audit?.record(
      makeEvent(this.parts.ports, {
        action: 'hsm.crash',
        actor: 'daemon',
        decision: 'denied',
        reason: `ended by ${how}`,
      }),
    );
    this.parts.emit({
      type: 'notice',
      level: 'error',
      message: 'The vault process ended unexpectedly, so the vault is locked. Nothing is lost: unlock it again.',
    });
    this.parts.onState();
  }

  #settingsChanged(): void {
    const minutes = this.autoLockMinutes() ?? DEFAULT_AUTO_LOCK_MINUTES;
    if (minutes === this.#minutes) return;
    this.#minutes = minutes;
    this.#autoLock.start(minutes);
    this.parts.onState();
  }

  async #withPatience(work: () => Promise<void>): Promise<void> {
    let timer: { cancel(): void } | undefined;
    const enough = new Promise<'late'>((resolve) => {
      timer = this.parts.ports.clock.setTimer(LOCK_PATIENCE_MS, () => resolve('late'));
    });
    try {
      const ended = await Promise.race([work(), enough]);
      if (ended === 'late') this.parts.ports.log.warn('the vault was locked without waiting any longer');
    } catch (error) {
      // Locking comes first; what could not be written is in the log.
      this.parts.ports.log.error('while locking', { error });
    } finally {
      timer?.cancel();
    }
  }
}

/** It is gone, but not its mirrors: nobody may make a new one in its place. */
function vaultLost(path: string): KeyholdError {
  return new KeyholdError('VaultLost', `The vault file ${path} is gone. Unlock, and it is rebuilt from a copy.`, {
    path,
  });
}

function firstFinding(error: KeyholdError): Finding {
  const findings = z.array(Finding.partial()).safeParse(error.details?.['findings']);
  const first = findings.success ? findings.data[0] : undefined;
  return {
    severity: 'error',
    where: first?.where ?? 'vault',
    what: first?.what ?? 'edited',
    message: first?.message ?? error.message,
  };
}

function notInitialized(): KeyholdError {
  return new KeyholdError('NotInitialized', 'There is no vault here yet. Make one with `keyhold init`.');
}
