import { KeyholdError } from '../../contract/errors.ts';
import type { DaemonEvent } from '../../contract/events.ts';
import type { KeyRotation } from '../../contract/rekey.ts';
import { makeEvent } from '../draft.ts';
import type { Ports } from '../ports.ts';
import type { Session } from '../session.ts';
import { isUnfinished } from '../vault/keks.ts';
import { countOutdated, keysMadeAt, resealNext, retireKeks, verifyRecords } from '../vault/rekey.ts';
import { instant } from '../views.ts';

interface Running {
  session: Session;
  /** Records under the present keys. */
  done: number;
  work: Promise<void>;
}

/**
 * Seals the records of the unlocked vault anew after its keys were changed, until all of them are under the present ones and those before are gone. What there is to do is in
 * the vault: a lock, a crash or a full disk only puts it off.
 */
export class KeyRotations {
  readonly #ports: Ports;
  readonly #emit: (event: DaemonEvent) => void;
  #running: Running | null = null;
  #reason: string | undefined;

  constructor(ports: Ports, emit: (event: DaemonEvent) => void) {
    this.#ports = ports;
    this.#emit = emit;
  }

  progress(session: Session): KeyRotation {
    const { vault } = session;
    const total = vault.recordCount;
    const unfinished = isUnfinished(vault.keks());
    const running = this.#running?.session === session ? this.#running : null;
    const state = running !== null ? 'running' : unfinished ? 'stopped' : 'none';
    const done = state === 'none' ? total : Math.min(total, running?.done ?? total - countOutdated(vault));
    return {
      ...{ state, done, total, madeAt: instant(keysMadeAt(vault.keks())) },
      ...(state === 'stopped' && this.#reason !== undefined ? { reason: this.#reason } : {}),
    };
  }

  /** Begins, or goes on, unless it is under way or there is nothing to do. */
  continue(session: Session): void {
    const { vault } = session;
    if (!isUnfinished(vault.keks()) || this.#running?.session === session) return;
    const running: Running = { session, done: vault.recordCount - countOutdated(vault), work: Promise.resolve() };
    this.#running = running;
    this.#reason = undefined;
    running.work = this.#run(running)
      .catch((error: unknown) => this.#stopped(session, error))
      .finally(() => {
        if (this.#running === running) this.#running = null;
        if (!session.closed) this.#tell(session);
      });
  }

  /** Resolves when nothing is under way; never rejects. */
  async settled(): Promise<void> {
    await this.#running?.work;
  }

  async #run(running: Running): Promise<void> {
    const { session } = running;
    const { vault } = session;
    // What waits to be written was sealed under the keys before, which are about to go.
    await session.flushUsage();
    for (let over = false; !over; ) {
      for (let after: string | null = ''; after !== null; ) {
        const step = await resealNext(vault, after);
        running.done += step.count;
        after = step.after;
        this.#tell(session);
      }
      await verifyRecords(vault);
      await session.flushUsage();
      over = await this.#retire(session);
    }
  }

  /** Alone: what is being drafted may have sealed objects under the keys that go. */
  async #retire(session: Session): Promise<boolean> {
    const event = makeEvent(this.#ports, { action: 'vault.rotateKeys.done', actor: 'daemon' });
    const over = await session.write('daemon', async () => {
      const done = await retireKeks(session.vault, event);
      return () => done;
    }, []);
    if (over) this.#emit({ type: 'audit', event });
    return over;
  }

  #stopped(session: Session, error: unknown): void {
    // The next unlock goes on.
    if (session.closed) return;
    this.#reason =
      error instanceof KeyholdError ? error.message : 'Something went wrong; the daemon log has the details.';
    this.#ports.log.warn('records could not be sealed under the new keys yet', { error });
  }

  #tell(session: Session): void {
    if (!session.closed) this.#emit({ type: 'rekey', progress: this.progress(session) });
  }
}
