import { KeyholdError } from '../contract/errors.ts';
import { createHsmClient, type HsmClient, type HsmExit, type VersionedBlob } from './hsm/client.ts';
import type { Ports } from './ports.ts';

const MAX_WAIT_MS = 30_000;
/** A process that lived this long was well; the next crash waits from the beginning. */
const HEALTHY_MS = 60_000;

export interface HsmKeeperParts {
  ports: Ports;
  loadBlob(id: string): VersionedBlob;
  /** The HSM has found the unlocked vault changed from outside. */
  onTampered(error: KeyholdError): void;
  /** The process ended without having been told to; called before a new one is started. */
  onCrash(exit: HsmExit): void;
}

/** Sees to it that one HSM process is always running: a fresh one after each lock, and after a crash (with a growing wait when crashes follow each other). */
export class HsmKeeper {
  readonly #parts: HsmKeeperParts;
  #client: HsmClient | undefined;
  #startedAt = 0;
  #crashes = 0;
  #retry: { cancel(): void } | undefined;
  #stopped = false;

  constructor(parts: HsmKeeperParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#retry?.cancel();
    this.#retry = undefined;
    this.#startedAt = this.#parts.ports.clock.monotonic();
    const client = createHsmClient(this.#parts.ports.spawnHsm(), {
      loadBlob: (id) => this.#parts.loadBlob(id),
      onTampered: (error) => this.#parts.onTampered(error),
    });
    this.#client = client;
    client.onExit((exit) => this.#ended(client, exit));
  }

  /** The running process. Throws `HsmCrashed` while there is none. */
  client(): HsmClient {
    if (this.#client !== undefined) return this.#client;
    throw new KeyholdError('HsmCrashed', 'The vault process ended and is being started again. Try again in a moment.');
  }

  get running(): boolean {
    return this.#client !== undefined;
  }

  get pid(): number | undefined {
    return this.#client?.pid;
  }

  /** Ends the process, which is what purges its memory, and starts a fresh one. */
  async replace(): Promise<void> {
    const old = this.#client;
    this.#client = undefined;
    await old?.kill();
    if (!this.#stopped && this.#client === undefined) this.start();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#retry?.cancel();
    const old = this.#client;
    this.#client = undefined;
    await old?.kill();
  }

  #ended(client: HsmClient, exit: HsmExit): void {
    if (this.#client !== client || exit.expected) return;
    this.#client = undefined;
    const { clock, log } = this.#parts.ports;
    log.error('the HSM process ended unexpectedly', { code: exit.code, signal: exit.signal });
    this.#crashes = clock.monotonic() - this.#startedAt >= HEALTHY_MS ? 1 : this.#crashes + 1;
    this.#parts.onCrash(exit);
    if (this.#stopped) return;
    // At once after the first crash, then 0.5, 1, 2 … 30 s.
    const wait = this.#crashes === 1 ? 0 : Math.min(MAX_WAIT_MS, 500 * 2 ** (this.#crashes - 2));
    if (wait === 0) this.start();
    else this.#retry = clock.setTimer(wait, () => this.start());
  }
}
