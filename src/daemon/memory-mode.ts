import type { Clock } from '../core/ports.ts';

/** How V8 is told what memory is for; spare-memory.ts. */
export interface MemorySwitch {
  /** Take what it wants. */
  spend(): void;
  /** Give back, and take little from now on. */
  spare(): void;
  /** Collect what has only just been used. */
  sweep(): void;
}

const WINDOW_MS = 1000;
/** Requests in a window that make the door busy: from here on their rate counts, and collecting garbage all the time would be a quarter of the work. */
const BUSY_REQUESTS = 100;
/** Windows below that, in a row, after which memory is given back. */
const QUIET_WINDOWS = 5;
/** Bytes of answers after which their buffers are collected: V8 itself lets 64 MiB of them lie, and a long download makes little else that it would collect for. */
const SWEEP_BYTES = 16 * 1024 * 1024;

/**
 * Spares memory except where it pays not to: while records are read after an unlock, and while the door is busy. Without requests it does nothing at all, not even wake up.
 * What bodies leave behind is collected as they pass.
 */
export class MemoryMode {
  readonly #clock: Pick<Clock, 'setTimer'>;
  readonly #memory: MemorySwitch;
  readonly #onBusy: (busy: boolean) => void;
  #reading = false;
  #busy = false;
  #requests = 0;
  #quiet = 0;
  #passed = 0;
  #timer: { cancel(): void } | null = null;

  /** `onBusy` hears when the door becomes busy and when it is quiet again. */
  constructor(clock: Pick<Clock, 'setTimer'>, memory: MemorySwitch, onBusy: (busy: boolean) => void) {
    this.#clock = clock;
    this.#memory = memory;
    this.#onBusy = onBusy;
  }

  /** The vault has been unlocked; its records are about to be read. */
  readingBegins(): void {
    this.#reading = true;
    this.#memory.spend();
  }

  readingEnds(): void {
    this.#reading = false;
    if (!this.#busy) this.#memory.spare();
  }

  /** A request has come to the door. */
  request(): void {
    this.#requests += 1;
    this.#timer ??= this.#clock.setTimer(WINDOW_MS, () => this.#judge());
  }

  /** So many bytes of an answer have been passed on. */
  passed(bytes: number): void {
    this.#passed += bytes;
    if (this.#passed < SWEEP_BYTES) return;
    this.#passed = 0;
    this.#memory.sweep();
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = null;
  }

  #judge(): void {
    this.#timer = null;
    const many = this.#requests >= BUSY_REQUESTS;
    this.#quiet = many ? 0 : this.#quiet + 1;
    this.#requests = 0;
    if (many && !this.#busy) {
      this.#busy = true;
      this.#memory.spend();
      this.#onBusy(true);
    } else if (this.#busy && this.#quiet >= QUIET_WINDOWS) {
      this.#busy = false;
      if (!this.#reading) this.#memory.spare();
      this.#onBusy(false);
    }
    if (this.#busy) this.#timer = this.#clock.setTimer(WINDOW_MS, () => this.#judge());
  }
}
