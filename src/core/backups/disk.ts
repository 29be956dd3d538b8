import { KeyholdError } from '../../contract/errors.ts';
import { MirrorClient } from '../mirrors/client.ts';
import type { MirrorChannel, Ports } from '../ports.ts';
import type { BackupOperations } from './protocol.ts';

/** A thread that is not asked for so long is ended. */
const IDLE_MS = 60_000;

/**
 * The disk of a folder with backups, in a thread that may wait for it: a network share that is slow or hangs holds nothing else up. One that did not answer in time is not
 * asked again before its thread has come back from it, so that threads do not pile up.
 */
export class BackupDisk {
  readonly #clock: Ports['clock'];
  readonly #client: MirrorClient;
  #thread: MirrorChannel | null = null;
  /** Why the thread is not asked that has not come back yet. */
  #hung: KeyholdError | null = null;
  #idle: { cancel(): void } | null = null;
  #calls = 0;

  constructor({ clock, spawnMirror }: Pick<Ports, 'clock' | 'spawnMirror'>) {
    this.#clock = clock;
    this.#client = new MirrorClient(() => this.#start(spawnMirror), clock);
  }

  /** An earlier call has not come back from it. */
  get hangs(): boolean {
    return this.#hung !== null;
  }

  /** It has a thread, or is asked for something. */
  get inUse(): boolean {
    return this.hangs || this.#calls > 0 || this.#client.running;
  }

  /** Rejects with the operation's errors, and with `Timeout` after `patienceMs` or while an earlier call has not come back. */
  async call<O extends keyof BackupOperations>(
    op: O,
    input: BackupOperations[O][0],
    patienceMs: number,
  ): Promise<BackupOperations[O][1]> {
    this.#idle?.cancel();
    this.#calls += 1;
    try {
      return await this.#client.call(op, input, patienceMs);
    } catch (error) {
      if (!(error instanceof KeyholdError && error.code === 'Timeout')) throw error;
      throw this.#gaveUp(input.path, patienceMs, error);
    } finally {
      this.#calls -= 1;
      if (this.#calls === 0 && this.#client.running)
        this.#idle = this.#clock.setTimer(IDLE_MS, () => this.#client.end());
    }
  }

  /** Ends the thread; a call under way rejects. */
  end(): void {
    this.#client.end();
    this.#idle?.cancel();
  }

  #start(spawn: Ports['spawnMirror']): MirrorChannel {
    if (this.#hung !== null) throw this.#hung;
    const thread = spawn();
    this.#thread = thread;
    thread.onExit(() => {
      if (this.#thread !== thread) return;
      this.#thread = null;
      this.#hung = null;
    });
    return thread;
  }

  #gaveUp(path: string, patienceMs: number, cause: KeyholdError): KeyholdError {
    if (this.#hung !== null) return this.#hung;
    const seconds = Math.ceil(patienceMs / 1000);
    const time = seconds < 120 ? `${seconds} s` : `${Math.ceil(seconds / 60)} minutes`;
    const error = new KeyholdError(
      'Timeout',
      `The disk of ${path} did not answer within ${time}. Check it, or choose another folder for backups.`,
      { path },
      { cause },
    );
    if (this.#thread !== null) this.#hung = error;
    return error;
  }
}
