import { randomBytes } from 'node:crypto';
import { KeyholdError } from '../../contract/errors.ts';
import type { Input, Result } from '../../contract/methods.ts';
import type { AuditEvent } from '../../contract/schemas.ts';
import type { Clock, Logger } from '../ports.ts';
import type { Vault } from '../vault/store.ts';
import { clipAuditEvent, requestsIn } from './entry.ts';
import { exportAudit } from './export-audit.ts';
import { listAudit } from './list-audit.ts';
import { chainPending } from './pending.ts';
import { verifyAudit } from './verify-audit.ts';

/** Events of one transaction: as many as a busy door has in 100 ms, so that it waits for the disk ten times a second and not forty. */
const BATCH = 256;
/** Longest time an event waits for others, in ms. */
const WAIT_MS = 100;
/** From here on `admit` makes callers wait. */
const HIGH_WATER = 1024;
/** What is beyond this is dropped and counted: only reached by callers that do not ask `admit`. */
const CAPACITY = 4096;

export interface AuditLogPorts {
  clock: Pick<Clock, 'setTimer' | 'now'>;
  log: Pick<Logger, 'error'>;
}

/**
 * The audit log of a vault. Vault changes enter with their own transaction (`Change.audit`); door requests are queued by `record`
 * and written in groups. While the vault is locked events go to `audit_pending`.
 */
export class AuditLog {
  readonly #vault: Vault;
  readonly #ports: AuditLogPorts;
  #queue: AuditEvent[] = [];
  #dropped = 0;
  #written = 0;
  #timer: { cancel(): void } | null = null;
  #flushing: Promise<void> | null = null;
  #failure: unknown = null;
  #waiting: (() => void)[] = [];

  constructor(vault: Vault, ports: AuditLogPorts) {
    this.#vault = vault;
    this.#ports = ports;
  }

  /** Events not yet written. */
  get backlog(): number {
    return this.#queue.length;
  }
  /** Why the last group could not be written (`DiskFull`, …); null when all is well. */
  get failure(): unknown {
    return this.#failure;
  }

  /** Queues an event. Never throws, never blocks; callers that can wait ask `admit` before they act. */
  record(event: AuditEvent): void {
    if (this.#queue.length >= CAPACITY) {
      this.#dropped += event.count ?? 1;
      return;
    }
    this.#queue.push(clipAuditEvent(event));
    if (this.#queue.length >= BATCH && this.#failure === null) this.#start();
    else this.#schedule();
  }

  /**
   * Resolves when there is room for another event, in the queue and on the disk. Rejects when the log cannot be written: what cannot
   * be recorded must not be done.
   */
  async admit(): Promise<void> {
    if (this.#failure !== null) await this.flush();
    this.#vault.reserve.take();
    while (this.#queue.length >= HIGH_WATER) {
      this.#start();
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
      if (this.#failure !== null) throw this.#failure;
    }
  }

  /** Writes what is queued by now. Rejects when it cannot be written; the events stay queued. */
  async flush(): Promise<void> {
    const target = this.#written + this.#queue.length;
    while (this.#written < target) {
      this.#start();
      await this.#flushing;
      if (this.#failure !== null) throw this.#failure;
    }
  }

  /** Writes what is queued for the last time. Never rejects: how much is lost, if anything, goes to the daemon's log. */
  async close(): Promise<void> {
    try {
      await this.flush();
    } catch (error) {
      const lost = requestsIn(this.#queue) + this.#dropped;
      this.#ports.log.error(`${lost} audit events could not be written and are lost`, { error });
    }
  }

  /**
   * Enters what was recorded while locked in the chain, where no change has done so since the unlock; answers how many entries that were. Whoever reads the log has them entered first.
   */
  async chainPending(): Promise<number> {
    return chainPending(this.#vault, new Date(this.#ports.clock.now()).toISOString());
  }

  async list(query: Input<'audit.list'>): Promise<Result<'audit.list'>> {
    await this.#settle();
    return listAudit(this.#vault, query);
  }

  async verify(): Promise<Result<'audit.verify'>> {
    await this.#settle();
    return verifyAudit(this.#vault);
  }

  async export(query: Input<'audit.export'>): Promise<Result<'audit.export'>> {
    await this.#settle();
    return exportAudit(this.#vault, query);
  }

  /** Reading works also while nothing can be written. */
  async #settle(): Promise<void> {
    await this.flush().catch(() => undefined);
    if (this.#vault.isLoaded) await this.chainPending().catch(() => undefined);
  }

  #schedule(): void {
    this.#timer ??= this.#ports.clock.setTimer(WAIT_MS, () => {
      this.#timer = null;
      this.#start();
    });
  }

  #start(): void {
    if (this.#flushing !== null || this.#queue.length === 0) return;
    this.#timer?.cancel();
    this.#timer = null;
    this.#flushing = this.#writeGroups().finally(() => {
      this.#flushing = null;
      for (const resume of this.#waiting.splice(0)) resume();
      if (this.#queue.length > 0) this.#schedule();
    });
  }

  async #writeGroups(): Promise<void> {
    do {
      const group = this.#queue.slice(0, BATCH);
      const noted = this.#dropped;
      const count = group.length;
      const last = group.at(-1);
      if (last === undefined) return;
      if (noted > 0) group.push(this.#droppedEvent(last, noted));
      try {
        await this.#write(group);
      } catch (error) {
        if (this.#failure === null) {
          const message = error instanceof Error ? error.message : 'unknown error';
          this.#ports.log.error('audit events could not be written', { message, backlog: this.#queue.length });
        }
        this.#failure = error;
        return;
      }
      this.#failure = null;
      this.#dropped -= noted;
      this.#written += count;
      this.#queue.splice(0, count);
      if (this.#queue.length < HIGH_WATER) for (const resume of this.#waiting.splice(0)) resume();
    } while (this.#queue.length >= BATCH);
  }

  async #write(group: readonly AuditEvent[]): Promise<void> {
    for (;;) {
      if (this.#vault.isLoaded) {
        try {
          await this.#vault.transact({ audit: group });
          return;
        } catch (error) {
          // The vault was locked (or its HSM ended) before the group was written: it goes where a locked vault's events go.
          if (!(error instanceof KeyholdError) || (error.code !== 'Locked' && error.code !== 'HsmCrashed')) throw error;
        }
      }
      if (await this.#vault.recordLocked(group)) return;
    }
  }

  #droppedEvent(like: AuditEvent, count: number): AuditEvent {
    return {
      id: randomBytes(16).toString('hex'),
      time: like.time,
      kind: 'change',
      action: 'audit.overflow',
      decision: 'denied',
      actor: 'daemon',
      reason: `${count} events were not recorded: the log could not be written fast enough`,
      count,
    };
  }
}

export function createAuditLog(vault: Vault, ports: AuditLogPorts): AuditLog {
  return new AuditLog(vault, ports);
}
